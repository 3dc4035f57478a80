import type { Redis } from '../backend/facade.js';
import type { KeyspanError } from '../core/errors.js';
import { keyPages, removeAll } from './key-pages.js';

/** Where a Keyv store keeps its keys, and whether it owns the database. */
export interface KeyvStoreOptions {
  /** Put before every key, Keyv's namespace included. Default none. */
  readonly prefix?: string;
  /** Whether Keyv's `disconnect()` closes the database. Default false: whoever opened it closes it. */
  readonly closes?: boolean;
}

/**
 * A store for Keyv, and through it for cache-manager: `new Keyv({ store: new KeyvStore(db) })`. Works on any backend.
 * Values are the strings that Keyv produces; a TTL (ms) becomes Redis' own, so expired entries take no room.
 */
export class KeyvStore {
  readonly opts: { readonly dialect: 'redis'; readonly url: string } = { dialect: 'redis', url: '' };
  /** Set by Keyv; `clear` is limited to it. */
  namespace: string | undefined = undefined;
  readonly #db: Redis;
  readonly #prefix: string;
  readonly #closes: boolean;

  constructor(db: Redis, { prefix = '', closes = false }: KeyvStoreOptions = {}) {
    this.#db = db;
    this.#prefix = prefix;
    this.#closes = closes;
  }

  async get<T>(key: string): Promise<T | undefined> {
    return ((await this.#db.get(this.#prefix + key)) as T | null) ?? undefined;
  }

  async getMany<T>(keys: string[]): Promise<(T | undefined)[]> {
    if (keys.length === 0) return [];
    const values = await this.#db.mget(...keys.map((key) => this.#prefix + key));
    return values.map((value) => (value as T | null) ?? undefined);
  }

  /** `ttl` in milliseconds. */
  async set(key: string, value: string, ttl?: number): Promise<void> {
    await this.#db.set(this.#prefix + key, value, lifeOf(ttl));
  }

  async setMany(entries: { key: string; value: string; ttl?: number }[]): Promise<void> {
    if (entries.length === 0) return;
    const batch = this.#db.pipeline();
    for (const { key, value, ttl } of entries) batch.set(this.#prefix + key, value, lifeOf(ttl));
    await batch.exec();
  }

  async delete(key: string): Promise<boolean> {
    return (await this.#db.unlink(this.#prefix + key)) === 1;
  }

  async deleteMany(keys: string[]): Promise<boolean> {
    return keys.length > 0 && (await this.#db.unlink(...keys.map((key) => this.#prefix + key))) > 0;
  }

  async has(key: string): Promise<boolean> {
    return (await this.#db.exists(this.#prefix + key)) === 1;
  }

  async hasMany(keys: string[]): Promise<boolean[]> {
    const batch = this.#db.pipeline();
    for (const key of keys) batch.exists(this.#prefix + key);
    return keys.length === 0 ? [] : ((await batch.exec()) as number[]).map((count) => count === 1);
  }

  /** Removes the entries of the namespace, or without one everything that begins with the prefix. */
  async clear(): Promise<void> {
    await removeAll(this.#db, this.#scope(this.namespace));
  }

  async *iterator<T>(namespace?: string): AsyncGenerator<[string, T], void> {
    for await (const keys of keyPages(this.#db, this.#scope(namespace))) {
      const values = await this.#db.mget(...keys);
      // A key may have disappeared since it was listed.
      for (const [i, key] of keys.entries()) {
        if (values[i] !== null) yield [key.slice(this.#prefix.length), values[i] as T];
      }
    }
  }

  /** Keyv listens to `error`, which reports connection problems. */
  on(event: string, listener: (error: KeyspanError) => void): this {
    if (event === 'error') this.#db.on('error', listener);
    return this;
  }

  async disconnect(): Promise<void> {
    if (this.#closes) await this.#db.close();
  }

  #scope(namespace: string | undefined): string {
    return namespace === undefined ? this.#prefix : `${this.#prefix}${namespace}:`;
  }
}

/** Redis takes whole milliseconds, at least one. */
function lifeOf(ttl: number | undefined): { px?: number } {
  return ttl === undefined ? {} : { px: Math.max(1, Math.ceil(ttl)) };
}
