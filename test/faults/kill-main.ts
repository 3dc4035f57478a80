/** `npm run kill -- --times 200`: processes killed at random instants, in all modes by turns, with a report at the end. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Random } from '../../src/core/random.js';
import { KillRounds, killModes } from './kill-rounds.js';

const { values } = parseArgs({
  options: {
    times: { type: 'string', default: '200' },
    seed: { type: 'string', default: String(Date.now() % 2 ** 32) },
  },
});
const times = Number(values.times);
const random = new Random(Number(values.seed));
console.log(`${times} kills, seed ${values.seed}`);

for (const [i, mode] of killModes.entries()) {
  const folder = mkdtempSync(join(tmpdir(), 'keyspan-kill-'));
  const count = Math.floor((times + i) / killModes.length);
  const sum = { acknowledged: 0, lost: 0, busy: 0 };
  try {
    const rounds = new KillRounds(mode, folder, random);
    for (let n = 0; n < count; n++) {
      const report = await rounds.round();
      sum.acknowledged += report.acknowledged;
      sum.lost += report.lost;
      if (report.busy) sum.busy++;
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  console.log(
    `${mode}: ${count} kills, ${sum.busy} of them in a rewrite, ${sum.acknowledged} acknowledged writes, ${sum.lost} lost`,
  );
}
