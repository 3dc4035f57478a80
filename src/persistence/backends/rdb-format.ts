import { loadSnapshot } from '../../engine/rdb/load-snapshot.js';
import { Snapshot } from '../../engine/rdb/snapshot.js';
import type { ByteFormat } from './byte-backend.js';

/** Redis' own file format: servers from 7.0 on load it; files from 2.8 on can be read. */
export const rdbFormat: ByteFormat = {
  extension: 'rdb',
  encode: (engine) => new Snapshot(engine, { still: true }).chunks(),
  decode(engine, chunks, progress) {
    engine.saver.install(loadSnapshot(engine, chunks, progress === undefined ? {} : { progress }));
  },
};
