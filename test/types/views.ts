import type { SyncRedis } from '../../src/embedded.js';
import { type BytesCodec, jsonCodec, type Message, type Redis } from '../../src/index.js';
import { expectType, type Same } from './expect.js';

/** The types of views: nothing here is run. */

interface User {
  name: string;
}

export async function typed(db: Redis): Promise<void> {
  const users = db.with({ codec: jsonCodec<User>() });
  const one = await users.get('a');
  const several = await users.mget('a', 'b');
  const all = await users.hgetall('h');
  const range = await users.lrange('l', 0, -1);
  const scored = await users.zrangeWithScores('z', 0, -1);
  const popped = await users.blpop('l', 1);
  expectType<Same<typeof one, User | null>>();
  expectType<Same<typeof several, (User | null)[]>>();
  expectType<Same<typeof all, Record<string, User>>>();
  expectType<Same<typeof range, User[]>>();
  expectType<Same<typeof scored, [User, number][]>>();
  expectType<Same<typeof popped, [string, User] | null>>();
  const keys = await users.hkeys('h');
  expectType<Same<typeof keys, string[]>>();
  const batch = await users.pipeline().set('a', { name: 'x' }).get('a').incr('n').exec();
  expectType<Same<typeof batch, [boolean, User | null, number]>>();
  await users.subscribe('c', (message) => expectType<Same<(typeof message)['payload'], User>>());
  await users.zadd('z', { name: 'x' }, 5);
  await users.zadd('z', [[{ name: 'x' }, 5]], { ch: true });
  await users.hset('h', 'field', { name: 'x' });
  await users.rpush('l', { name: 'x' }, { name: 'y' });
}

export async function composed(db: Redis): Promise<void> {
  const codec: BytesCodec<number> = { as: 'bytes', encode: () => new Uint8Array(), decode: (bytes) => bytes.length };
  const view = db.with({ codec }).with({ as: 'bytes', integers: 'bigint', prefix: 'p:' });
  const value = await view.get('a');
  const count = await view.incr('n');
  const field = await view.hkeys('h');
  expectType<Same<typeof value, number | null>>();
  expectType<Same<typeof count, bigint>>();
  expectType<Same<typeof field, Uint8Array[]>>();
  const plain = await view.with({ codec: null }).get('a');
  expectType<Same<typeof plain, Uint8Array | null>>();
  const prefixed: Redis = db.with({ prefix: 'p:' });
  void prefixed;
}

export async function wrong(db: Redis, sync: SyncRedis): Promise<void> {
  const users = db.with({ codec: jsonCodec<User>() });
  // @ts-expect-error: a user, no text
  await users.set('a', 'text');
  // @ts-expect-error: a user without its name
  await users.rpush('l', {});
  // @ts-expect-error: members are users, no names of fields
  await users.zadd('z', { x: 5 });
  // @ts-expect-error: null is no value
  await users.set('a', null);
  // @ts-expect-error: the values of the fields are users
  await users.hset('h', { field: 'text' });
  // @ts-expect-error: keys are names, no users
  await users.get({ name: 'x' });
  // @ts-expect-error: it is a user
  const text: string | null = await users.get('a');
  // @ts-expect-error: a codec has two ways
  db.with({ codec: { encode: () => 'x' } });
  // @ts-expect-error: a prefix is text or bytes
  db.with({ prefix: 5 });
  // @ts-expect-error: messages of another view
  const listener: (message: Message<{ value: number }>) => void = () => undefined;
  // @ts-expect-error: an element that is no user
  sync.with({ codec: jsonCodec<User>() }).sadd('s', 5);
  void [text, listener];
}
