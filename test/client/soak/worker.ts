import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import { KeyspanError } from '../../../src/core/errors.js';
import type { Random } from '../../../src/core/random.js';
import { defineScript, type Redis } from '../../../src/index.js';
import { Book, QueueBook } from './books.js';

/** A promise that is not settled after so long, whatever its deadline is and however busy the machine, hangs. */
const HANGS_MS = 30_000;

const pushScript = defineScript("redis.call('RPUSH', KEYS[1], ARGV[1]) return ARGV[2]", { keys: 1, reply: 'string' });

export interface WorkerOptions {
  readonly name: string;
  readonly random: Random;
  /** Its deadlines are checked against these; shared by all workers of a client. */
  readonly timeout: number;
}

/** Gives commands of all kinds, one after the other, and notes what became of each. Its keys are its own. */
export class Worker {
  readonly name: string;
  readonly singles = new Book();
  /** Both lists of a transaction are to have the same ids. */
  readonly pairs = new Book();
  readonly queue = new QueueBook();
  count = 0;
  /** By how much the latest promise missed its deadline. */
  latest_ms = 0;
  /** What it set last of which it knows, and what may have come after that. */
  #known: string | null = null;
  readonly #perhaps = new Set<string>();
  increments = 0;
  unclearIncrements = 0;
  published = 0;
  readonly #db: Redis;
  readonly #random: Random;
  readonly #timeout: number;
  #id = 0;

  constructor(db: Redis, { name, random, timeout }: WorkerOptions) {
    this.#db = db;
    this.name = name;
    this.#random = random;
    this.#timeout = timeout;
  }

  async run(isOver: () => boolean): Promise<void> {
    const kinds = [
      () => this.#echo(),
      () => this.#push(),
      () => this.#pipeline(),
      () => this.#multi(),
      () => this.#script(),
      () => this.#watched(),
      () => this.#value(),
      () => this.#increment(),
      () => this.#queued(),
      () => this.#publish(),
      () => this.#burst(),
    ];
    while (!isOver()) {
      await kinds[this.#below(kinds.length)]!();
      this.count++;
    }
  }

  #below(n: number): number {
    return this.#random.u32() % n;
  }

  #next(): string {
    return `${this.name}:${++this.#id}`;
  }

  /** A view of the client: as it is, or with a short deadline, or with a signal that may be aborted soon. */
  #view(): { db: Redis; over: () => void; bound: number } {
    const kind = this.#below(10);
    if (kind === 0) {
      const timeout = 1 + this.#below(40);
      return { db: this.#db.with({ timeout }), over: () => {}, bound: timeout };
    }
    if (kind > 1) return { db: this.#db, over: () => {}, bound: this.#timeout };
    const controller = new AbortController();
    const timer = setTimeout(() => controller.abort('changed its mind'), this.#below(30));
    return { db: this.#db.with({ signal: controller.signal }), over: () => clearTimeout(timer), bound: this.#timeout };
  }

  /** Waits for what must settle. */
  async #outcome<T>(act: (db: Redis) => Promise<T>, extra = 0): Promise<{ value: T } | { error: unknown }> {
    const { db, over, bound } = this.#view();
    const start = performance.now();
    let timer: NodeJS.Timeout | undefined;
    const hang = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new assert.AssertionError({ message: `${this.name}: ${act} hangs` })), HANGS_MS);
    });
    try {
      return { value: await Promise.race([act(db), hang]) };
    } catch (error) {
      if (error instanceof assert.AssertionError) throw error;
      assert.ok(error instanceof KeyspanError || error === 'changed its mind', inspect(error));
      return { error };
    } finally {
      clearTimeout(timer);
      over();
      this.latest_ms = Math.max(this.latest_ms, performance.now() - start - bound - extra);
    }
  }

  async #echo(): Promise<void> {
    const nonce = this.#next();
    const got = await this.#outcome((db) => db.with({ retry: 'always' }).echo(nonce));
    if ('value' in got) assert.equal(got.value, nonce, 'a reply reached another command');
  }

  async #push(): Promise<void> {
    const id = this.#next();
    const got = await this.#outcome((db) => db.rpush(`singles:${this.name}`, id));
    if ('value' in got) this.singles.done(id);
    else this.singles.failed(got.error, id);
  }

  async #pipeline(): Promise<void> {
    const [a, b, nonce] = [this.#next(), this.#next(), this.#next()];
    const key = `singles:${this.name}`;
    const got = await this.#outcome((db) => db.pipeline().echo(nonce).rpush(key, a).echo(a).rpush(key, b).exec());
    if ('error' in got) this.singles.failed(got.error, a, b);
    else {
      assert.deepEqual([got.value[0], got.value[2]], [nonce, a], 'replies of a pipeline are out of place');
      this.singles.done(a, b);
    }
  }

  async #multi(): Promise<void> {
    const id = this.#next();
    const got = await this.#outcome((db) =>
      db.multi().rpush(`one:${this.name}`, id).echo(id).rpush(`two:${this.name}`, id).exec(),
    );
    if ('error' in got) this.pairs.failed(got.error, id);
    else {
      assert.equal(got.value[1], id, 'replies of a transaction are out of place');
      this.pairs.done(id);
    }
  }

  async #script(): Promise<void> {
    const [id, nonce] = [this.#next(), this.#next()];
    const got = await this.#outcome((db) => db.run(pushScript, `singles:${this.name}`, [id, nonce]));
    if ('error' in got) this.singles.failed(got.error, id);
    else {
      assert.equal(got.value, nonce, 'a script has the reply of another');
      this.singles.done(id);
    }
  }

  async #watched(): Promise<void> {
    const id = this.#next();
    const [one, two] = [`one:${this.name}`, `two:${this.name}`];
    const got = await this.#outcome(
      (db) =>
        db.transaction(async (watched) => {
          await watched.llen(one);
          return await watched.multi().rpush(one, id).rpush(two, id).exec();
        }, one),
      this.#timeout * 4,
    );
    if ('error' in got) this.pairs.failed(got.error, id);
    else this.pairs.done(id);
  }

  /** Sets and gets a value of its own; a cache must not show an older one. */
  async #value(): Promise<void> {
    const key = `value:${this.name}`;
    const value = this.#next();
    const set = await this.#outcome((db) => db.set(key, value));
    if ('value' in set) this.#known = value;
    else this.#perhaps.add(value);
    const got = await this.#outcome((db) => db.get(key));
    if ('error' in got) return;
    const isKnown = got.value === this.#known || (got.value !== null && this.#perhaps.has(got.value));
    assert.ok(isKnown, `${key} is ${got.value}, expected ${this.#known} or what may have been set`);
  }

  async #increment(): Promise<void> {
    const got = await this.#outcome((db) => db.incr(`counter:${this.name}`));
    if ('value' in got) this.increments++;
    else if (!(got.error instanceof KeyspanError) || got.error.applied === 'maybe') this.unclearIncrements++;
  }

  async #queued(): Promise<void> {
    const id = this.#next();
    const key = `queue:${this.name}`;
    const pushed = await this.#outcome((db) => db.rpush(key, id));
    if ('value' in pushed) this.queue.pushed.done(id);
    else this.queue.pushed.failed(pushed.error, id);
    // What blocks without end has a deadline all the same: there may be nothing to pop.
    const isEndless = this.#below(3) === 0;
    const popped = await this.#outcome(
      (db) => (isEndless ? db.with({ timeout: 1 + this.#below(300) }).blpop(key, 0) : db.blpop(key, 0.05)),
      1000,
    );
    if ('error' in popped) this.queue.popFailed(popped.error);
    else if (popped.value !== null) this.queue.took(popped.value[1]);
  }

  async #publish(): Promise<void> {
    const number = ++this.published;
    await this.#outcome((db) => db.with({ retry: 'never' }).publish('news', `${this.name} ${number}`));
  }

  /** Many at once: replies find their commands by order alone. */
  async #burst(): Promise<void> {
    const nonces = Array.from({ length: 1 + this.#below(60) }, () => this.#next());
    const all = await this.#outcome((db) =>
      Promise.all(
        nonces.map((nonce) =>
          db
            .with({ retry: 'always' })
            .echo(nonce)
            .catch(() => nonce),
        ),
      ),
    );
    if ('value' in all) assert.deepEqual(all.value, nonces, 'a reply reached another command');
  }

  /** Compares what it was told with what the server holds. */
  async check(direct: Redis): Promise<void> {
    const { name } = this;
    this.singles.check(await direct.lrange(`singles:${name}`, 0, -1), `singles of ${name}`);
    const [one, two] = await direct.multi().lrange(`one:${name}`, 0, -1).lrange(`two:${name}`, 0, -1).exec();
    assert.deepEqual(one, two, `${name}: a transaction was carried out by half`);
    this.pairs.check(one, `pairs of ${name}`);
    const counter = Number(await direct.get(`counter:${name}`));
    const most = this.increments + this.unclearIncrements;
    assert.ok(counter >= this.increments && counter <= most, `${this.increments} ≤ ${counter} ≤ ${most}`);
    this.queue.check(await direct.lrange(`queue:${name}`, 0, -1));
  }
}
