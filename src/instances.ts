import type { Sink } from './backend/session.js';
import { NEWEST_VERSION } from './commands/version.js';
import { bytesFromText, textFromBytes } from './core/bytes.js';
import type { Clock, ClockName } from './core/clock.js';
import { PENDING, type Reply, type Status } from './core/reply.js';
import { Engine, type EngineOptions } from './engine/engine.js';
import { letGo } from './engine/fork.js';
import type { EngineSession } from './engine/session.js';
import { itemsOf, scoredOf, scoreOf, settled, sinkStats } from './instance-replies.js';
import { type Subscriber, Subscribers } from './instance-subscribers.js';
import { decodeTyped, encodeTyped, type Typed } from './instance-values.js';
import { Dataset, type DatasetOptions } from './persistence/dataset.js';

export type { Subscriber } from './instance-subscribers.js';
export type { Typed } from './instance-values.js';

/** Options of an instance: its name, and those of its engine. */
export interface InstanceOptions extends EngineOptions {
  /** Its name in the registry. Default `instance-<id>`. */
  name?: string;
}

const open = new Map<number, Instance>();
let lastId = -1;

/** The open instances, in order of creation. */
export function instances(): readonly { id: number; name: string; instance: Instance }[] {
  return [...open].map(([id, instance]) => ({ id, name: instance.name, instance }));
}

/** The open instance with this name; the first of several. */
export function instanceNamed(name: string): Instance | null {
  return instances().find((entry) => entry.name === name)?.instance ?? null;
}

type OneOrMany = Typed | readonly Typed[];

/**
 * An embedded engine for programs that keep their own values in it, with the names and habits of a game engine's
 * in-memory store: values come back as what they were (numbers, objects, texts), times are milliseconds, lists and single
 * values are taken alike, subscribers are objects. All of it is Redis underneath: what is set here is read by any other
 * face of the same engine, and the rules of types and TTLs are Redis'.
 */
export class Instance {
  readonly id: number;
  readonly name: string;
  readonly engine: Engine;
  readonly #dataset: Dataset;
  readonly #session: EngineSession;
  readonly #subscribers: Subscribers;
  /** Sessions of blocked calls. */
  readonly #waiting = new Set<EngineSession>();

  constructor({ name, ...options }: InstanceOptions = {}) {
    this.id = ++lastId;
    this.name = name ?? `instance-${this.id}`;
    this.engine = new Engine({ ...options, serverVersion: options.serverVersion ?? NEWEST_VERSION });
    this.engine.startCron();
    this.#dataset = new Dataset(this.engine);
    this.#session = this.#connect({ reply: () => {}, push: () => {} });
    this.#subscribers = new Subscribers((sink) => this.#connect(sink));
    open.set(this.id, this);
  }

  /** Closes the instance and removes it from the registry. */
  close(): void {
    open.delete(this.id);
    for (const session of this.#waiting) session.end();
    this.#subscribers.close();
    this.#session.end();
    this.engine.stopCron();
    letGo(this.engine);
  }

  // Keys.

  flushall(): void {
    this.#run('FLUSHALL');
  }
  flushdb(): void {
    this.#run('FLUSHDB');
  }
  type(key: string): string {
    return (this.#run('TYPE', bytesFromText(key)) as Status).text;
  }
  /** Whether it was renamed. */
  renamenx(key: string, newKey: string): boolean {
    return this.#run('RENAMENX', bytesFromText(key), bytesFromText(newKey)) === 1;
  }
  randomkey(): string | null {
    return this.#text(this.#run('RANDOMKEY'));
  }
  dbsize(): number {
    return this.#number('DBSIZE');
  }
  keys(pattern = '*'): string[] {
    return this.#texts('KEYS', bytesFromText(pattern));
  }
  del(keys: string | readonly string[]): number {
    return this.#ofMany('DEL', keys);
  }
  /** How many of the keys exist. */
  exists(keys: string | readonly string[]): number {
    return this.#ofMany('EXISTS', keys);
  }
  keyExists(key: string): boolean {
    return this.exists(key) === 1;
  }

  // Strings.

  setValue(key: string, value: Typed): void {
    this.#run('SET', bytesFromText(key), encodeTyped(value));
  }
  getValue(key: string, absent: Typed = null): Typed {
    return this.#typed(this.#run('GET', bytesFromText(key)), absent);
  }
  incrby(key: string, amount = 1): number {
    return this.#number('INCRBY', bytesFromText(key), String(amount));
  }
  decrby(key: string, amount = 1): number {
    return this.#number('DECRBY', bytesFromText(key), String(amount));
  }
  mget(keys: readonly string[]): Typed[] {
    return this.#list('MGET', ...keys.map(bytesFromText));
  }
  mset(values: Readonly<Record<string, Typed>>): void {
    const words = pairs(values);
    if (words.length > 0) this.#run('MSET', ...words);
  }
  /** Returns the new length in bytes. */
  append(key: string, value: string | number): number {
    return this.#number('APPEND', bytesFromText(key), bytesFromText(String(value)));
  }
  getset(key: string, value: Typed): Typed {
    return this.#typed(this.#run('GETSET', bytesFromText(key), encodeTyped(value)));
  }
  strlen(key: string): number {
    return this.#number('STRLEN', bytesFromText(key));
  }
  setnx(key: string, value: Typed): boolean {
    return this.#run('SETNX', bytesFromText(key), encodeTyped(value)) === 1;
  }

  // Hashes.

  /** Returns the number of new fields. */
  hset(key: string, field: string, value: Typed): number {
    return this.#number('HSET', bytesFromText(key), bytesFromText(field), encodeTyped(value));
  }
  hget(key: string, field: string, absent: Typed = null): Typed {
    return this.#typed(this.#run('HGET', bytesFromText(key), bytesFromText(field)), absent);
  }
  hgetall(key: string): Record<string, Typed> {
    const flat = itemsOf(this.#run('HGETALL', bytesFromText(key))) as string[];
    const found: [string, Typed][] = [];
    for (let i = 0; i < flat.length; i += 2) found.push([textFromBytes(flat[i]), decodeTyped(flat[i + 1])]);
    return Object.fromEntries(found);
  }
  hdel(key: string, fields: string | readonly string[]): number {
    return this.#ofMany('HDEL', fields, bytesFromText(key));
  }
  hexists(key: string, field: string): boolean {
    return this.#run('HEXISTS', bytesFromText(key), bytesFromText(field)) === 1;
  }
  hkeys(key: string): string[] {
    return this.#texts('HKEYS', bytesFromText(key));
  }
  hvals(key: string): Typed[] {
    return this.#list('HVALS', bytesFromText(key));
  }
  hlen(key: string): number {
    return this.#number('HLEN', bytesFromText(key));
  }
  hmget(key: string, fields: readonly string[]): Typed[] {
    return this.#list('HMGET', bytesFromText(key), ...fields.map(bytesFromText));
  }
  hmset(key: string, values: Readonly<Record<string, Typed>>): void {
    const words = pairs(values);
    if (words.length > 0) this.#run('HSET', bytesFromText(key), ...words);
  }
  hincrby(key: string, field: string, amount: number): number {
    return this.#number('HINCRBY', bytesFromText(key), bytesFromText(field), String(amount));
  }
  hincrbyfloat(key: string, field: string, amount: number): number {
    return Number(this.#run('HINCRBYFLOAT', bytesFromText(key), bytesFromText(field), String(amount)));
  }

  // Lists. An array is pushed element by element, as by a command with several values.

  lpush(key: string, values: OneOrMany): number {
    return this.#push('LPUSH', bytesFromText(key), values);
  }
  rpush(key: string, values: OneOrMany): number {
    return this.#push('RPUSH', bytesFromText(key), values);
  }
  lpop(key: string): Typed {
    return this.#typed(this.#run('LPOP', bytesFromText(key)));
  }
  rpop(key: string): Typed {
    return this.#typed(this.#run('RPOP', bytesFromText(key)));
  }
  lmove(source: string, destination: string, from: 'LEFT' | 'RIGHT', to: 'LEFT' | 'RIGHT'): Typed {
    return this.#typed(this.#run('LMOVE', bytesFromText(source), bytesFromText(destination), from, to));
  }
  llen(key: string): number {
    return this.#number('LLEN', bytesFromText(key));
  }
  /** All elements. */
  lget(key: string): Typed[] {
    return this.lrange(key, 0, -1);
  }
  lrange(key: string, start: number, stop: number): Typed[] {
    return this.#list('LRANGE', bytesFromText(key), String(start), String(stop));
  }
  lindex(key: string, index: number): Typed {
    return this.#typed(this.#run('LINDEX', bytesFromText(key), String(index)));
  }
  /** Throws ReplyError for a key or an index that is not there. */
  lset(key: string, index: number, value: Typed): void {
    this.#run('LSET', bytesFromText(key), String(index), encodeTyped(value));
  }
  lrem(key: string, count: number, value: Typed): number {
    return this.#number('LREM', bytesFromText(key), String(count), encodeTyped(value));
  }
  ltrim(key: string, start: number, stop: number): void {
    this.#run('LTRIM', bytesFromText(key), String(start), String(stop));
  }
  linsert(key: string, where: 'BEFORE' | 'AFTER', pivot: Typed, value: Typed): number {
    return this.#number('LINSERT', bytesFromText(key), where, encodeTyped(pivot), encodeTyped(value));
  }
  /** The key and its element, or null after `timeoutMs`; 0 waits indefinitely. */
  async blpop(keys: string | readonly string[], timeoutMs: number): Promise<[key: string, value: Typed] | null> {
    return this.#popped(await this.#wait('BLPOP', ...many(keys).map(bytesFromText), String(timeoutMs / 1000)));
  }
  async brpop(keys: string | readonly string[], timeoutMs: number): Promise<[key: string, value: Typed] | null> {
    return this.#popped(await this.#wait('BRPOP', ...many(keys).map(bytesFromText), String(timeoutMs / 1000)));
  }
  async brpoplpush(source: string, destination: string, timeoutMs: number): Promise<Typed> {
    const words = [bytesFromText(source), bytesFromText(destination), String(timeoutMs / 1000)];
    return this.#typed(await this.#wait('BRPOPLPUSH', ...words));
  }

  // Sets.

  sadd(key: string, members: OneOrMany): number {
    return this.#push('SADD', bytesFromText(key), members);
  }
  srem(key: string, members: OneOrMany): number {
    return this.#push('SREM', bytesFromText(key), members);
  }
  smembers(key: string): Typed[] {
    return this.#list('SMEMBERS', bytesFromText(key));
  }
  sismember(key: string, member: Typed): boolean {
    return this.#run('SISMEMBER', bytesFromText(key), encodeTyped(member)) === 1;
  }
  scard(key: string): number {
    return this.#number('SCARD', bytesFromText(key));
  }
  spop(key: string): Typed {
    return this.#typed(this.#run('SPOP', bytesFromText(key)));
  }
  smove(source: string, destination: string, member: Typed): boolean {
    return this.#run('SMOVE', bytesFromText(source), bytesFromText(destination), encodeTyped(member)) === 1;
  }
  sunion(keys: readonly string[]): Typed[] {
    return this.#list('SUNION', ...keys.map(bytesFromText));
  }
  sinter(keys: readonly string[]): Typed[] {
    return this.#list('SINTER', ...keys.map(bytesFromText));
  }
  sdiff(keys: readonly string[]): Typed[] {
    return this.#list('SDIFF', ...keys.map(bytesFromText));
  }
  sunionstore(destination: string, keys: readonly string[]): number {
    return this.#number('SUNIONSTORE', bytesFromText(destination), ...keys.map(bytesFromText));
  }
  sinterstore(destination: string, keys: readonly string[]): number {
    return this.#number('SINTERSTORE', bytesFromText(destination), ...keys.map(bytesFromText));
  }
  sdiffstore(destination: string, keys: readonly string[]): number {
    return this.#number('SDIFFSTORE', bytesFromText(destination), ...keys.map(bytesFromText));
  }
  /** One member or null; with `count` an array, whose members may repeat if it is negative. */
  srandmember(key: string): Typed;
  srandmember(key: string, count: number): Typed[];
  srandmember(key: string, count?: number): Typed | Typed[] {
    return count === undefined
      ? this.#typed(this.#run('SRANDMEMBER', bytesFromText(key)))
      : this.#list('SRANDMEMBER', bytesFromText(key), String(count));
  }

  // Sorted sets.

  /** Returns 1 if the member is new, else 0. */
  zadd(key: string, member: Typed, score: number): number {
    return this.#number('ZADD', bytesFromText(key), scoreText(score), encodeTyped(member));
  }
  zrem(key: string, members: OneOrMany): number {
    return this.#push('ZREM', bytesFromText(key), members);
  }
  /** Members by rank; `withScores`: pairs of member and score. */
  zrange(key: string, start: number, stop: number, withScores?: false): Typed[];
  zrange(key: string, start: number, stop: number, withScores: true): [Typed, number][];
  zrange(key: string, start: number, stop: number, withScores = false): Typed[] | [Typed, number][] {
    return this.#ranked('ZRANGE', [bytesFromText(key), String(start), String(stop)], withScores);
  }
  zrevrange(key: string, start: number, stop: number, withScores?: false): Typed[];
  zrevrange(key: string, start: number, stop: number, withScores: true): [Typed, number][];
  zrevrange(key: string, start: number, stop: number, withScores = false): Typed[] | [Typed, number][] {
    return this.#ranked('ZREVRANGE', [bytesFromText(key), String(start), String(stop)], withScores);
  }
  zrangebyscore(key: string, min: number, max: number): Typed[] {
    return this.#list('ZRANGEBYSCORE', bytesFromText(key), scoreText(min), scoreText(max));
  }
  zrevrangebyscore(key: string, max: number, min: number): Typed[] {
    return this.#list('ZREVRANGEBYSCORE', bytesFromText(key), scoreText(max), scoreText(min));
  }
  /**
   * Removes and returns, atomically, all members whose score is not above `now`, lowest first: whatever of a schedule
   * is due.
   */
  zpopready(key: string, now: number): Typed[] {
    const ready = this.zrangebyscore(key, -Infinity, now);
    if (ready.length > 0) this.#run('ZREMRANGEBYSCORE', bytesFromText(key), '-inf', scoreText(now));
    return ready;
  }
  zscore(key: string, member: Typed): number | null {
    const score = this.#run('ZSCORE', bytesFromText(key), encodeTyped(member));
    return score === null ? null : scoreOf(score);
  }
  zrank(key: string, member: Typed): number | null {
    return this.#run('ZRANK', bytesFromText(key), encodeTyped(member)) as number | null;
  }
  zrevrank(key: string, member: Typed): number | null {
    return this.#run('ZREVRANK', bytesFromText(key), encodeTyped(member)) as number | null;
  }
  zcount(key: string, min: number, max: number): number {
    return this.#number('ZCOUNT', bytesFromText(key), scoreText(min), scoreText(max));
  }
  zincrby(key: string, increment: number, member: Typed): number {
    return scoreOf(this.#run('ZINCRBY', bytesFromText(key), scoreText(increment), encodeTyped(member)));
  }
  zunionstore(destination: string, keys: readonly string[]): number {
    return this.#number('ZUNIONSTORE', bytesFromText(destination), String(keys.length), ...keys.map(bytesFromText));
  }
  zinterstore(destination: string, keys: readonly string[]): number {
    return this.#number('ZINTERSTORE', bytesFromText(destination), String(keys.length), ...keys.map(bytesFromText));
  }

  // Time.

  /** Expires the key after so many milliseconds; false if it does not exist. */
  expire(key: string, milliseconds: number): boolean {
    return this.#run('PEXPIRE', bytesFromText(key), String(Math.round(milliseconds))) === 1;
  }
  setex(key: string, seconds: number, value: Typed): void {
    this.#run('SETEX', bytesFromText(key), String(seconds), encodeTyped(value));
  }
  /** Milliseconds left; −1 for a key without expiry, −2 for an absent one. */
  ttl(key: string): number {
    return this.#number('PTTL', bytesFromText(key));
  }
  persist(key: string): boolean {
    return this.#run('PERSIST', bytesFromText(key)) === 1;
  }
  /** Switches to another clock; keys keep their remaining time. */
  setTimeSource(source: Clock | ClockName): void {
    this.engine.setTimeSource(source);
  }

  // Messages.

  /** Returns how many subscribers of the engine received it; all objects of this instance count as one. */
  publish(channel: string, message: string): number {
    return this.#number('PUBLISH', bytesFromText(channel), bytesFromText(message));
  }
  subscribe(channel: string, subscriber: Subscriber): void {
    this.#subscribers.add('SUBSCRIBE', channel, subscriber);
  }
  unsubscribe(channel: string, subscriber: Subscriber): void {
    this.#subscribers.remove('SUBSCRIBE', channel, subscriber);
  }
  psubscribe(pattern: string, subscriber: Subscriber): void {
    this.#subscribers.add('PSUBSCRIBE', pattern, subscriber);
  }
  punsubscribe(pattern: string, subscriber: Subscriber): void {
    this.#subscribers.remove('PSUBSCRIBE', pattern, subscriber);
  }
  /** Calls `heard` for each event of a key: `set`, `del`, `expired`, `hset` … Returns the function that stops it. */
  onKey(key: string, heard: (event: string) => void): () => void {
    if (this.engine.notifyFlags === 0) this.#run('CONFIG', 'SET', 'notify-keyspace-events', 'KA');
    const channel = `__keyspace@0__:${key}`;
    const subscriber: Subscriber = { message: (_channel, event) => heard(event) };
    this.subscribe(channel, subscriber);
    return () => this.unsubscribe(channel, subscriber);
  }
  /** Channels and patterns, with the number of objects subscribed to each. */
  subscriptions(): { channels: Record<string, number>; patterns: Record<string, number> } {
    return { channels: this.#subscribers.list('SUBSCRIBE'), patterns: this.#subscribers.list('PSUBSCRIBE') };
  }

  // Persistence.

  save(path?: string, backend?: string, options?: DatasetOptions): Promise<void> {
    return this.#dataset.save(path, backend, options);
  }
  load(path?: string, backend?: string, options?: DatasetOptions): Promise<boolean> {
    return this.#dataset.load(path, backend, options);
  }
  dump(backend?: string, options?: DatasetOptions): unknown {
    return this.#dataset.dump(backend, options);
  }
  restore(data: unknown, backend?: string, options?: DatasetOptions): void {
    this.#dataset.restore(data, backend, options);
  }
  /** Access to single keys: `dumpKey`, `restoreKey`, `snapshot(pattern)`. */
  get dataset(): Dataset {
    return this.#dataset;
  }

  // Below this line all words are bytes.

  #run(name: string, ...words: string[]): Reply {
    return settled(this.#session.call([name, ...words]));
  }
  #number(name: string, ...words: string[]): number {
    return Number(this.#run(name, ...words));
  }
  #list(name: string, ...words: string[]): Typed[] {
    return (itemsOf(this.#run(name, ...words)) as (string | null)[]).map((item) =>
      item === null ? null : decodeTyped(item),
    );
  }
  #texts(name: string, ...words: string[]): string[] {
    return (itemsOf(this.#run(name, ...words)) as string[]).map(textFromBytes);
  }
  #text(reply: Reply): string | null {
    return typeof reply === 'string' ? textFromBytes(reply) : null;
  }
  #typed(reply: Reply, absent: Typed = null): Typed {
    return typeof reply === 'string' ? decodeTyped(reply) : absent;
  }
  #ofMany(name: string, words: string | readonly string[], ...before: string[]): number {
    const list = many(words).map(bytesFromText);
    return list.length === 0 ? 0 : this.#number(name, ...before, ...list);
  }
  #push(name: string, key: string, values: OneOrMany): number {
    const list = Array.isArray(values) ? (values as readonly Typed[]) : [values as Typed];
    if (list.length > 0) return this.#number(name, key, ...list.map(encodeTyped));
    return name.endsWith('PUSH') ? this.#number('LLEN', key) : 0;
  }
  #ranked(name: string, words: string[], withScores: boolean): Typed[] | [Typed, number][] {
    if (!withScores) return this.#list(name, ...words);
    return scoredOf(this.#run(name, ...words, 'WITHSCORES')).map(([member, score]) => [decodeTyped(member), score]);
  }
  #popped(reply: Reply): [string, Typed] | null {
    if (!Array.isArray(reply)) return null;
    return [textFromBytes(reply[0] as string), decodeTyped(reply[1] as string)];
  }

  /** Calls on a session of its own, which may block while others go on. */
  async #wait(name: string, ...words: string[]): Promise<Reply> {
    let give: (reply: Reply) => void = () => {};
    const later = new Promise<Reply>((resolve) => {
      give = resolve;
    });
    const session = this.#connect({ reply: (reply) => give(reply), push: () => {} });
    this.#waiting.add(session);
    try {
      const reply = session.call([name, ...words]);
      return settled(reply === PENDING ? await later : reply);
    } finally {
      this.#waiting.delete(session);
      session.end();
    }
  }

  #connect({ reply, push }: Pick<Sink, 'reply' | 'push'>): EngineSession {
    const session = this.engine.connect({ reply, push, close: () => {}, resume: () => {}, stats: sinkStats });
    session.authenticated = true;
    return session;
  }
}

function many(words: string | readonly string[]): readonly string[] {
  return typeof words === 'string' ? [words] : words;
}

function pairs(values: Readonly<Record<string, Typed>>): string[] {
  return Object.entries(values).flatMap(([name, value]) => [bytesFromText(name), encodeTyped(value)]);
}

function scoreText(score: number): string {
  return score === Infinity ? '+inf' : score === -Infinity ? '-inf' : String(score);
}
