/**
 * Several connections send bytes that no client would send while another one does work whose replies are known.
 * The process must live, the work must not notice, and what the bytes took must be given back.
 */
import assert from 'node:assert/strict';
import { connect, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Random } from '../../src/core/random.js';
import { type RunningServer, startKeyspan } from '../support/redis.js';
import { encodeCommand, RespClient } from '../support/resp-client.js';

const attackers_count = 4;
const attack_ms = 4000;
const reply_ms_max = 3000;
const rss_growth_bytes_max = 256 * 1024 * 1024;
const fixedSeed = 19_870_604;

/** What the streams are made from. Nothing here empties a database, stops the server or names `checked:` keys. */
const phrases: string[][] = [
  ['PING'],
  ['SET', 'fuzz:a', 'x'.repeat(300)],
  ['GET', 'fuzz:a'],
  ['SETRANGE', 'fuzz:a', '5000', 'end'],
  ['APPEND', 'fuzz:a', '\x00\xff\r\n'],
  ['LPUSH', 'fuzz:l', 'a', 'b', '3'],
  ['LRANGE', 'fuzz:l', '0', '-1'],
  ['HSET', 'fuzz:h', 'f', 'v', 'g', '1'],
  ['HINCRBY', 'fuzz:h', 'g', '9223372036854775807'],
  ['ZADD', 'fuzz:z', '1.5', 'm', '-inf', 'n'],
  ['ZRANGE', 'fuzz:z', '(1', '+inf', 'BYSCORE', 'LIMIT', '0', '5'],
  ['SADD', 'fuzz:s', '1', '2', 'three'],
  ['SPOP', 'fuzz:s', '2'],
  ['SETBIT', 'fuzz:b', '70000', '1'],
  ['BITFIELD', 'fuzz:b', 'INCRBY', 'u63', '#3', '1', 'GET', 'i8', '9'],
  ['PFADD', 'fuzz:p', 'a', 'b'],
  ['GEOADD', 'fuzz:g', '13.4', '52.5', 'Berlin'],
  ['SORT', 'fuzz:l', 'BY', 'w*', 'GET', '#', 'ALPHA'],
  ['DUMP', 'fuzz:z'],
  ['RESTORE', 'fuzz:r', '0', '\x00\x03abc\x0a\x00\x00\x00\x00\x00\x00\x00\x00\x00', 'REPLACE'],
  ['SCAN', '0', 'MATCH', 'f*[z', 'COUNT', '3'],
  ['HELLO', '3'],
  ['HELLO', '2', 'SETNAME', 'fuzz'],
  ['CLIENT', 'REPLY', 'OFF'],
  ['CLIENT', 'REPLY', 'ON'],
  ['CLIENT', 'LIST'],
  ['COMMAND', 'INFO', 'get'],
  ['COMMAND', 'GETKEYS', 'ZUNION', '2', 'a', 'b'],
  ['MULTI'],
  ['EXEC'],
  ['WATCH', 'fuzz:a'],
  ['RESET'],
  ['SUBSCRIBE', 'news'],
  ['PSUBSCRIBE', 'n[e'],
  ['UNSUBSCRIBE'],
  ['BLPOP', 'fuzz:none', '0.02'],
  ['PUBLISH', 'news', 'hello'],
];

/** Beginnings that promise too much, or break off. */
const traps = [
  '*1048576\r\n',
  '*1048577\r\n',
  '*-1\r\n',
  '*0\r\n',
  '*2147483648\r\n',
  '*99999999999999999999\r\n',
  '*1\r\n$536870912\r\n',
  '*1\r\n$536870913\r\n',
  '*1\r\n$-1\r\n',
  '*2\r\n$3\r\nGET\r\n$',
  '*1\r\n$4\r\nPING\n\n',
  '*1\r\n:4\r\n',
  '*\r\n',
  '$3\r\nGET\r\n',
  '*3\r\n*1\r\n$1\r\na\r\n',
  '"unbalanced quotes\r\n',
  "SET a '\\x0g'\r\n",
  `${'y'.repeat(70_000)}`,
  `*${'1'.repeat(70_000)}`,
  `*1\r\n$${'0'.repeat(70_000)}`,
  '\r\n\r\n\r\n',
  'GET\0SET \r\n',
];

/** Streams of bytes from one seed. */
class Streams {
  readonly #random: Random;

  constructor(seed: number) {
    this.#random = new Random(seed);
  }

  below(n: number): number {
    return this.#random.below(n);
  }

  next(): string {
    const way = this.below(10);
    if (way === 0) return this.#noise(1 + this.below(3000));
    if (way === 1) return this.#pick(traps) + (this.below(2) === 0 ? this.#noise(this.below(200)) : '');
    const whole = Array.from({ length: 1 + this.below(30) }, () => encodeCommand(this.#pick(phrases))).join('');
    if (way === 2) return whole;
    if (way === 3) return whole.slice(0, this.below(whole.length)) + this.#pick(traps);
    return this.#mutate(whole);
  }

  #pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)]!;
  }

  #noise(length: number): string {
    let text = '';
    while (text.length < length) text += String.fromCharCode(this.below(256));
    return text;
  }

  #mutate(stream: string): string {
    let out = stream;
    for (let n = 1 + this.below(6); n > 0; n--) {
      const at = this.below(out.length + 1);
      const end = Math.min(out.length, at + 1 + this.below(12));
      const piece = out.slice(at, end);
      const digit = String(this.below(10));
      const put = this.#pick(['', this.#noise(1), piece + piece, digit, '\r\n', '\0', `$${digit}`, '*', '-']);
      out = out.slice(0, at) + put + out.slice(this.below(2) === 0 ? at : end);
    }
    return out;
  }
}

function opened(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => resolve(socket));
    socket.once('error', reject);
  });
}

/** Connection after connection until the time is over. Returns how many streams were sent. */
async function attack(port: number, seed: number, until: number): Promise<number> {
  const streams = new Streams(seed);
  let sent_count = 0;
  while (Date.now() < until) {
    const socket = await opened(port);
    let open = true;
    socket.on('error', () => {});
    socket.on('close', () => {
      open = false;
    });
    socket.resume();
    for (let n = 1 + streams.below(6); n > 0 && open; n--) {
      const stream = streams.next();
      const cut = streams.below(stream.length + 1);
      socket.write(stream.slice(0, cut), 'latin1');
      if (streams.below(2) === 0) await sleep(streams.below(5));
      socket.write(stream.slice(cut), 'latin1');
      sent_count++;
    }
    if (streams.below(3) === 0) socket.destroy();
    else if (streams.below(2) === 0) socket.resetAndDestroy();
    else socket.end();
    if (open) await sleep(2);
    socket.destroy();
  }
  return sent_count;
}

/** Work with known replies on keys of its own. Returns how many rounds were done. */
async function work(client: RespClient, until: number): Promise<number> {
  let rounds_count = 0;
  await client.pipeline([['DEL', 'checked:n', 'checked:list']]);
  for (; Date.now() < until; rounds_count++) {
    const value = `round ${rounds_count} \x00\xff\r\n`;
    const startedAt = Date.now();
    const replies = await client.pipeline([
      ['SET', 'checked:text', value],
      ['INCR', 'checked:n'],
      ['RPUSH', 'checked:list', value],
      ['GET', 'checked:text'],
      ['LPOP', 'checked:list'],
      ['EXISTS', 'checked:list'],
    ]);
    const bulk = `$${value.length}\r\n${value}\r\n`;
    const expected = ['+OK\r\n', `:${rounds_count + 1}\r\n`, ':1\r\n', bulk, bulk, ':0\r\n'];
    assert.deepEqual(
      replies.map(({ raw }) => raw),
      expected,
    );
    assert.ok(Date.now() - startedAt < reply_ms_max, `replies took ${Date.now() - startedAt} ms`);
  }
  return rounds_count;
}

async function infoNumber(client: RespClient, field: string): Promise<number> {
  const info = String(await client.value('INFO', 'everything'));
  return Number(new RegExp(`^${field}:(\\d+)`, 'm').exec(info)?.[1]);
}

/** Waits until the attackers' connections are gone; what is left is a leak. */
async function clientsLeft(client: RespClient): Promise<number> {
  let left = 0;
  for (const deadline = Date.now() + 20_000; Date.now() < deadline; ) {
    left = await infoNumber(client, 'connected_clients');
    if (left === 1) break;
    await sleep(20);
  }
  return left;
}

async function campaign(t: TestContext, server: RunningServer, seed: number): Promise<void> {
  const client = await RespClient.connect(server.port);
  try {
    await client.send('FLUSHALL');
    await attack(server.port, seed + 1000, Date.now() + 300);
    await clientsLeft(client);
    await client.send('FLUSHALL');
    const [used, rss] = [await infoNumber(client, 'used_memory'), await infoNumber(client, 'used_memory_rss')];
    const until = Date.now() + attack_ms;
    const attacks = Array.from({ length: attackers_count }, (_, i) => attack(server.port, seed + i, until));
    const [rounds, ...sent] = await Promise.all([work(client, until), ...attacks]);
    const streams = sent.reduce((sum, n) => sum + n, 0);
    t.diagnostic(`seed ${seed}: ${streams} streams, ${rounds} rounds of checked work`);
    assert.ok(server.alive(), `the server ended: ${server.output()}`);
    assert.ok(streams > 100 && rounds > 20, `only ${streams} streams and ${rounds} rounds`);
    assert.equal(await clientsLeft(client), 1, 'connections are left over');
    assert.equal(await infoNumber(client, 'blocked_clients'), 0);
    await client.send('FLUSHALL');
    const usedAfter = await infoNumber(client, 'used_memory');
    assert.ok(usedAfter <= used * 1.05 + 65_536, `used_memory was ${used} and is ${usedAfter}`);
    const rssAfter = await infoNumber(client, 'used_memory_rss');
    assert.ok(rssAfter <= rss + rss_growth_bytes_max, `the resident memory was ${rss} and is ${rssAfter}`);
  } finally {
    client.close();
  }
}

for (const [title, seed] of [
  ['a fixed seed', fixedSeed],
  ['a fresh seed', Date.now() % 0x1_0000_0000],
] as const) {
  test(`bytes that mean nothing disturb nobody: ${title} (${seed})`, async (t) => {
    const server = await startKeyspan();
    try {
      await campaign(t, server, seed);
    } finally {
      await server.stop();
    }
  });
}
