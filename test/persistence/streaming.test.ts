import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { StreamingFigures } from '../../bench/persistence/streaming.js';
import { newFolder } from '../support/folder.js';

const program = fileURLToPath(new URL('../../bench/persistence/streaming.js', import.meta.url));
const run = promisify(execFile);

/** What a process may take beside the data: a window on the file, and garbage that is not collected yet. */
const BESIDE_MB_MAX = 64;
const DATA_MIB = 120;

test('a large snapshot is saved and loaded in pieces: memory beside the data stays small', async (t) => {
  if (!existsSync('/proc/self/clear_refs')) {
    t.skip('only Linux tells the most memory that a process took since some moment');
    return;
  }
  const folder = newFolder(t, 'streaming');
  const figures = async (mode: string): Promise<StreamingFigures> => {
    const args = ['--expose-gc', program, mode, join(folder, 'dump.rdb'), String(DATA_MIB)];
    return JSON.parse((await run(process.execPath, args)).stdout) as StreamingFigures;
  };
  const saved = await figures('save');
  const loaded = await figures('load');
  t.diagnostic(`saved: ${JSON.stringify(saved)}, loaded: ${JSON.stringify(loaded)}`);
  assert.ok(saved.file_mb > 95 && saved.data_mb > 110, 'as large as it should be');
  assert.ok(Math.abs(loaded.data_mb - saved.data_mb) < saved.data_mb * 0.05, 'the same data');
  const besideSaved = saved.peak_mb - saved.before_mb;
  const besideLoaded = loaded.peak_mb - loaded.before_mb - loaded.data_mb;
  assert.ok(besideSaved < BESIDE_MB_MAX, `${besideSaved.toFixed(0)} MB beside the data while it was saved`);
  assert.ok(besideLoaded < BESIDE_MB_MAX, `${besideLoaded.toFixed(0)} MB beside the data while it was loaded`);
});
