import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { clientTable } from '../../src/commands/table.js';
import { findRedis } from '../../tools/redis-binary.js';
import { isObservable, type Observed } from '../../tools/reference/observed-replies.js';
import { isOfBase, observeEngineScenes, observeScenes, scenesOn } from '../../tools/reference/observed-scenes.js';
import { recordedReplies } from '../../tools/reference/recorded-replies.js';
import { busScenes, scenes, sentinelScenes } from '../../tools/reference/scenes.js';
import { type RunningServer, startRedis } from '../support/redis.js';
import { Replication, Sentinels } from '../support/replication.js';

/**
 * What the reference says of replies and errors of commands about servers, connections, scripts, clusters and Sentinels
 * is what real ones answer to the same.
 */
const available = (await findRedis()) !== null;
/** They end the connection or turn it into a stream, or their subcommands are not those of other servers. */
const notAsked = ['DEBUG', 'PSYNC', 'SHUTDOWN', 'SYNC'];

test('every command of the table is asked somewhere', () => {
  const known = new Set([...Object.keys(scenes), ...Object.keys(busScenes), ...Object.keys(sentinelScenes)]);
  const missing = clientTable.all
    .filter((spec) => !isObservable(spec) && !(spec.container && spec.arity === -2))
    .map(({ name }) => name)
    .filter((name) => !known.has(name));
  assert.deepEqual(missing.sort(), notAsked);
});

test('every other command has lines about its replies or errors in the reference', () => {
  const pages = readdirSync('docs/reference').map((file) => readFileSync(`docs/reference/${file}`, 'utf8'));
  for (const name of Object.keys({ ...scenes, ...busScenes, ...sentinelScenes })) {
    const sections = pages.flatMap((page) => page.split('\n## ')).filter((section) => section.startsWith(`${name}\n`));
    assert.equal(sections.length, 1, name);
    assert.match(sections[0]!, /^- (?:Replies|RESP2|Errors): /m, name);
  }
});

describe('scenes in the reference', { skip: available ? false : 'no redis-server' }, () => {
  const stops: (() => Promise<void>)[] = [];
  const real = new Map<string, Observed>();
  let own: ReadonlyMap<string, Observed>;
  const started = async (args: string[]): Promise<RunningServer> => {
    const server = await startRedis({ args });
    stops.push(() => server.stop());
    return server;
  };
  const note = (seen: ReadonlyMap<string, Observed>): void => {
    for (const [name, observed] of seen) real.set(name, observed);
  };

  before(async () => {
    own = new Map([...(await observeEngineScenes()), ...recordedReplies()]);
    note(await observeScenes((await started([])).port, scenesOn('server', isOfBase)));
    const node = await started(['--cluster-enabled', 'yes']);
    note(await observeScenes(node.port, scenesOn('cluster', isOfBase)));
    // Last: it waits for nodes that are not there from then on.
    note(await observeScenes(node.port, busScenes));
    const group = await Replication.start();
    stops.push(() => group.stop());
    const sentinels = await Sentinels.start(group, { count: 2 });
    stops.push(() => sentinels.stop());
    note(await observeScenes(sentinels.nodes[0]!.port, sentinelScenes));
  });
  after(async () => {
    for (const stop of stops.reverse()) await stop();
  });

  for (const name of Object.keys({ ...scenes, ...busScenes, ...sentinelScenes })) {
    // What the server lacks has nothing to be compared with.
    if (!(name in busScenes || name in sentinelScenes || isOfBase(name))) continue;
    test(name, () => {
      assert.deepEqual(own.get(name), real.get(name));
    });
  }
});
