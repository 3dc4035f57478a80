import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { KeyOrder } from '../../src/sharding/key-order.js';

describe('the order of writes per key', () => {
  /** Takes turns on keys (null: all) and notes in which order they begin; each ends when told. */
  const play = () => {
    const order = new KeyOrder();
    const begun: string[] = [];
    const take = (name: string, keys: string[] | null): (() => void) => {
      const turn = order.enter(keys);
      const wait = turn.begin();
      if (wait === null) begun.push(name);
      else void wait.then(() => begun.push(name));
      return () => turn.end();
    };
    return { order, begun, take };
  };
  const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

  it('turns on other keys do not wait', () => {
    const { begun, take } = play();
    take('a', ['x']);
    take('b', ['y']);
    assert.deepEqual(begun, ['a', 'b']);
  });

  it('turns on one key come one after the other, as they were taken', async () => {
    const { order, begun, take } = play();
    const [a, b, c] = [take('a', ['x']), take('b', ['x']), take('c', ['x'])];
    assert.deepEqual(begun, ['a']);
    assert.equal(order.isFree(['x']), false);
    a();
    await settled();
    assert.deepEqual(begun, ['a', 'b']);
    b();
    await settled();
    assert.deepEqual(begun, ['a', 'b', 'c']);
    c();
    assert.ok(order.isFree(['x']));
    assert.ok(order.isFree(null));
  });

  it('a turn on several keys waits for each of them', async () => {
    const { begun, take } = play();
    const [a, b] = [take('a', ['x']), take('b', ['y'])];
    take('c', ['x', 'y']);
    a();
    await settled();
    assert.deepEqual(begun, ['a', 'b']);
    b();
    await settled();
    assert.deepEqual(begun, ['a', 'b', 'c']);
  });

  it('a turn on all keys waits for all before it, and all after it wait', async () => {
    const { order, begun, take } = play();
    const a = take('a', ['x']);
    const all = take('all', null);
    const c = take('c', ['z']);
    assert.equal(order.isFree(['other']), false);
    a();
    await settled();
    assert.deepEqual(begun, ['a', 'all']);
    all();
    await settled();
    assert.deepEqual(begun, ['a', 'all', 'c']);
    c();
    assert.ok(order.isFree(null));
  });

  it('a key named twice is one', () => {
    const { begun, take } = play();
    take('a', ['x', 'x']);
    assert.deepEqual(begun, ['a']);
  });
});
