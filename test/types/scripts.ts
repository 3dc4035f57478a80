import { defineScript, type Redis } from '../../src/index.js';
import { expectType, type Same } from './expect.js';

/** The types of scripts and functions: nothing here is run. */

export async function right(db: Redis): Promise<void> {
  const add = db.registerScript('…', { keys: 1, reply: 'integer' });
  const sum = await add('k', [1]);
  expectType<Same<typeof sum, number>>();
  const two = db.registerScript('…', { keys: 2, reply: 'strings', decode: (items) => items.length });
  const length = await two(['a', 'b']);
  expectType<Same<typeof length, number>>();
  const loose = db.registerScript('…');
  await loose('k');
  await loose(['a', 'b', 'c'], ['x', 1]);
  const big = await db.with({ integers: 'bigint' }).run(add, 'k', [1]);
  expectType<Same<typeof big, bigint>>();
  const replies = await db.pipeline().run(add, 'k', [1]).get('k').run(two, ['a', 'b']).exec();
  expectType<Same<typeof replies, [number, string | null, number]>>();
  const { look } = db.registerLibrary('…', { look: { keys: 1, reply: 'string' } });
  const text = await look('k');
  expectType<Same<typeof text, string | null>>();
}

export async function wrong(db: Redis): Promise<void> {
  const add = db.registerScript('…', { keys: 2, reply: 'integer' });
  // @ts-expect-error: two keys
  await add('k');
  // @ts-expect-error: two keys
  await add(['a']);
  // @ts-expect-error: arguments are strings or numbers
  await add(['a', 'b'], [{}]);
  // @ts-expect-error: it is a number
  const text: string = await add(['a', 'b']);
  // @ts-expect-error: no such reply
  db.registerScript('…', { reply: 'float' });
  // @ts-expect-error: one key
  db.pipeline().run(defineScript('…', { keys: 1 }), []);
  const library = db.registerLibrary('…', { look: { keys: 1 } });
  // @ts-expect-error: no such function
  library.nosuch('k');
  void text;
}
