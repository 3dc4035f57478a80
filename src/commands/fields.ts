import { textFromBytes } from '../core/bytes.js';
import type { Reply } from '../core/reply.js';
import type { ReplyView } from './shape.js';
import {
  anyReply,
  bytesOf,
  custom,
  defineField,
  itemsOf,
  list,
  nullable,
  pairList,
  type Shape,
  text,
} from './shape.js';

/** Replies that are maps with maps in them: RESP2 sends both as lists, and only their fields tell what is what. */

type FieldShapes = Readonly<Record<string, Shape>> | ((field: string) => Shape | undefined);

/** Field → value, with shapes for some fields; the others are decoded by their wire types. */
export function fields(shapes: FieldShapes): Shape {
  const shapeOf = typeof shapes === 'function' ? shapes : (field: string) => shapes[field];
  return custom('Record<string, ReplyValue<V>>', (reply, view) => {
    const object: Record<string, unknown> = {};
    const flat = itemsOf(reply) ?? [];
    for (let i = 0; i + 1 < flat.length; i += 2) {
      const field = textFromBytes(bytesOf(flat[i]!) ?? '');
      defineField(object, field, (shapeOf(field) ?? anyReply).decode(flat[i + 1]!, view));
    }
    return object;
  });
}

/** A shape that may contain itself. */
function again(shape: () => Shape): Shape {
  return custom('ReplyValue<V>', (reply: Reply, view: ReplyView) => shape().decode(reply, view));
}

const argument: Shape = fields({ flags: list(text), arguments: list(again(() => argument)) });

/** COMMAND DOCS: the documentation by command, that of subcommands within. */
export const documentation: Shape = {
  ...fields(() =>
    fields({
      arguments: list(argument),
      history: pairList(text, text),
      doc_flags: list(text),
      subcommands: again(() => documentation),
    }),
  ),
  type: 'ReplyValue<V>',
};

const search = fields({ spec: fields({}) });
const keySpec = fields({ flags: list(text), begin_search: search, find_keys: search });

/** COMMAND INFO: name, arity, flags, first, last and step of keys, categories, tips, key specifications, subcommands. */
export const description: Shape = custom('ReplyValue<V>', (reply, view) =>
  (itemsOf(reply) ?? []).map((item, i) => {
    if (i === 8) return list(keySpec).decode(item, view);
    if (i === 9) return list(nullable(description)).decode(item, view);
    return anyReply.decode(item, view);
  }),
);
