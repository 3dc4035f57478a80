import assert from 'node:assert/strict';
import { beforeEach, it } from 'node:test';
import { embedded } from '../../src/embedded.js';
import { DataError, type Message, open, ReplyError, type TextView, UnsupportedError } from '../../src/index.js';
import { onStages } from '../support/stages.js';

await onStages('a view with a prefix', (stage) => {
  beforeEach(() => stage().db.flushall());

  it('keeps its keys under the prefix, whatever command names them', async () => {
    const { db } = stage();
    const view = db.with({ prefix: 'app:' });
    await view.set('a', '1');
    await view.mset({ b: '2', c: '3' });
    await view.rpush('list', 'x', 'y');
    await view.copy('a', 'copied');
    await view.rename('copied', 'moved');
    await view.zadd('z', { m: 1 });
    await view.zunionstore('sum', ['z'], { weights: [2] });
    await view.sortStore('list', 'sorted', { alpha: true });
    await view.xadd('s', '*', { f: 'v' });
    assert.deepEqual(
      (await db.keys('*')).sort(),
      ['a', 'b', 'c', 'list', 'moved', 's', 'sorted', 'sum', 'z'].map((key) => `app:${key}`).sort(),
    );
    assert.deepEqual(await view.mget('a', 'b', 'nosuch'), ['1', '2', null]);
    assert.equal(await view.objectEncoding('a'), 'int');
    assert.equal(typeof (await view.memoryUsage('a')), 'number');
    assert.equal((await view.debugObject('a')).encoding, 'int');
  });

  it('sees its own keys alone, under the names it gave them', async () => {
    const { db } = stage();
    const view = db.with({ prefix: '[x]*' });
    await db.mset({ '[x]*one': '1', '[x]*two': '2', x1: 'no', '[x]other': 'no' });
    assert.deepEqual((await view.keys('*')).sort(), ['one', 'two']);
    assert.deepEqual(await view.keys('o*'), ['one']);
    const scanned: string[] = [];
    for await (const key of view.scanIter()) scanned.push(key);
    assert.deepEqual(scanned.sort(), ['one', 'two']);
    const matched: string[] = [];
    for await (const key of view.scanIter({ match: 't*', count: 100 })) matched.push(key);
    assert.deepEqual(matched, ['two']);
    const [cursor, page] = await view.scan(0, { count: 1000 });
    assert.deepEqual([cursor, page.sort()], ['0', ['one', 'two']]);
    assert.deepEqual(((await view.call('KEYS', '*')) as string[]).sort(), ['one', 'two']);
    assert.deepEqual(await view.call('SCAN', 0, 'COUNT', 1000, 'MATCH', 'o*'), ['0', ['one']]);
    assert.deepEqual(((await view.call('SCAN', 0, 'COUNT', 1000)) as [string, string[]])[1].sort(), ['one', 'two']);
  });

  it('draws a random key among its own', async () => {
    const { db } = stage();
    const view = db.with({ prefix: 'rare:' });
    assert.equal(await view.randomkey(), null);
    const others: Record<string, string> = {};
    for (let i = 0; i < 2000; i++) others[`other${i}`] = '';
    await db.mset(others);
    assert.equal(await view.randomkey(), null);
    await db.mset({ 'rare:a': '', 'rare:b': '' });
    const drawn = new Set<string | null>();
    for (let i = 0; i < 200 && drawn.size < 2; i++) drawn.add(await view.randomkey());
    assert.deepEqual(drawn, new Set(['a', 'b']));
    assert.throws(() => view.pipeline().randomkey(), UnsupportedError);
  });

  it('takes the prefix off keys in replies', async () => {
    const view = stage().db.with({ prefix: 'app:' });
    await view.rpush('l', 'a', 'b', 'c', 'd');
    await view.zadd('z', { m: 1, n: 2, o: 3 });
    await view.xadd('s', '1-1', { f: 'v' });
    assert.deepEqual(await view.blpop(['none', 'l'], 1), ['l', 'a']);
    assert.deepEqual(await view.lmpop(['none', 'l'], 'right'), ['l', ['d']]);
    assert.deepEqual(await view.blmpop(1, ['l'], 'left', { count: 2 }), ['l', ['b', 'c']]);
    assert.deepEqual(await view.bzpopmin(['z'], 1), ['z', 'm', 1]);
    assert.deepEqual(await view.zmpop(['z'], 'max'), ['z', [['o', 3]]]);
    assert.deepEqual(await view.xread({ s: '0' }), { s: [{ id: '1-1', fields: { f: 'v' } }] });
    await view.xgroupCreate('s', 'g', '0');
    assert.deepEqual(await view.xreadgroupNow('g', 'me', { s: '>' }), { s: [{ id: '1-1', fields: { f: 'v' } }] });
    assert.equal(await view.blpop(['none'], 0.01), null);
  });

  it('gives SORT patterns the prefix, but not #', async () => {
    const view = stage().db.with({ prefix: 'app:' });
    await view.rpush('ids', '1', '2');
    await view.mset({ w_1: '20', w_2: '10' });
    await view.hset('o_1', 'name', 'one');
    await view.hset('o_2', 'name', 'two');
    const sorted = await view.sort('ids', { by: 'w_*', get: ['#', 'o_*->name'] });
    assert.deepEqual(sorted, ['2', 'two', '1', 'one']);
    await assert.rejects(view.with({ prefix: '*' }).sort('ids', { by: 'w_*' }), DataError);
  });

  it('holds in pipelines, transactions, watched ones and scripts', async () => {
    const { db } = stage();
    const view = db.with({ prefix: 'app:' });
    await view.set('n', '1');
    assert.deepEqual(await view.pipeline().incr('n').keys('*').call('GET', 'n').exec(), [2, ['n'], '2']);
    assert.deepEqual(await view.multi().incr('n').get('n').exec(), [3, '3']);
    let tries = 0;
    const result = await view.transaction(async (watched) => {
      const n = Number(await watched.get('n'));
      if (++tries === 1) await db.set('app:n', '10');
      return await watched
        .multi()
        .set('n', String(n + 1))
        .get('n')
        .exec();
    }, 'n');
    assert.deepEqual([tries, result], [2, [true, '11']]);
    assert.equal(await view.eval("return redis.call('get', KEYS[1])", ['n']), '11');
    assert.equal(await view.call('EVAL', 'return KEYS[1]', 1, 'n'), 'app:n');
  });

  it('holds for channels, patterns and messages', async () => {
    const { db } = stage();
    const view = db.with({ prefix: 'app?' });
    const heard: Message<TextView>[] = [];
    let wake: () => void = () => undefined;
    const take = (message: Message<TextView>): void => {
      heard.push(message);
      wake();
    };
    const subscriptions = [
      await view.subscribe('news', take),
      await view.psubscribe('w*', take),
      await view.ssubscribe('shard', take),
    ];
    assert.deepEqual((await view.pubsubChannels()).sort(), ['news']);
    assert.deepEqual(await view.pubsubNumsub({ channels: ['news'] }), [['news', 1]]);
    await db.publish('news', 'to others');
    await db.publish('appXweather', 'to others');
    await view.publish('news', 'a');
    await db.publish('app?weather', 'b');
    await view.spublish('shard', 'c');
    while (heard.length < 3)
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    heard.sort((a, b) => (a.payload < b.payload ? -1 : 1));
    assert.deepEqual(heard, [
      { channel: 'news', pattern: null, payload: 'a' },
      { channel: 'weather', pattern: 'w*', payload: 'b' },
      { channel: 'shard', pattern: null, payload: 'c' },
    ]);
    for (const subscription of subscriptions) subscription.close();
  });

  it('composes: with itself, with bytes, bigints and deadlines', async () => {
    const { db } = stage();
    const view = db
      .with({ prefix: 'a:' })
      .with({ integers: 'bigint' })
      .with({ prefix: 'b:' })
      .with({ as: 'bytes', timeout: 1000 });
    await view.set('k', 'v');
    assert.deepEqual(await db.keys('*'), ['a:b:k']);
    assert.equal(await view.incr('n'), 1n);
    assert.deepEqual(await view.get('k'), new Uint8Array([118]));
    const raw = db.with({ prefix: new Uint8Array([0xff, 0]) });
    await raw.set('k', 'v');
    assert.deepEqual(await raw.keys('*'), ['k']);
    assert.equal(await db.exists(new Uint8Array([0xff, 0, 107])), 1);
  });

  it('leaves errors and unknown commands as they are', async () => {
    const view = stage().db.with({ prefix: 'app:' });
    await view.set('s', 'x');
    await assert.rejects(view.lpush('s', 'y'), (error) => error instanceof ReplyError && error.code === 'WRONGTYPE');
    await assert.rejects(view.call('NOSUCH', 'a'), /unknown command 'NOSUCH'/);
    await assert.rejects(view.call('SORT', 's', 'BY'), /syntax error/);
  });
});

it('open takes a prefix', async () => {
  await using db = open('memory:', { prefix: 'p:' });
  await db.set('a', '1');
  assert.deepEqual(await db.keys('*'), ['a']);
  assert.equal(await db.eval('return KEYS[1]', ['a']), 'p:a');
});

it('the synchronous face has prefixes too', async () => {
  const { sync, close } = embedded();
  const view = sync.with({ prefix: 'p:' });
  assert.equal(view.set('a', '1'), true);
  assert.equal(view.get('a'), '1');
  assert.deepEqual(sync.keys('*'), ['p:a']);
  assert.deepEqual([...view.scanIter()], ['a']);
  assert.equal(view.randomkey(), 'a');
  assert.deepEqual(view.multi().incr('a').exists('a').exec(), [2, 1]);
  await close();
});
