/** The clients that are compared, each behind the same few calls. */
import { Redis as IoRedis } from 'ioredis';
import { createClient as createNodeRedis } from 'redis';
import { createClient } from '../../src/client/index.js';

export interface Contender {
  readonly name: string;
  get(key: string): Promise<unknown>;
  set(key: string, value: string): Promise<unknown>;
  hgetall(key: string): Promise<unknown>;
  /** So many GETs of one key as an explicit pipeline. */
  pipeline(key: string, count: number): Promise<unknown>;
  close(): Promise<void>;
}

/** Ours, with its default deadline of 5 s on every command. */
export async function keyspan(url: string): Promise<Contender> {
  const { redis, backend } = createClient(url);
  await backend.connect();
  return {
    name: 'keyspan',
    get: (key) => redis.get(key),
    set: (key, value) => redis.set(key, value),
    hgetall: (key) => redis.hgetall(key),
    pipeline(key, count) {
      const batch = redis.pipeline();
      for (let i = 0; i < count; i++) batch.get(key);
      return batch.exec();
    },
    close: () => redis.close(),
  };
}

export async function ioredis(url: string): Promise<Contender> {
  const redis = new IoRedis(url);
  await redis.ping();
  return {
    name: 'ioredis',
    get: (key) => redis.get(key),
    set: (key, value) => redis.set(key, value),
    hgetall: (key) => redis.hgetall(key),
    pipeline(key, count) {
      const batch = redis.pipeline();
      for (let i = 0; i < count; i++) batch.get(key);
      return batch.exec();
    },
    close: async () => redis.disconnect(),
  };
}

export async function nodeRedis(url: string): Promise<Contender> {
  const redis = createNodeRedis({ url });
  await redis.connect();
  return {
    name: 'redis',
    get: (key) => redis.get(key),
    set: (key, value) => redis.set(key, value),
    hgetall: (key) => redis.hGetAll(key),
    pipeline(key, count) {
      const batch = redis.multi();
      for (let i = 0; i < count; i++) batch.get(key);
      return batch.execAsPipeline();
    },
    close: async () => redis.destroy(),
  };
}
