import assert from 'node:assert/strict';
import { beforeEach, it } from 'node:test';
import { embedded } from '../../src/embedded.js';
import { DataError, defineScript, PipelineError, ReplyError } from '../../src/index.js';
import { onStages } from '../support/stages.js';

const ADD = "return redis.call('incrby', KEYS[1], ARGV[1])";
const LIBRARY = `#!lua name=counters
redis.register_function('add', function(keys, args) return redis.call('incrby', keys[1], args[1]) end)
redis.register_function{ function_name = 'look', callback = function(keys) return redis.call('get', keys[1]) end, flags = { 'no-writes' } }
`;

await onStages('scripts', (stage) => {
  beforeEach(async () => {
    await stage().db.flushall();
    await stage().db.scriptFlush();
    await stage().db.functionFlush();
  });

  it('a registered script is called by keys and arguments, whether the server knows it or not', async () => {
    const { db } = stage();
    const add = db.registerScript(ADD, { keys: 1, reply: 'integer', name: 'add' });
    assert.deepEqual(await db.scriptExists(add.sha), [false]);
    assert.equal(await add('n', [5]), 5);
    assert.deepEqual(await db.scriptExists(add.sha), [true]);
    assert.equal(await add(['n'], [2]), 7);
    await db.scriptFlush();
    assert.equal(await add('n', [1]), 8);
    assert.equal(await db.scriptLoad(ADD), add.sha);
  });

  it('in batches, known or not', async () => {
    const { db } = stage();
    const add = db.registerScript(ADD, { keys: 1, reply: 'integer' });
    for (const batch of [() => db.pipeline(), () => db.multi()]) {
      await db.flushall();
      await db.scriptFlush();
      const replies = await batch().run(add, 'n', [1]).get('n').run(add, ['n'], [10]).get('n').exec();
      assert.deepEqual(replies, [1, '1', 11, '11']);
      assert.deepEqual(await batch().run(add, 'n', [1]).exec(), [12]);
    }
    const flushed = await db.pipeline().run(add, 'n', [1]).scriptFlush().exec();
    assert.deepEqual(flushed, [13, 'OK']);
  });

  it('replies are decoded as declared', async () => {
    const { db } = stage();
    const reply = <R extends Parameters<typeof db.registerScript>[1]>(source: string, options: R) =>
      db.registerScript(source, { keys: 0, ...options } as R)([]);
    assert.equal(await reply('return 1', { reply: 'boolean' }), true);
    assert.equal(await reply('return false', { reply: 'boolean' }), false);
    assert.equal(await reply("return '1.5'", { reply: 'number' }), 1.5);
    assert.equal(await reply('return false', { reply: 'string' }), null);
    assert.deepEqual(await reply("return {'a', false, 'b'}", { reply: 'strings' }), ['a', null, 'b']);
    assert.deepEqual(await reply('return {1, 2}', { reply: 'integers' }), [1, 2]);
    assert.deepEqual(await reply("return {'a', '1', 'b', '2'}", { reply: 'record' }), { a: '1', b: '2' });
    assert.equal(await reply("return redis.status_reply('OK')", { reply: 'ok' }), 'OK');
    const doubled = db.registerScript('return 21', { keys: 0, reply: 'integer', decode: (n) => n * 2 });
    assert.equal(await doubled([]), 42);
    const typed = db.with({ codec: { encode: (n: number) => String(n), decode: Number } });
    await typed.set('n', 7);
    assert.equal(await typed.registerScript("return redis.call('get', KEYS[1])", { keys: 1, reply: 'value' })('n'), 7);
  });

  it('a view gives the keys its prefix; run() calls a script of another view', async () => {
    const { db } = stage();
    const add = defineScript(ADD, { keys: 1, reply: 'integer' });
    const view = db.with({ prefix: 'p:', integers: 'bigint' });
    assert.equal(await view.run(add, 'n', [3]), 3n);
    assert.equal(await db.get('p:n'), '3');
    assert.deepEqual(await view.pipeline().run(add, 'n', [1]).exec(), [4n]);
  });

  it('a script that only reads may not write', async () => {
    const { db } = stage();
    await db.set('n', '1');
    const get = db.registerScript("return redis.call('get', KEYS[1])", { keys: 1, reply: 'string', readonly: true });
    assert.equal(await get('n'), '1');
    const write = db.registerScript(ADD, { keys: 1, readonly: true });
    await assert.rejects(write('n', [1]), /Write commands are not allowed/);
    assert.equal(await db.get('n'), '1');
  });

  it('what is wrong is said', async () => {
    const { db } = stage();
    const add = db.registerScript(ADD, { keys: 1 });
    await assert.rejects(add([] as never, [1]), DataError);
    assert.throws(() => db.pipeline().run(add, ['a', 'b'] as never), DataError);
    assert.throws(() => db.registerScript(''), DataError);
    assert.throws(() => db.registerScript('return 1', { reply: 'nosuch' as never }), DataError);
    await assert.rejects(
      db.registerScript('return (')([]),
      (error) => error instanceof ReplyError && /compiling/.test(error.message),
    );
    await db.set('n', 'x');
    await assert.rejects(add('n', [1]), /not an integer/);
    await assert.rejects(db.pipeline().run(add, 'n', [1]).exec(), PipelineError);
  });

  it('functions of a library, loaded when they are missing', async () => {
    const { db } = stage();
    const counters = db.registerLibrary(LIBRARY, {
      add: { keys: 1, reply: 'integer' },
      look: { keys: 1, reply: 'string', readonly: true },
    });
    assert.equal(await counters.add('n', [4]), 4);
    assert.equal(await counters.look('n'), '4');
    await db.functionFlush();
    assert.equal(await counters.look('n'), '4');
    assert.equal(await counters.load(), 'counters');
    assert.deepEqual(await db.pipeline().run(counters.add, 'n', [1]).run(counters.look, 'n').exec(), [5, '5']);
    assert.throws(() => db.registerLibrary('return 1', {}), DataError);
    const wrong = db.registerLibrary(LIBRARY, { nosuch: { keys: 0 } });
    await assert.rejects(wrong.nosuch([]), /Function not found/);
  });
});

it('the synchronous face runs scripts', async () => {
  const { sync, close } = embedded();
  const add = defineScript(ADD, { keys: 1, reply: 'integer' });
  assert.equal(sync.run(add, 'n', [2]), 2);
  assert.deepEqual(sync.multi().run(add, 'n', [1]).get('n').exec(), [3, '3']);
  await close();
});
