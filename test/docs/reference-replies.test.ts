import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { commandTable } from '../../src/commands/table.js';
import { isOffered } from '../../src/commands/version.js';
import { findRedis } from '../../tools/redis-binary.js';
import {
  BASE_VERSION,
  isObservable,
  type Observed,
  observe,
  observeEngine,
} from '../../tools/reference/observed-replies.js';
import { type RunningServer, startRedis } from '../support/redis.js';

/** What the reference says of replies and errors on the wire is what a real redis-server answers to the same. */
const available = (await findRedis()) !== null;
const COMMANDS_MIN = 150;
/** Such replies, and errors that depend on them, may differ from run to run. */
const byChance = (tips: readonly string[] | undefined): boolean => tips?.includes('nondeterministic_output') ?? false;

describe('replies in the reference', { skip: available ? false : 'no redis-server' }, () => {
  let server: RunningServer;
  let real: ReadonlyMap<string, Observed>;
  let own: ReadonlyMap<string, Observed>;
  const specs = commandTable.all.filter((spec) => isObservable(spec) && isOffered(spec.since, BASE_VERSION));
  before(async () => {
    server = await startRedis();
    [real, own] = await Promise.all([observe(server.port, specs), observeEngine()]);
  });
  after(() => server?.stop());

  test(`at least ${COMMANDS_MIN} commands were seen to succeed`, () => {
    assert.ok(real.size >= COMMANDS_MIN, `only ${real.size}`);
    assert.deepEqual(
      [...real.keys()],
      specs.map(({ name }) => name).filter((name) => own.has(name)),
    );
  });

  for (const { name, tips } of specs) {
    test(name, () => {
      const [wanted, said] = [real.get(name), own.get(name)];
      if (wanted === undefined || said === undefined || !byChance(tips)) {
        assert.deepEqual(said, wanted);
        return;
      }
      assert.deepEqual({ two: said.resp2, three: said.resp3 }, { two: wanted.resp2, three: wanted.resp3 });
    });
  }
});
