import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';
import { inspect } from 'node:util';
import { createClient } from '../../src/client/index.js';
import { AuthError, ConnectionError, DataError, ReadOnlyError, TimeoutError } from '../../src/core/errors.js';
import { type OpenOptions, open, type Redis } from '../../src/index.js';
import { findRedis, whyNoRedis } from '../../tools/redis-binary.js';
import { Ledger } from '../support/ledger.js';
import { freePort } from '../support/redis.js';
import { Replication } from '../support/replication.js';
import { until } from '../support/until.js';
import { outcome } from './settle.js';

const skip = (await findRedis()) === null ? whyNoRedis() : false;

describe('a failover pair', { skip }, () => {
  let pair: Replication;
  let opened: Redis[] = [];
  const dial = (options: OpenOptions = {}, hosts = pair.addresses): Redis => {
    const db = open(`redis://${hosts.join(',')}`, options);
    opened.push(db);
    return db;
  };

  beforeEach(async () => {
    pair = await Replication.start();
  });
  afterEach(async () => {
    for (const db of opened) db.destroy();
    opened = [];
    await pair.stop();
  });

  test('the primary is found wherever it stands in the list', async () => {
    const reversed = [...pair.addresses].reverse();
    for (const hosts of [pair.addresses, reversed, [`127.0.0.1:${await freePort()}`, ...reversed]]) {
      const db = dial({}, hosts);
      assert.equal(await db.set('k', hosts.join()), true);
      assert.equal(await pair.nodes[0]!.direct.get('k'), hosts.join());
    }
  });

  test('a host that is a replica names its primary, which need not be in the list', async () => {
    const db = dial({}, [pair.addresses[1]!, `127.0.0.1:${await freePort()}`]);
    assert.equal(await db.set('k', 'v'), true);
    assert.equal(await pair.nodes[0]!.direct.get('k'), 'v');
  });

  test('hosts may be given as objects, with a database', async () => {
    const hosts = pair.nodes.map(({ port }) => ({ host: '127.0.0.1', port, db: 3 }));
    const db = open('redis://', { hosts });
    opened.push(db);
    await db.set('k', 'v');
    assert.equal(
      await pair.nodes[0]!.direct.with({})
        .call('SELECT', 3)
        .then(
          () => true,
          () => false,
        ),
      true,
    );
    assert.equal(await pair.nodes[0]!.direct.get('k'), 'v');
  });

  test('ten changes of the primary under load: nothing acknowledged is lost, nothing is done twice', async (t) => {
    const db = dial({ timeout: 4000 });
    const writes = new Ledger(db, 'writes').start(20);
    const transactions = new Ledger(db, 'transactions', (redis, key, id) =>
      redis.multi().rpush(key, id).incr('count').exec(),
    ).start(5);
    const pipelines = new Ledger(db, 'pipelines', (redis, key, id) =>
      redis.pipeline().get('count').rpush(key, id).llen(key).exec(),
    ).start(5);
    const all = [writes, transactions, pipelines];
    for (let i = 0; i < 10; i++) {
      const before = writes.acknowledged.size;
      await pair.handOver(i % 2, (i + 1) % 2);
      await until(() => writes.acknowledged.size > before + 50);
    }
    await Promise.all(all.map((ledger) => ledger.stop()));
    for (const [i, key] of ['writes', 'transactions', 'pipelines'].entries()) {
      all[i]!.check(await pair.nodes[0]!.direct.lrange(key, 0, -1));
      t.diagnostic(`${key}: ${all[i]!.summary}`);
      // Every refusal came with the word that nothing was done, so that all was sent again.
      assert.deepEqual([all[i]!.failed.size, all[i]!.unclear.size], [0, 0], inspect(all[i]!.failed));
    }
    assert.equal(await pair.nodes[0]!.direct.get('count'), String(transactions.acknowledged.size));
  });

  test('commands given together keep their order over a change of the primary', async () => {
    const db = dial();
    await db.set('k', 'start');
    await pair.handOver(0, 1);
    const replies = await Promise.all(Array.from({ length: 200 }, (_, i) => db.append('k', `,${i}`)));
    assert.equal(replies.length, 200);
    assert.equal(await db.get('k'), `start,${Array.from({ length: 200 }, (_, i) => i).join()}`);
  });

  test('the part of a pipeline that was refused is sent again, the other part is not', async () => {
    const db = dial({ roleCheckInterval: 0 });
    await db.set('n', 1);
    await pair.handOver(0, 1);
    // PUBLISH is no write to a replica, which carries it out.
    const replies = await db.pipeline().publish('c', 'm').incr('n').get('n').exec();
    assert.deepEqual(replies, [0, 2, '2']);
  });

  test('a watched transaction begins anew at the new primary', async () => {
    const db = dial({ roleCheckInterval: 0 });
    await db.set('n', 5);
    let runs = 0;
    const done = db.transaction(async (watched) => {
      runs++;
      const n = Number(await watched.get('n'));
      if (runs === 1) await pair.handOver(0, 1);
      return await watched
        .multi()
        .set('n', n + 1)
        .exec();
    }, 'n');
    assert.deepEqual((await outcome(done)).value, [true]);
    assert.equal(runs, 2);
    assert.equal(await pair.nodes[1]!.direct.get('n'), '6');
  });

  test('a blocked command goes on blocking at the new primary', async () => {
    const db = dial();
    const popped = db.blpop(['queue'], 0);
    await until(async () => /blocked_clients:1/.test(String(await pair.nodes[0]!.direct.call('INFO', 'clients'))));
    await pair.handOver(0, 1);
    await until(async () => /blocked_clients:1/.test(String(await pair.nodes[1]!.direct.call('INFO', 'clients'))));
    await pair.nodes[1]!.direct.rpush('queue', 'job');
    assert.deepEqual((await outcome(popped)).value, ['queue', 'job']);
  });

  test('subscriptions move to the new primary, also when nothing is written', async () => {
    const db = dial({ roleCheckInterval: 50 });
    const heard: string[] = [];
    await db.subscribe('news', ({ payload }) => heard.push(payload));
    await db.ping();
    await pair.handOver(0, 1);
    await until(async () => (await pair.nodes[1]!.direct.pubsubNumsub({ channels: ['news'] }))[0]![1] === 1);
    await pair.nodes[1]!.direct.publish('news', 'hello');
    await until(() => heard.length > 0);
    assert.deepEqual(heard, ['hello']);
  });

  test('a client that only reads leaves a node that was made a replica', async () => {
    const db = dial({ roleCheckInterval: 50 });
    const moves: string[] = [];
    db.on('moved', (address) => moves.push(address));
    await db.get('k');
    await pair.handOver(0, 1);
    await until(() => moves.length > 0);
    assert.deepEqual(moves, [pair.addresses[1]]);
  });

  test('kill -9 of the primary under load: the promoted replica takes over', async (t) => {
    const closes: unknown[] = [];
    const db = dial({ onClose: (error) => closes.push(error) });
    const ledger = new Ledger(db, 'log', (redis, key, id) =>
      // The replica has it before it counts.
      redis
        .pipeline()
        .rpush(key, id)
        .call('WAIT', 1, 1000)
        .exec()
        .then(([, copies]) => {
          if (copies !== 1) throw new ConnectionError('not copied', { applied: 'maybe' });
        }),
    ).start(10);
    await until(() => ledger.acknowledged.size > 100);
    process.kill(pair.nodes[0]!.pid, 'SIGKILL');
    await until(() => !pair.nodes[0]!.alive());
    const read = outcome(db.get('log2'));
    await pair.nodes[1]!.direct.replicaof('NO', 'ONE');
    const start = performance.now();
    const write = await outcome(db.set('after', 'yes'));
    t.diagnostic(`the first write was done ${Math.round(performance.now() - start)} ms after the promotion`);
    assert.deepEqual([write.value, (await read).value], [true, null]);
    await ledger.stop();
    t.diagnostic(ledger.summary);
    ledger.check(await pair.nodes[1]!.direct.lrange('log', 0, -1));
    assert.ok(closes.length > 0 && closes[0] instanceof ConnectionError, 'onClose was told');
  });

  test('SIGSTOP of the primary: commands end by their deadlines, and the promoted replica takes over', async (t) => {
    const db = dial({ timeout: 600, discoveryTimeout: 200 });
    await db.set('k', 'v');
    process.kill(pair.nodes[0]!.pid, 'SIGSTOP');
    const [read, write] = await Promise.all([outcome(db.get('k'), 1000), outcome(db.set('k', 'w'), 1000)]);
    assert.ok(read.error instanceof TimeoutError && read.error.applied === 'no', inspect(read));
    assert.ok(write.error instanceof TimeoutError && write.error.applied === 'maybe', inspect(write));
    await pair.nodes[1]!.direct.replicaof('NO', 'ONE');
    const start = performance.now();
    await until(async () => (await outcome(db.set('k', 'x'), 1000)).value === true);
    t.diagnostic(`writes were taken again ${Math.round(performance.now() - start)} ms after the promotion`);
    process.kill(pair.nodes[0]!.pid, 'SIGCONT');
    assert.equal(await pair.nodes[1]!.direct.get('k'), 'x');
  });

  test('a blocked command does not outlive a primary that is gone', async () => {
    const db = dial({ timeout: 600, discoveryTimeout: 200 });
    const popped = outcome(db.blpop(['queue'], 0), 10_000);
    await until(async () => /blocked_clients:1/.test(String(await pair.nodes[0]!.direct.call('INFO', 'clients'))));
    process.kill(pair.nodes[0]!.pid, 'SIGSTOP');
    await pair.nodes[1]!.direct.replicaof('NO', 'ONE');
    await until(async () => (await outcome(db.set('k', 'x'), 1000)).value === true);
    const { error } = await popped;
    assert.ok(error instanceof ConnectionError && error.applied === 'maybe', inspect(error));
  });

  test('no primary: the error says what each host is, at the deadline', async () => {
    await pair.nodes[0]!.direct.replicaof('127.0.0.1', 1);
    const db = dial({ timeout: 400 });
    const { error } = await outcome(db.set('k', 'v'), 1000);
    assert.ok(error instanceof TimeoutError, inspect(error));
    assert.match(error.message, /no primary among 127\.0\.0\.1:\d+ is a replica of .*, 127\.0\.0\.1:\d+ is a replica/);
    assert.equal(error.applied, 'no');
  });

  test('nobody there: the error names all hosts', async () => {
    const hosts = [`127.0.0.1:${await freePort()}`, `127.0.0.1:${await freePort()}`];
    const { error } = await outcome(dial({ timeout: 300 }, hosts).get('k'), 1000);
    for (const host of hosts) assert.ok(error.message.includes(host), error.message);
    assert.match(error.message, /ECONNREFUSED/);
  });

  test('reads go to the replica that is asked for, writes never', async () => {
    for (const readFrom of ['preferReplica', 'replica'] as const) {
      const db = dial({ readFrom });
      await db.connect();
      await db.set('k', readFrom);
      await until(async () => (await pair.nodes[1]!.direct.get('k')) === readFrom);
      // A replica that is connected is known by what its own statistics say.
      await until(async () => (await served(1, 'get', () => db.get('k'))) === 1);
      assert.equal(await served(0, 'get', () => db.get('k')), 0);
      assert.equal(await served(1, 'get', () => db.pipeline().get('k').get('k').exec()), 2);
      assert.equal(await served(0, 'set', () => db.set('k', readFrom)), 1);
      assert.equal(await served(0, 'scan', () => db.scan(0)), 1, 'cursors belong to one node');
    }
  });

  test('a lost replica: the primary answers, or, if only a replica may, the error says that there is none', async () => {
    const prefer = dial({ readFrom: 'preferReplica' });
    const only = dial({ readFrom: 'replica', timeout: 500 });
    await prefer.connect();
    await prefer.set('k', 'v');
    await until(async () => (await served(1, 'get', () => prefer.get('k'))) === 1);
    await until(async () => (await only.get('k')) === 'v');
    const reads = Array.from({ length: 50 }, () => outcome(prefer.get('k')));
    process.kill(pair.nodes[1]!.pid, 'SIGKILL');
    for (const read of await Promise.all(reads)) assert.deepEqual(read, { value: 'v' });
    assert.equal(await prefer.get('k'), 'v');
    const { error } = await outcome(only.get('k'), 1000);
    assert.match(error.message, /no replica among/);
  });

  test('a replica that is made the primary is left for another replica', async () => {
    const db = dial({ readFrom: 'preferReplica', roleCheckInterval: 50 });
    await db.connect();
    await db.set('k', 'v');
    await until(async () => (await served(1, 'get', () => db.get('k'))) === 1);
    await pair.handOver(0, 1);
    await until(async () => (await served(0, 'get', () => db.get('k'))) === 1);
    assert.equal(await served(1, 'set', () => db.set('k', 'w')), 1);
  });

  test('a client of a single host gets READONLY as it is', async () => {
    const { redis } = createClient(pair.nodes[1]!.url);
    assert.ok((await outcome(redis.set('k', 'v'))).error instanceof ReadOnlyError);
    redis.destroy();
    assert.throws(() => createClient(pair.nodes[1]!.url, { readFrom: 'replica' }), DataError);
  });

  /** How many commands of a name a node carries out while `work` runs. */
  async function served(index: number, command: string, work: () => Promise<unknown>): Promise<number> {
    const calls = async (): Promise<number> => {
      const info = String(await pair.nodes[index]!.direct.call('INFO', 'commandstats'));
      return Number(new RegExp(`cmdstat_${command}:calls=(\\d+)`).exec(info)?.[1] ?? 0);
    };
    const before = await calls();
    await work();
    return (await calls()) - before;
  }
});

describe('a failover pair with a password', { skip }, () => {
  let pair: Replication;
  before(async () => {
    pair = await Replication.start({ password: 'secret' });
  });
  after(() => pair.stop());

  test('it is used for every host, and a wrong one is an error at once', async () => {
    const db = open(`redis://:secret@${pair.addresses.join(',')}`);
    assert.equal(await db.set('k', 'v'), true);
    await db.close();
    for (const user of ['', ':wrong@']) {
      const refused = open(`redis://${user}${pair.addresses.join(',')}`);
      const { error } = await outcome(refused.set('k', 'v'), 1000);
      assert.ok(error instanceof AuthError, inspect(error));
      assert.doesNotMatch(inspect(error), /wrong@|secret/);
      refused.destroy();
    }
  });
});
