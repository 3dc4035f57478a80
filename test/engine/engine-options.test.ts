import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { DataError } from '../../src/core/errors.js';
import { embedded } from '../../src/embedded.js';
import { type OpenOptions, open } from '../../src/index.js';
import { newFolder } from '../support/folder.js';

const wrong: readonly (readonly [options: object, message: RegExp])[] = [
  [{ databases: 0 }, /^databases: expected an integer from 1 to \d+, not 0$/],
  [{ databases: 1.5 }, /not 1\.5$/],
  [{ databases: '16' }, /^databases: expected an integer/],
  [{ clock: 'stopped' }, /^clock: expected 'system', 'manual', 'app' or an object with now\(\), not stopped$/],
  [{ clock: { time: () => 0 } }, /^clock: expected/],
  [{ clock: null }, /^clock: expected/],
  [{ seed: Number.NaN }, /^seed: expected a number, not NaN$/],
  [{ serverVersion: '6.2' }, /^serverVersion: expected one of 7\.0, .*, not 6\.2$/],
];

for (const [options, message] of wrong) {
  test(`${JSON.stringify(options)} is refused before anything is made`, (t) => {
    const given = options as OpenOptions;
    const folder = join(newFolder(t, 'options'), 'data');
    const ways = [() => open('memory:', given), () => open(`file:${folder}`, given), () => embedded(given as object)];
    for (const way of ways)
      assert.throws(
        way,
        (error) => error instanceof DataError && message.test(error.message) && error.applied === 'no',
      );
    assert.equal(existsSync(folder), false);
  });
}

test('what they allow is what the engine has', async () => {
  await using db = open('memory:', { databases: 3, seed: -1.5, clock: { now: () => 5000 }, serverVersion: '7.2' });
  assert.equal(Number((await db.configGet('databases')).databases), 3);
  assert.equal((await db.info({ sections: ['server'] })).server?.redis_version, '7.2.10');
  assert.deepEqual(await db.time(), [5, 0]);
});
