import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { inspect, isDeepStrictEqual } from 'node:util';
import { BlockingConnectionPool, ClientBackend, createClient } from '../../src/client/index.js';
import { commands } from '../../src/commands/table.js';
import { ClosedError, QueueFullError, type ReplyError, TimeoutError } from '../../src/core/errors.js';
import { ErrorReply, type PushReply } from '../../src/core/reply.js';
import { open } from '../../src/index.js';
import { findRedis, whyNoRedis } from '../../tools/redis-binary.js';
import { type Answer, FakeServer } from '../support/fake-server.js';
import { type RunningServer, startRedis } from '../support/redis.js';
import { until } from '../support/until.js';
import { outcome } from './settle.js';

const skip = (await findRedis()) === null ? whyNoRedis() : false;

describe('subscriptions share the connection of commands', { skip }, () => {
  let server: RunningServer;
  before(async () => {
    server = await startRedis();
  });
  after(() => server.stop());

  /** How many connections of this name the server has. */
  async function count(url: string, name: string): Promise<number> {
    await using direct = open(url);
    return String(await direct.call('CLIENT', 'LIST')).split(` name=${name} `).length - 1;
  }

  for (const [protocol, connections] of [
    [3, 1],
    [2, 2],
  ] as const) {
    test(`RESP${protocol}: ${connections} for commands and all subscribers together`, async () => {
      const name = `counted${protocol}`;
      const db = open(server.url, { protocol, name });
      const first = await db.subscribe('c', () => {});
      const second = await db.psubscribe('p*', () => {});
      const stream = db.messages('c', { shardChannels: 's' });
      await stream.ready();
      const pubsub = db.pubsub();
      await pubsub.subscribe('c', 'd');
      assert.equal(await db.ping(), 'PONG');
      assert.equal(await db.echo('e'), 'e');
      assert.equal(await count(server.url, name), connections);
      assert.equal((db.stats() as { connections: number }).connections, connections);
      assert.deepEqual(await db.call('PUBSUB', 'NUMSUB', 'c', 'd'), ['c', 1, 'd', 1]);
      // As many hear a message as ever did; the server counts one.
      assert.equal(await db.publish('c', 'x'), 1);
      assert.equal((await stream.next()).value?.payload, 'x');
      first.close();
      second.close();
      await stream.return();
      await pubsub.close();
      await until(async () => String(await db.call('PUBSUB', 'NUMSUB', 'c')) === 'c,0');
      // What the pool had lent it has again.
      const lendable = { inUse: 0, opening: 0, idle: connections - 1, waiting: 0, maxConnections: 1000 };
      await until(() => isDeepStrictEqual((db.stats() as { pool: object }).pool, lendable));
      assert.equal(await count(server.url, name), connections);
      await db.close();
      await until(async () => (await count(server.url, name)) === 0);
    });
  }

  test('a server without HELLO: two', async () => {
    const old = await startRedis({ args: ['--rename-command', 'HELLO', '""'] });
    try {
      await using db = open(old.url, { name: 'old' });
      const heard: string[] = [];
      const subscription = await db.subscribe('c', ({ payload }) => heard.push(payload));
      await Promise.all([db.psubscribe('*', () => {}), db.subscribe('d', () => {}), db.get('k')]);
      assert.equal(await count(old.url, 'old'), 2);
      await db.publish('c', 'm');
      await until(() => heard.length === 1);
      subscription.close();
    } finally {
      await old.stop();
    }
  });

  test('shared pools give nothing for it', async () => {
    const pool = BlockingConnectionPool.fromUrl(server.url, { maxConnections: 1, timeout: 100 });
    const clients = [createClient(server.url, { pool }), createClient(server.url, { pool })];
    const heard: string[] = [];
    for (const { redis } of clients) await redis.subscribe('pooled', ({ payload }) => heard.push(payload));
    const [first, second] = clients.map(({ redis }) => redis);
    const popped = first!.blpop('q', 5);
    await second!.rpush('q', 'v');
    assert.deepEqual(await popped, ['q', 'v']);
    await second!.publish('pooled', 'm');
    await until(() => heard.length === 2);
    assert.deepEqual([pool.lent, pool.idle], [0, 1]);
    for (const { redis } of clients) await redis.close();
    pool.disconnect();
  });

  test('what a client hears of its own commands breaks none of their replies', async () => {
    await using db = open(server.url);
    await db.configSet('notify-keyspace-events', 'KEA');
    const heard: string[] = [];
    await db.psubscribe('__keyspace@0__:*', ({ channel, payload }) => heard.push(`${channel.slice(15)} ${payload}`));
    await db.subscribe('self', ({ payload }) => heard.push(payload));
    await db.set('brief', '1', { px: 1 });
    await db.set('long', '2');
    const pttl = db.pttl('brief');
    await until(async () => (await db.pttl('brief')) < 0);
    await pttl;
    await db.set('brief', '1', { px: 1 });
    const end = performance.now() + 5;
    while (performance.now() < end);
    // The server writes each of these messages into the middle of an array.
    assert.deepEqual(await db.mget('brief', 'long'), [null, '2']);
    assert.deepEqual(await db.multi().set('a', '1').publish('self', 'in EXEC').get('a').exec(), [true, 1, '1']);
    await db.zadd('z', { a: 1, b: 2 });
    assert.deepEqual(await db.call('ZPOPMIN', 'z', 2), [
      ['a', 1],
      ['b', 2],
    ]);
    assert.deepEqual(await db.pipeline().rpush('l', 'x', 'y').call('LMPOP', 1, 'l', 'LEFT', 'COUNT', 2).exec(), [
      2,
      ['l', ['x', 'y']],
    ]);
    assert.equal(await db.eval("return redis.call('publish', 'self', 'in a script')", []), 1);
    assert.equal(await db.echo('last'), 'last');
    for (const wanted of ['brief expired', 'in EXEC', 'z zpopmin', 'in a script'])
      assert.ok(heard.includes(wanted), wanted);
    await db.configSet('notify-keyspace-events', '');
  });

  test('each caller has its own answer: confirmations, refusals and replies in one stream', async () => {
    await using admin = open(server.url);
    await admin.call('ACL', 'SETUSER', 'some', 'on', '>p', '~*', '+@all', 'resetchannels', '&ok*');
    await using db = open(server.url, { username: 'some', password: 'p' });
    const pubsub = db.pubsub();
    const answers = await Promise.all([
      outcome(db.echo('1')),
      outcome(pubsub.subscribe('ok1', 'ok2')),
      outcome(pubsub.subscribe('ok3', 'secret')),
      outcome(db.echo('2')),
      outcome(db.subscribe('secret', () => {})),
      outcome(db.subscribe(['ok1', 'ok4'], () => {})),
      outcome(pubsub.psubscribe('*')),
      outcome(db.echo('3')),
      outcome(db.call('NOSUCH')),
      outcome(pubsub.unsubscribe('ok2', 'never')),
      outcome(db.echo('4')),
    ]);
    const told = answers.map(({ value, error }) => error?.code ?? (typeof value === 'string' ? value : 'done'));
    assert.deepEqual(told, ['1', 'done', 'NOPERM', '2', 'NOPERM', 'done', 'NOPERM', '3', 'ERR', 'done', '4']);
    const events: unknown[] = [];
    for (let event = await pubsub.getMessage(); event !== null; event = await pubsub.getMessage())
      events.push(`${event.type} ${event.channel} ${event.data}`);
    assert.deepEqual(events, ['subscribe ok1 1', 'subscribe ok2 2', 'unsubscribe ok2 1', 'unsubscribe never 1']);
    assert.deepEqual(await db.call('PUBSUB', 'NUMSUB', 'ok1', 'ok2', 'ok3', 'ok4', 'secret'), [
      ...['ok1', 1, 'ok2', 0, 'ok3', 0],
      ...['ok4', 1, 'secret', 0],
    ]);
    await admin.call('ACL', 'DELUSER', 'some');
  });

  test('unsubscribing: all, none, what another still hears, and what another is about to hear', async () => {
    await using db = open(server.url);
    const [a, b] = [db.pubsub(), db.pubsub()];
    await a.subscribe('x', 'y');
    const events = async (pubsub: typeof a): Promise<string[]> => {
      const seen: string[] = [];
      for (let event = await pubsub.getMessage(); event !== null; event = await pubsub.getMessage())
        seen.push(`${event.type} ${event.channel} ${event.data}`);
      return seen;
    };
    // Given together: what is subscribed to is what is left, whatever the order of the answers.
    await Promise.all([b.subscribe('x'), a.unsubscribe('x'), b.subscribe('z'), b.unsubscribe('z'), b.subscribe('w')]);
    assert.deepEqual(await db.call('PUBSUB', 'NUMSUB', 'w', 'x', 'y', 'z'), ['w', 1, 'x', 1, 'y', 1, 'z', 0]);
    assert.deepEqual(await events(a), ['subscribe x 1', 'subscribe y 2', 'unsubscribe x 1']);
    assert.deepEqual(await events(b), ['subscribe x 1', 'subscribe z 2', 'unsubscribe z 1', 'subscribe w 2']);
    await db.publish('x', 'for b');
    assert.deepEqual([await events(a), await events(b)], [[], ['message x for b']]);
    await a.unsubscribe();
    await a.unsubscribe();
    await a.punsubscribe();
    assert.deepEqual(await events(a), ['unsubscribe y 0', 'unsubscribe null 0', 'punsubscribe null 0']);
    await b.ssubscribe('s1', 's2');
    await b.sunsubscribe();
    assert.deepEqual(await events(b), ['ssubscribe s1 1', 'ssubscribe s2 2', 'sunsubscribe s1 1', 'sunsubscribe s2 0']);
    await b.close();
    await until(async () => ((await db.call('PUBSUB', 'CHANNELS')) as unknown[]).length === 0);
  });

  test('a slow reader costs messages, not replies', async () => {
    await using db = open(server.url);
    await using other = open(server.url);
    const slow = db.messages('fast', { buffer: 10 });
    await slow.ready();
    const payload = 'm'.repeat(100);
    for (let i = 0; i < 20; i++) {
      const sent = Array.from({ length: 250 }, () => other.publish('fast', payload));
      assert.deepEqual(await Promise.all([db.echo(`${i}`), ...sent]), [`${i}`, ...sent.map(() => 1)]);
    }
    await until(() => slow.dropped === 4990);
    const { value } = await slow.next();
    assert.deepEqual([value?.payload, value?.gap], [payload, 'overflow']);
  });

  test('one that may hear its channel no longer is told so; the others go on', async () => {
    await using admin = open(server.url);
    const rules = ['on', '>p', '~*', '+@all', 'resetchannels', '&keep*'];
    await admin.call('ACL', 'SETUSER', 'less', ...rules, '&lose');
    await using db = open(server.url, { username: 'less', password: 'p' });
    const heard: unknown[] = [];
    const subscriber = (name: string): object => ({
      message: ({ payload }: { payload: string }) => heard.push(`${name} ${payload}`),
      gap: () => heard.push(`${name} gap`),
      end: (error: ReplyError | null) => heard.push(`${name} ${error?.code}`),
    });
    await db.subscribe(['keep1', 'keep2'], subscriber('kept') as never);
    await db.subscribe('lose', subscriber('lost') as never);
    // The server ends connections that hear what their user may not.
    await admin.call('ACL', 'SETUSER', 'less', 'resetchannels', '&keep*');
    await until(() => heard.length === 2);
    assert.deepEqual(heard, ['lost NOPERM', 'kept gap']);
    await admin.publish('keep2', 'm');
    await until(() => heard.length === 3);
    assert.equal(heard[2], 'kept m');
    await admin.call('ACL', 'DELUSER', 'less');
  });

  test('client-side caching on the same connection: both work, and both are back after a loss', async () => {
    await using other = open(server.url);
    await using db = open(server.url, { cache: true, name: 'both', reconnect: { base: 5 } });
    const heard: unknown[] = [];
    await db.subscribe('c', { message: ({ payload }) => heard.push(payload), gap: () => heard.push('gap') });
    const cached = (): Record<string, number> => (db.stats() as { cache: Record<string, number> }).cache;
    for (let round = 1; round <= 3; round++) {
      await other.set('k', `${round}`);
      await until(async () => (await db.get('k')) === `${round}`);
      const hits = cached().hits!;
      assert.equal(await db.get('k'), `${round}`);
      assert.equal(cached().hits, hits + 1);
      await other.publish('c', `${round}`);
      await until(() => heard.includes(`${round}`));
      assert.equal(await count(server.url, 'both'), 1);
      const gaps = heard.filter((item) => item === 'gap').length;
      await other.call('CLIENT', 'KILL', 'TYPE', 'pubsub');
      await until(() => heard.filter((item) => item === 'gap').length === gaps + 1);
    }
    assert.deepEqual(heard, ['1', 'gap', '2', 'gap', '3', 'gap']);
  });

  test('close ends subscribers, destroy too', async () => {
    for (const how of ['close', 'destroy'] as const) {
      const db = open(server.url);
      const ends: unknown[] = [];
      await db.subscribe('c', { message: () => {}, end: (error) => ends.push(error) });
      const stream = db.messages('c');
      const next = stream.next();
      await stream.ready();
      const echo = outcome(db.echo('e'));
      await db[how]();
      assert.deepEqual(await next, { done: true, value: undefined });
      assert.deepEqual(ends, [null]);
      const { value, error } = await echo;
      assert.ok(how === 'close' ? value === 'e' : error instanceof ClosedError, inspect([value, error]));
      assert.ok((await outcome(db.subscribe('c', () => {}))).error instanceof ClosedError);
    }
  });
});

const push = (...items: (string | number)[]): string =>
  `>${items.length}\r\n${items.map((item) => (typeof item === 'number' ? `:${item}\r\n` : `$${item.length}\r\n${item}\r\n`)).join('')}`;

describe('subscriptions and what servers say', () => {
  /** A client of a server that answers by a script, and a conversation of it. */
  async function fake(answer: Answer, options = {}) {
    const server = await FakeServer.start(answer);
    const backend = new ClientBackend({ port: Number(new URL(server.url).port), reconnect: { base: 5 }, ...options });
    const heard: string[] = [];
    const lease = await backend.lease((message) => heard.push(message.items.join(' ')));
    const ssubscribe = (...names: string[]) =>
      lease.call({ spec: commands.ssubscribe, argv: ['SSUBSCRIBE', ...names] }, { timeout: 500 });
    const echo = (text: string) => backend.call({ spec: commands.echo, argv: ['ECHO', text] }, { timeout: 500 });
    const stop = async (): Promise<void> => {
      backend.destroy();
      await server.stop();
    };
    return { server, backend, lease, heard, ssubscribe, echo, stop };
  }

  test('MOVED, CROSSSLOT and CLUSTERDOWN take their places among the replies', async () => {
    const { heard, ssubscribe, echo, stop } = await fake(([name, ...args]) => {
      if (name === 'ECHO') return `+${args[0]}\r\n`;
      if (name !== 'SSUBSCRIBE') return '+OK\r\n';
      if (args.length > 1) return "-CROSSSLOT Keys in request don't hash to the same slot\r\n";
      return args[0] === 'here' ? push('ssubscribe', 'here', 1) : `-${args[0]} 1 127.0.0.1:1\r\n`;
    });
    const replies = await Promise.all([
      ...[echo('1'), ssubscribe('MOVED'), ssubscribe('here'), echo('2')],
      ...[ssubscribe('a', 'b'), ssubscribe('CLUSTERDOWN'), ssubscribe('here'), echo('3')],
    ]);
    assert.deepEqual(
      replies.map((reply) => (reply instanceof ErrorReply ? reply.code : ((reply as PushReply).items ?? reply))),
      [
        ...[replies[0], 'MOVED', ['ssubscribe', 'here', 1], replies[3]],
        ...['CROSSSLOT', 'CLUSTERDOWN', ['ssubscribe', 'here', 1], replies[7]],
      ],
    );
    assert.deepEqual(heard, ['ssubscribe here 1', 'ssubscribe here 1']);
    await stop();
  });

  test('an end that nobody asked for is not taken for an answer', async () => {
    const { lease, heard, ssubscribe, echo, stop } = await fake(([name, ...args]) => {
      if (name === 'SSUBSCRIBE') return args.map((one, i) => push('ssubscribe', one, i + 1)).join('');
      // The slot of `gone` is given away at this moment.
      if (name === 'SUNSUBSCRIBE') return push('sunsubscribe', 'gone', 1) + push('sunsubscribe', args[0]!, 0);
      return `+${args[0]}\r\n`;
    });
    await ssubscribe('gone', 'kept');
    const left = lease.call({ spec: commands.sunsubscribe, argv: ['SUNSUBSCRIBE', 'kept'] });
    assert.equal(String(((await echo('after')) as { text: string }).text), 'after');
    assert.deepEqual(((await left) as PushReply).items, ['sunsubscribe', 'kept', 0]);
    assert.deepEqual(heard, ['ssubscribe gone 1', 'ssubscribe kept 2', 'sunsubscribe gone 1', 'sunsubscribe kept 0']);
    await stop();
  });

  test('a confirmation that is late finds nobody, and no other command; the server is told that nobody hears', async () => {
    let say: (raw: string) => void = () => {};
    const { server, heard, ssubscribe, echo, stop } = await fake(([name, ...args], connection) => {
      if (name === 'HELLO') return null;
      if (name === 'SSUBSCRIBE' && args[0] === 'slow') {
        say = (raw) => connection.write(raw);
        return null;
      }
      if (name === 'SUNSUBSCRIBE') return push('sunsubscribe', args[0]!, 0);
      if (name === 'ECHO') return `+${args[0]}\r\n`;
      return push('ssubscribe', args[0]!, 1);
    });
    await Promise.all([ssubscribe('a'), echo('0')]);
    const late = outcome(ssubscribe('slow'));
    // Something is heard meanwhile: the connection is slow, not dead.
    const beats = setInterval(() => say(push('smessage', 'a', 'beat')), 50);
    const { error } = await late;
    clearInterval(beats);
    assert.ok(error instanceof TimeoutError && error.applied === 'no', inspect(error));
    say(push('ssubscribe', 'slow', 1) + push('smessage', 'slow', 'm'));
    assert.equal(((await echo('1')) as { text: string }).text, '1');
    await until(() => server.commands.includes('SUNSUBSCRIBE slow'));
    assert.equal(server.connections, 1);
    assert.ok(!heard.some((one) => /slow/.test(one)), inspect(heard));
    await stop();
  });

  test('what is beyond the queue is refused', async () => {
    const { ssubscribe, stop } = await fake(() => null, { queueMax: 2 });
    const [first, second, third] = await Promise.all(
      [ssubscribe('a'), ssubscribe('b'), ssubscribe('c')].map((one) => outcome(one)),
    );
    assert.ok(third!.error instanceof QueueFullError, inspect(third));
    for (const one of [first, second]) assert.ok(one!.error instanceof TimeoutError, inspect(one));
    await stop();
  });

  test('a server that speaks only RESP2 when it is back: subscriptions move to a connection of their own', async () => {
    let old = false;
    let drop: () => void = () => {};
    const asked: string[] = [];
    const array = (text: string): string => text.replaceAll('>', '*');
    const { lease, heard, echo, stop } = await fake(([name, ...args], connection) => {
      if (name === 'HELLO' && old) return "-ERR unknown command 'HELLO'\r\n";
      if (name === 'ECHO') return `+${args[0]}\r\n`;
      if (name !== 'SUBSCRIBE') return name === 'HELLO' ? null : '+OK\r\n';
      drop = () => connection.end();
      asked.push(`${connection.index} ${args.join(' ')}`);
      const confirmed = args.map((one, i) => push('subscribe', one, i + 1)).join('');
      const text = confirmed + push('message', args[0]!, `m${asked.length}`);
      return old ? array(text) : text;
    });
    await lease.call({ spec: commands.subscribe, argv: ['SUBSCRIBE', 'a', 'b'] });
    await echo('1');
    old = true;
    drop();
    await until(() => heard.includes('message a m2'));
    assert.deepEqual(heard, ['subscribe a 1', 'subscribe b 2', 'message a m1', 'gap', 'message a m2']);
    assert.equal(((await echo('2')) as { text: string }).text, '2');
    assert.deepEqual(asked, ['0 a b', '2 a b']);
    await stop();
  });
});
