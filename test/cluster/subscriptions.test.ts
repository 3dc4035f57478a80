import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { keySlot } from '../../src/core/crc16.js';
import { open } from '../../src/index.js';
import { findRedis } from '../../tools/redis-binary.js';
import { TestCluster } from '../support/cluster.js';
import { until } from '../support/until.js';

const RECOVERY_MAX_MS = 60_000;

describe('subscriptions in a cluster', { skip: (await findRedis()) === null }, () => {
  let cluster: TestCluster;
  before(async () => {
    cluster = await TestCluster.start({ replicas: 1, nodeTimeout: 1000 });
  });
  after(() => cluster?.stop());

  /** How many connections of this name there are at all nodes together. */
  async function count(name: string): Promise<number> {
    const lists = await Promise.all(cluster.alive.map((node) => node.call('CLIENT', 'LIST')));
    return lists.reduce<number>((sum, list) => sum + String(list).split(` name=${name} `).length - 1, 0);
  }

  for (const protocol of [3, 2] as const) {
    it(`RESP${protocol}: ${protocol === 3 ? 'they go by the links of the commands' : 'each node has one connection for them'}`, async () => {
      const name = `subscriber${protocol}`;
      const db = open(cluster.url, { protocol, name });
      const keys = Array.from({ length: 60 }, (_, i) => `key:${i}`);
      await Promise.all(keys.map((key) => db.get(key)));
      const links = await count(name);
      assert.equal(links, 3);
      const heard: string[] = [];
      const gaps: string[] = [];
      const subscriber = {
        message: ({ payload }: { payload: string }) => heard.push(payload),
        gap: () => gaps.push('gap'),
      };
      await db.subscribe(['news', 'more'], subscriber);
      await db.subscribe('news', subscriber);
      await db.psubscribe('n*', subscriber);
      // A shard channel for each of the three primaries.
      const channels = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
      await db.ssubscribe(channels, subscriber);
      await db.publish('news', 'm');
      for (const channel of channels) await db.spublish(channel, channel);
      await until(() => heard.length === 3 + channels.length, 'all to be heard');
      const owners = new Set(await Promise.all(channels.map((channel) => cluster.primaryOf(keySlot(channel)))));
      assert.equal(owners.size, 3);
      assert.equal(await count(name), protocol === 3 ? links : links + 3);
      assert.deepEqual(
        await Promise.all(keys.map((key) => db.get(key))),
        keys.map(() => null),
      );

      const lost = await cluster.primaryOf(keySlot('a'));
      process.kill(lost.server.pid, 'SIGKILL');
      await until(async () => (await cluster.primaryOf(keySlot('a'))) !== lost, 'a new primary', RECOVERY_MAX_MS);
      await until(
        async () => {
          await db.spublish('a', 'again');
          return heard.includes('again') && gaps.length > 0;
        },
        'the shard channel to be heard again',
        RECOVERY_MAX_MS,
      );
      await until(async () => {
        await db.publish('news', 'anew');
        return heard.filter((payload) => payload === 'anew').length >= 3;
      }, 'the channel to be heard');
      await cluster.restart(lost);
      await cluster.agreed();
      await cluster.replicated();
      await db.close();
      await until(async () => (await count(name)) === 0, 'the connections to end');
    });
  }
});
