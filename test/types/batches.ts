import type { Redis } from '../../src/index.js';
import { expectType, type Same } from './expect.js';

/** A pipeline of more than twenty commands is still a tuple, each reply in its place with its type. */
export async function long(db: Redis): Promise<void> {
  const batch = db
    .pipeline()
    .set('a', '1')
    .get('a')
    .incr('n')
    .incrbyfloat('n', 0.5)
    .mget('a', 'b')
    .hset('h', { a: 1 })
    .hset('h', 'field', 'value')
    .hgetall('h')
    .hget('h', 'a')
    .lpush('l', 'a', 'b')
    .lrange('l', 0, -1)
    .lpop('l')
    .sadd('s', 'a')
    .sismember('s', 'a')
    .smembers('s')
    .zadd('z', { alice: 31, bob: 7 })
    .zadd('z', 'carol', 4, { gt: true })
    .zrangeWithScores('z', 0, -1)
    .zscore('z', 'alice')
    .expire('a', 10)
    .ttl('a')
    .type('a')
    .del('a', 'b')
    .exists(['a', 'b'])
    .call('OBJECT', 'ENCODING', 'a');
  const replies = await batch.exec();
  expectType<
    Same<
      Slice24<typeof replies>,
      [
        boolean,
        string | null,
        number,
        number,
        (string | null)[],
        number,
        number,
        Record<string, string>,
        string | null,
        number,
        string[],
        string | null,
        number,
        boolean,
        string[],
        number,
        number,
        [string, number][],
        number | null,
        boolean,
        number,
        string,
        number,
        number,
      ]
    >
  >();
  expectType<Same<(typeof replies)['length'], 25>>();
  const [, name] = replies;
  expectType<Same<typeof name, string | null>>();
}

/** All but the last: the reply of `call` is of no fixed shape. */
type Slice24<T extends readonly unknown[]> = T extends readonly [...infer Head, unknown] ? Head : never;

export async function atomic(db: Redis): Promise<void> {
  const [count, member] = await db.multi().zcard('z').zpopmin('z').exec();
  expectType<Same<typeof count, number>>();
  expectType<Same<typeof member, [string, number] | null>>();
}

export async function wrong(db: Redis): Promise<void> {
  const replies = await db.pipeline().incr('n').get('a').exec();
  // @ts-expect-error: there are two replies
  replies[2];
  // @ts-expect-error: the first reply is a number
  const text: string = replies[0];
  // @ts-expect-error: no such command
  db.pipeline().nosuch('a');
  void text;
}
