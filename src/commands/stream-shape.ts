import { textFromBytes } from '../core/bytes.js';
import { KeyspanError } from '../core/errors.js';
import { parseInteger } from '../core/integer.js';
import type { Reply } from '../core/reply.js';
import {
  bytesOf,
  custom,
  int,
  isAbsent,
  itemsOf,
  keyName,
  list,
  nullable,
  record,
  type Shape,
  text,
  value,
} from './shape.js';

const fieldsShape = record(value);

function entryShape(fields: Shape): Shape {
  return custom(`{ id: string; fields: ${fields.type} }`, (reply, view) => {
    const [id = null, content = null] = itemsOf(reply) ?? [];
    return { id: text.decode(id, view), fields: fields.decode(content, view) };
  });
}

/** An entry: its id, and its fields as an object. */
export const entry = entryShape(fieldsShape);
/** An entry that may have been deleted: its fields are null then. */
const entryOrGone = entryShape(nullable(fieldsShape));
/** As told by XREADGROUP: with CLAIM also for how long it was pending, ms, and how often it was delivered before. */
export const entryRead: Shape = custom(
  `{ id: string; fields: ${nullable(fieldsShape).type}; idle?: number; deliveries?: number }`,
  (reply, view) => {
    const [, , idle, deliveries] = itemsOf(reply) ?? [];
    const told = entryOrGone.decode(reply, view) as object;
    return idle === undefined ? told : { ...told, idle: Number(idle), deliveries: Number(deliveries) };
  },
);
export const entries = list(entry);

/** Entries by stream, from a map or from pairs; null after waiting in vain. */
export function byStream(one: Shape): Shape {
  return nullable(record(list(one), keyName));
}

/** An object whose fields have other names on the wire: `[wire name, name, shape]`. Missing ones are null. */
export function fieldsOf(...fields: readonly (readonly [wire: string, name: string, shape: Shape])[]): Shape {
  const type = `{ ${fields.map(([, name, shape]) => `${name}: ${shape.type}`).join('; ')} }`;
  return custom(type, (reply, view) => {
    const found = new Map<string, Reply>();
    const flat = itemsOf(reply) ?? [];
    for (let i = 0; i + 1 < flat.length; i += 2) found.set(textFromBytes(bytesOf(flat[i]) ?? ''), flat[i + 1]);
    return Object.fromEntries(
      fields.map(([wire, name, shape]) => [name, found.has(wire) ? shape.decode(found.get(wire)!, view) : null]),
    );
  });
}

/** An integer that comes as a string. */
export const spelledInt: Shape = custom(int.type, (reply, view) => {
  const value = parseInteger(bytesOf(reply) ?? '');
  if (value === null) throw new KeyspanError('unexpected reply: wanted an integer');
  return view.integer(value);
});

/** As `list`, where null stands for none. */
export function listOrNone(shape: Shape): Shape {
  const all = list(shape);
  return custom(all.type, (reply, view) => (isAbsent(reply) ? [] : all.decode(reply, view)));
}
