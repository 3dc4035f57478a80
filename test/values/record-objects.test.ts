import assert from 'node:assert/strict';
import { test } from 'node:test';
import { replyViewOf } from '../../src/backend/view.js';
import { record, text, value } from '../../src/commands/shape.js';
import { MapReply } from '../../src/core/reply.js';

const view = replyViewOf({}).plain!;

function flatOf(names: readonly string[], round: number): string[] {
  return names.flatMap((name, i) => [name, `${round}.${i}`]);
}

function namesOf(count: number): string[] {
  return Array.from({ length: count }, (_, i) => `field:${i}`);
}

test('rows of the same fields become objects of their own', () => {
  for (const count of [0, 1, 16, 17, 40, 128, 129, 300]) {
    const shape = record(value, text);
    const names = namesOf(count);
    const kept: Record<string, unknown>[] = [];
    for (let round = 0; round < 5; round++) {
      const object = shape.decode(new MapReply(flatOf(names, round)), view) as Record<string, unknown>;
      assert.deepEqual(
        Object.entries(object),
        names.map((name, i) => [name, `${round}.${i}`]),
      );
      assert.equal(Object.getPrototypeOf(object), Object.prototype);
      kept.push(object);
      object.added = 'by its user';
      if (count > 0) delete object['field:0'];
    }
    for (const [round, object] of kept.entries())
      assert.equal(object[`field:${count - 1}`], count > 1 ? `${round}.${count - 1}` : undefined);
  }
});

test('rows whose fields change, shrink, or have names that mean something in JavaScript', () => {
  const shape = record(value, text);
  const names = [...namesOf(20), '__proto__', 'constructor', '7'];
  const rows = [names, names, names.slice(0, 18), names, [...names].reverse(), names, names, [...names, names[0]!]];
  for (const [round, row] of rows.entries()) {
    const object = shape.decode(flatOf(row, round), view) as object;
    const expected = new Map(row.map((name, i) => [name, `${round}.${i}`]));
    assert.deepEqual(new Map(Object.entries(object)), expected);
    assert.equal(Object.getPrototypeOf(object), Object.prototype);
  }
});
