/** The clients that are compared, each behind the same few calls. */
import { Batch, GlideClient, GlideClientConfiguration, Logger } from '@valkey/valkey-glide';
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
  publish(channel: string, message: string): Promise<unknown>;
  /** One more connection that hears the channel. */
  subscribe(channel: string, heard: () => void): Promise<unknown>;
  close(): Promise<void>;
}

/** Ours, with its default deadline of 5 s on every command. */
export async function keyspan(port: number): Promise<Contender> {
  const url = `redis://127.0.0.1:${port}`;
  const { redis, backend } = createClient(url);
  const subscribers: (typeof redis)[] = [];
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
    publish: (channel, message) => redis.publish(channel, message),
    subscribe(channel, heard) {
      // Subscriptions of one client share its connection; the others have one for each.
      const subscriber = createClient(url).redis;
      subscribers.push(subscriber);
      return subscriber.subscribe(channel, heard);
    },
    async close() {
      for (const each of [redis, ...subscribers]) await each.close();
    },
  };
}

export async function ioredis(port: number): Promise<Contender> {
  const redis = new IoRedis(port, '127.0.0.1');
  const subscribers: IoRedis[] = [];
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
    publish: (channel, message) => redis.publish(channel, message),
    subscribe(channel, heard) {
      const subscriber = redis.duplicate();
      subscribers.push(subscriber);
      subscriber.on('message', heard);
      return subscriber.subscribe(channel);
    },
    async close() {
      for (const each of [redis, ...subscribers]) each.disconnect();
    },
  };
}

export async function nodeRedis(port: number): Promise<Contender> {
  const redis = createNodeRedis({ url: `redis://127.0.0.1:${port}` });
  const ends: (() => void)[] = [() => redis.destroy()];
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
    publish: (channel, message) => redis.publish(channel, message),
    async subscribe(channel, heard) {
      const subscriber = redis.duplicate();
      ends.push(() => subscriber.destroy());
      await subscriber.connect();
      await subscriber.subscribe(channel, heard);
    },
    async close() {
      for (const end of ends) end();
    },
  };
}

export async function glide(port: number): Promise<Contender> {
  Logger.init('off');
  const addresses = [{ host: '127.0.0.1', port }];
  // As long as our own deadline: its default of 250 ms is missed on a busy machine.
  const client = await GlideClient.createClient({ addresses, requestTimeout: 5000 });
  const all = [client];
  return {
    name: 'glide',
    get: (key) => client.get(key),
    set: (key, value) => client.set(key, value),
    hgetall: (key) => client.hgetall(key),
    pipeline(key, count) {
      const batch = new Batch(false);
      for (let i = 0; i < count; i++) batch.get(key);
      return client.exec(batch, true);
    },
    publish: (channel, message) => client.publish(message, channel),
    async subscribe(channel, heard) {
      const channelsAndPatterns = { [GlideClientConfiguration.PubSubChannelModes.Exact]: new Set([channel]) };
      const pubsubSubscriptions = { channelsAndPatterns, callback: heard };
      all.push(await GlideClient.createClient({ addresses, pubsubSubscriptions }));
    },
    async close() {
      for (const each of all) each.close();
    },
  };
}
