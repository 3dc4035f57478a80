import { test } from 'node:test';
import { Random } from '../../src/core/random.js';
import { newFolder } from '../support/folder.js';
import { KillRounds, killModes } from './kill-rounds.js';

/** The long run is `npm run kill`. */
const ROUNDS = 3;

for (const mode of killModes) {
  test(`killed at random instants: ${mode}`, { timeout: 90_000 }, async (t) => {
    const folder = newFolder(t, 'kill');
    const rounds = new KillRounds(mode, folder, new Random(Date.now() % 0x1_0000_0000));
    let total = 0;
    let lost = 0;
    for (let i = 0; i < ROUNDS; i++) {
      const report = await rounds.round();
      total += report.acknowledged;
      lost += report.lost;
    }
    t.diagnostic(`${ROUNDS} kills, ${total} acknowledged writes, ${lost} lost`);
  });
}
