import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { keySlot } from '../../src/core/crc16.js';
import { ReplyError, WatchError } from '../../src/core/errors.js';
import { open, type Redis } from '../../src/index.js';
import { findRedis } from '../../tools/redis-binary.js';
import { TestCluster } from '../support/cluster.js';
import { until } from '../support/until.js';
import { Ledger } from './ledger.js';

/** How many slots are moved under load; CLUSTER_MOVES asks for more. */
const MOVES = Number(process.env.CLUSTER_MOVES ?? 20);
const IN_FLIGHT = 1000;
const TAGS = ['one', 'two', 'three', 'four', 'five'];

describe('slots that move', { skip: (await findRedis()) === null }, () => {
  let cluster: TestCluster;
  let db: Redis;
  before(async () => {
    cluster = await TestCluster.start({ replicas: 0 });
    db = open(cluster.url);
  });
  after(async () => {
    db?.destroy();
    await cluster?.stop();
  });

  /** A primary that does not serve the slot. */
  const otherThan = async (slot: number) => {
    const owner = await cluster.primaryOf(slot);
    return cluster.nodes.find((node) => node !== owner)!;
  };

  it(`${MOVES} moves with ${IN_FLIGHT} writes in flight lose none and answer none twice`, async (t) => {
    const keys = TAGS.flatMap((tag) => Array.from({ length: IN_FLIGHT / TAGS.length }, (_, i) => `{${tag}}${i}`));
    const ledger = new Ledger(db, keys).start();
    t.after(() => ledger.stop());
    for (let move = 0; move < MOVES; move++) {
      const slot = keySlot(TAGS[move % TAGS.length]!);
      const at = ledger.acknowledged;
      // Each stage lasts until the load has been through it.
      await cluster.moveSlot(slot, await otherThan(slot), async () => {
        const stage = ledger.acknowledged;
        await until(() => ledger.acknowledged > stage + 200, 'writes to go on');
      });
      await until(() => ledger.acknowledged > at + IN_FLIGHT, 'writes to go on');
    }
    await ledger.stop();
    assert.deepEqual(await ledger.wrong(), []);
    assert.deepEqual(ledger.errors, new Map());
    const { redirects, refreshes } = db.stats();
    assert.ok(Number(redirects) >= MOVES, `${redirects} redirections`);
    assert.ok(Number(refreshes) < MOVES * 20, `${refreshes} looks at who serves what`);
    t.diagnostic(
      `${ledger.acknowledged} writes, slowest ${ledger.slowest.toFixed(0)} ms, ${redirects} redirections, ${refreshes} looks`,
    );
  });

  it('pipelines, transactions, many keys and blocked commands follow a slot', async () => {
    const slot = keySlot('tag');
    const to = await otherThan(slot);
    const waiting = db.blpop('{tag}queue', 20);
    await until(async () => {
      const { blocked } = {
        blocked: await Promise.all(cluster.nodes.map((node) => node.db.info({ sections: ['clients'] }))),
      };
      return blocked.some(({ clients }) => clients!.blocked_clients === '1');
    }, 'it to block');
    await db.mset({ '{tag}a': 1, '{tag}b': 2 });
    let stages = 0;
    const both: Promise<unknown>[] = [];
    await cluster.moveSlot(slot, to, async () => {
      stages++;
      // Keys at two nodes: a command for both waits until they are together again.
      both.push(db.mget('{tag}a', '{tag}none'));
      assert.deepEqual(await db.pipeline().get('{tag}a').get('other').get('{tag}b').exec(), ['1', null, '2']);
      assert.deepEqual(await db.multi().set('{tag}new', stages).get('{tag}new').exec(), [true, `${stages}`]);
    });
    assert.ok(stages > 1);
    assert.deepEqual(
      await Promise.all(both),
      both.map(() => ['1', null]),
    );
    assert.deepEqual(await db.multi().get('{tag}a').get('{tag}new').exec(), ['1', `${stages}`]);
    await db.rpush('{tag}queue', 'job');
    assert.deepEqual(await waiting, ['{tag}queue', 'job']);
    assert.equal(await db.eval("return redis.call('GET', KEYS[1])", ['{tag}a']), '1');
  });

  it('a watched slot that moves starts the transaction over', async () => {
    const slot = keySlot('w');
    await db.set('w', 1);
    let attempts = 0;
    const done = await db.transaction(async (watched) => {
      const value = Number(await watched.get('w'));
      if (++attempts === 1) await cluster.moveSlot(slot, await otherThan(slot));
      return await watched
        .multi()
        .set('w', value + 1)
        .exec();
    }, 'w');
    assert.deepEqual([done, attempts], [[true], 2]);
    assert.equal(await db.get('w'), '2');
    await assert.rejects(
      db.transaction(async () => {
        throw new WatchError('mine', {});
      }, 'w'),
      WatchError,
    );
  });

  it('a scan misses no key that is there all the time, though slots move', async () => {
    await db.flushall();
    const keys = Array.from({ length: 2000 }, (_, i) => `k:${i}`);
    await db.mset(Object.fromEntries(keys.map((key) => [key, 1])));
    const slots = [...new Set(keys.map(keySlot))];
    const seen = new Set<string>();
    let pages = 0;
    let cursor = '0';
    do {
      const [next, page] = await db.scan(cursor, { count: 100 });
      for (const key of page) seen.add(key);
      cursor = next;
      // Backwards: to where the scan has been, and will not come again.
      if (pages++ % 4 === 0 && pages < 40) {
        const slot = slots[(pages * 37) % slots.length]!;
        await cluster.moveSlot(slot, await otherThan(slot));
      }
      assert.ok(pages < 5000, 'the scan should end');
    } while (cursor !== '0');
    assert.equal(seen.size, keys.length);
  });

  it('shard channels are heard at their new node, after a gap', async () => {
    const heard: string[] = [];
    const gaps: unknown[] = [];
    const stream = db.messages({ shardChannels: ['shard'] });
    await stream.ready();
    const reading = (async () => {
      for await (const { payload, gap } of stream) {
        heard.push(payload);
        if (gap !== undefined) gaps.push(gap);
        if (payload === 'last') break;
      }
    })();
    assert.equal(await db.spublish('shard', 'first'), 1);
    const slot = keySlot('shard');
    await cluster.moveSlot(slot, await otherThan(slot));
    await until(async () => (await db.spublish('shard', 'again')) === 1, 'the channel to be heard again');
    await db.spublish('shard', 'last');
    await reading;
    assert.equal(heard[0], 'first');
    assert.ok(heard.includes('again'));
    assert.deepEqual(gaps, ['reconnect']);
  });

  it('slots that nobody serves are named at once, the others go on', async () => {
    const bare = await TestCluster.start({
      replicas: 0,
      primaries: 3,
      args: ['--cluster-require-full-coverage', 'no'],
    });
    const client = open(bare.url, { timeout: 60_000 });
    try {
      await client.set('a', 1);
      const slot = keySlot('gone');
      const owner = await bare.primaryOf(slot);
      for (const node of bare.nodes) await node.call('CLUSTER', 'DELSLOTS', slot);
      const began = performance.now();
      await assert.rejects(client.get('gone'), (error) => {
        assert.ok(error instanceof ReplyError);
        assert.match(error.message, new RegExp(`^CLUSTERDOWN .*${slot}`));
        return true;
      });
      assert.ok(performance.now() - began < 20_000, 'it did not wait for its deadline');
      await assert.rejects(client.pipeline().get('gone').get('a').exec());
      await assert.rejects(client.blpop('gone', 1), /CLUSTERDOWN/);
      assert.equal(await client.get('a'), '1');
      await owner.call('CLUSTER', 'ADDSLOTS', slot);
      await until(async () => (await client.get('gone').catch(() => '')) === null, 'the slot to be served');
    } finally {
      client.destroy();
      await bare.stop();
    }
  });

  it('nodes that come and go are found', async () => {
    const added = await cluster.add();
    const slot = keySlot('traveller');
    await db.set('traveller', 'old');
    await cluster.moveSlot(slot, added);
    assert.equal(await db.get('traveller'), 'old');
    await until(() => db.nodes.has(added.name), 'the node to be known');
    const [back] = cluster.nodes;
    await cluster.moveSlot(slot, back!);
    await db.set('traveller', 'new');
    for (const node of cluster.nodes) if (node !== added) await node.call('CLUSTER', 'FORGET', added.id);
    await until(async () => {
      await db.get('traveller');
      return !db.nodes.has(added.name);
    }, 'the node to be forgotten');
    assert.equal(await db.get('traveller'), 'new');
  });

  it('a node whose address changes is found at its new one', async () => {
    const node = await cluster.primaryOf(keySlot('mover'));
    await db.set('mover', 'old');
    const before = node.name;
    await cluster.relocate(node);
    assert.notEqual(node.name, before);
    await until(() => db.with({ timeout: 2000 }).set('mover', 'new'), 'the node to be found');
    assert.equal(await node.db.get('mover'), 'new');
    assert.ok(db.nodes.has(node.name) && !db.nodes.has(before));
  });
});
