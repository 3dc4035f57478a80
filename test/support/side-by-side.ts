/** A real server and an engine in this process, given the same commands: replies, events and data must be equal. */
import assert from 'node:assert/strict';
import type { Protocol, Sink } from '../../src/backend/session.js';
import { itemsOf } from '../../src/commands/shape.js';
import type { ServerVersion } from '../../src/commands/version.js';
import { formatDouble } from '../../src/core/double.js';
import type { Reply } from '../../src/core/reply.js';
import type { Database } from '../../src/engine/database.js';
import { digestOfValue } from '../../src/engine/digest.js';
import { Engine } from '../../src/engine/engine.js';
import { parseNotifyFlags } from '../../src/engine/notify.js';
import type { EngineSession } from '../../src/engine/session.js';
import { HashValue } from '../../src/engine/values/hash.js';
import { ListValue } from '../../src/engine/values/list.js';
import { SetValue } from '../../src/engine/values/set.js';
import { ZSetValue } from '../../src/engine/values/zset.js';
import { encodeReply } from '../../src/resp/encoder.js';
import { ReplyArena } from '../../src/resp/reply-arena.js';
import { agree } from '../differential/canonical.js';
import type { Comparison } from '../differential/template.js';
import { type RunningServer, startRedis } from './redis.js';
import { parseReply, RespClient } from './resp-client.js';

const allEvents = 'KEAmn';
const eventPattern = '__key*__:*';
/** Remaining times may differ by what passes between the two. */
const deadlineSlack_ms = 3000;

/** A sink that keeps what is pushed. */
export function collectingSink(pushed: Reply[]): Sink {
  const stats: Sink['stats'] = {
    address: '127.0.0.1:1',
    localAddress: '127.0.0.1:2',
    fd: 0,
    queryBufferBytes: 0,
    queryBufferFreeBytes: 0,
    outputBufferBytes: 0,
    outputListLength: 0,
    outputListBytes: 0,
  };
  return {
    reply: () => {},
    push: (message) => pushed.push(message as Reply),
    close: () => {},
    resume: () => {},
    stats,
  };
}

/** The bytes of a reply, one character each. */
export function encoded(reply: Reply, protocol: Protocol): string {
  const arena = new ReplyArena();
  encodeReply(arena, reply, protocol);
  return Buffer.from(arena.bytes.subarray(0, arena.at)).toString('latin1');
}

/** `SET key "two words\x00"`: blanks part the words, a quoted word is read as JSON with \x escapes. */
export function words(line: string): string[] {
  const parts = line.match(/"(?:[^"\\]|\\.)*"|\S+/g) ?? [];
  const asJson = (text: string): string => text.replace(/\\x(..)/g, '\\u00$1');
  return parts.map((part) => (part.startsWith('"') ? (JSON.parse(asJson(part)) as string) : part));
}

export class SideBySide {
  readonly real: RespClient;
  engine!: Engine;
  session!: EngineSession;
  readonly #server: RunningServer;
  readonly #listener: RespClient;
  #pushed: Reply[] = [];
  #realDirty = 0;
  #dirty = 0;

  readonly #version: ServerVersion;

  private constructor(server: RunningServer, version: ServerVersion, real: RespClient, listener: RespClient) {
    this.#server = server;
    this.#version = version;
    this.real = real;
    this.#listener = listener;
  }

  /** Beside the 7.0 that is found, or another server that was started already: it is stopped at the end. */
  static async start(other?: RunningServer, version: ServerVersion = '7.0'): Promise<SideBySide> {
    const server = other ?? (await startRedis({ args: ['--notify-keyspace-events', allEvents] }));
    const real = await RespClient.connect(server.port);
    const listener = await RespClient.connect(server.port);
    if (other) await real.send('CONFIG', 'SET', 'notify-keyspace-events', allEvents);
    const both = new SideBySide(server, version, real, listener);
    listener.write([['PSUBSCRIBE', eventPattern]]);
    await listener.read(1);
    return both;
  }

  async stop(): Promise<void> {
    this.real.close();
    this.#listener.close();
    await this.#server.stop();
  }

  /** Empties both. `tune` adjusts the new engine as `config` adjusts the server: pairs of CONFIG SET. */
  async begin(
    protocol: Protocol,
    config: readonly string[] = [],
    tune: (engine: Engine) => void = () => {},
  ): Promise<void> {
    await this.real.pipeline([['FLUSHALL'], ['HELLO', protocol], ['CONFIG', 'SET', ...defaults]]);
    if (config.length > 0) await this.real.send('CONFIG', 'SET', ...config);
    this.engine = new Engine({ seed: 1, serverVersion: this.#version });
    this.engine.settings.notifyFlags = parseNotifyFlags(allEvents)!;
    tune(this.engine);
    this.#pushed = [];
    const sink = collectingSink(this.#pushed);
    this.session = this.engine.connect(sink);
    this.session.protocol = protocol;
    this.engine.pubsub.subscribePattern(this.engine.connect(sink), eventPattern);
    this.#dirty = 0;
    this.#realDirty = await this.#askDirty();
    await this.#realEvents();
  }

  /** Gives one command to both; fails unless reply, keyspace events and the count of changes are equal. */
  async same(argv: readonly string[], comparison: Comparison = 'exact'): Promise<void> {
    const theirs = await this.real.send(...argv);
    const ours = parseReply(encoded(this.session.call([...argv]), this.session.protocol));
    const title = JSON.stringify(argv).slice(0, 200);
    if (!agree(theirs, ours, comparison)) assert.equal(ours.raw, theirs.raw, title);
    assert.deepEqual(this.#ourEvents(), await this.#realEvents(), `events of ${title}`);
    const before = this.#realDirty;
    this.#realDirty = await this.#askDirty();
    assert.equal(this.engine.dirty - this.#dirty, this.#realDirty - before, `changes counted by ${title}`);
    this.#dirty = this.engine.dirty;
  }

  /** Fails unless both hold the same keys: type, encoding, deadline and content. */
  async sameState(): Promise<void> {
    const { db } = this.session;
    const keys = ((await this.real.send('KEYS', '*')).node.items ?? []).map((item) => item.text!).sort();
    const ours: string[] = [];
    db.keyspace.table.forEach((slot) => {
      ours.push(db.keyspace.keyOf(slot));
    });
    assert.deepEqual(ours.sort(), keys);
    for (const key of keys) await this.#sameKey(db, key);
    await this.#realEvents();
    this.#ourEvents();
  }

  async #sameKey(db: Database, key: string): Promise<void> {
    const slot = db.peek(key);
    const questions = [
      ['TYPE', key],
      ['OBJECT', 'ENCODING', key],
      ['PEXPIRETIME', key],
    ];
    const [type, encoding, deadline] = (await this.real.pipeline(questions)).map(({ node }) => node.text);
    assert.equal(db.typeName(slot), type, `type of ${key}`);
    assert.equal(encodingOf(db, slot), encoding, `encoding of ${key}`);
    const distance = Math.abs((db.keyspace.deadline(slot) ?? -1) - Number(deadline));
    assert.ok(distance < deadlineSlack_ms, `deadline of ${key}: ${db.keyspace.deadline(slot)}, not ${deadline}`);
    const { node, raw } = await this.real.send(...readerOf(type ?? '', key));
    if (type === 'stream') {
      assert.equal(encoded(this.session.call(readerOf(type, key)), this.session.protocol), raw, `facts of ${key}`);
      assert.equal((await this.real.send('DEBUG', 'DIGEST-VALUE', key)).node.items?.[0]?.text, digestOfValue(db, key));
      return;
    }
    if (type === 'zset' && node.items?.[0]?.items) node.items = node.items.flatMap((pair) => pair.items!);
    const theirs =
      node.items === null
        ? [node.text!]
        : grouped(
            node.items.map((item) => item.text!),
            type === 'hash' || type === 'zset',
          );
    assert.deepEqual(contentOf(db, slot), isOrdered(encoding) ? theirs : theirs.sort(), `content of ${key}`);
  }

  async #askDirty(): Promise<number> {
    const { raw } = await this.real.send('INFO', 'persistence');
    return Number(/rdb_changes_since_last_save:(\d+)/.exec(raw)?.[1]);
  }

  /** Events arrive before the answer to a later PING. */
  async #realEvents(): Promise<string[]> {
    this.#listener.write([['PING']]);
    await this.#listener.read(1);
    return this.#listener.takePushes().map(({ node }) =>
      node
        .items!.slice(2)
        .map((item) => item.text)
        .join(' '),
    );
  }

  #ourEvents(): string[] {
    return this.#pushed.splice(0).map((push) => itemsOf(push)!.slice(2).join(' '));
  }
}

const defaults = [
  'stream-node-max-entries',
  '100',
  'stream-node-max-bytes',
  '4096',
  'hash-max-listpack-entries',
  '512',
  'set-max-intset-entries',
  '512',
  'zset-max-listpack-entries',
  '128',
  'hll-sparse-max-bytes',
  '3000',
];

function readerOf(type: string, key: string): string[] {
  if (type === 'stream') return ['XINFO', 'STREAM', key];
  if (type === 'list') return ['LRANGE', key, '0', '-1'];
  if (type === 'zset') return ['ZRANGE', key, '0', '-1', 'WITHSCORES'];
  const reader = { string: 'GET', set: 'SMEMBERS', hash: 'HGETALL' }[type];
  assert.ok(reader, `no way to read a ${type}`);
  return [reader, key];
}

function encodingOf({ keyspace }: Database, slot: number): string {
  if (keyspace.typeOf(slot) === 0) return keyspace.stringEncoding(slot);
  return keyspace.collection(slot).encoding;
}

function contentOf({ keyspace }: Database, slot: number): string[] {
  if (keyspace.typeOf(slot) === 0) return [keyspace.stringOf(slot)];
  const value = keyspace.collection(slot);
  const content: string[] = [];
  if (value instanceof SetValue) content.push(...value.members());
  else if (value instanceof ListValue) content.push(...value.toArray());
  else if (value instanceof ZSetValue)
    value.forEach((member, score) => {
      content.push(`${member}=${formatDouble(score)}`);
    });
  else if (value instanceof HashValue)
    value.forEach((field, text) => {
      content.push(`${field}=${text}`);
    });
  return isOrdered(value.encoding) ? content : content.sort();
}

/** A small hash whose fields end at times keeps them in that order in Redis, in the order they came in here. */
function isOrdered(encoding: string | null | undefined): boolean {
  return encoding !== 'hashtable' && encoding !== 'listpackex';
}

function grouped(items: string[], pairs: boolean): string[] {
  if (!pairs) return items;
  return items.filter((_, i) => i % 2 === 0).map((field, i) => `${field}=${items[i * 2 + 1]}`);
}
