import {
  anyReply,
  bool,
  bulk,
  custom,
  double,
  int,
  isAbsent,
  list,
  nullable,
  ok,
  record,
  type Shape,
  value,
} from './shape.js';

/** What a script or function may be declared to reply: the names of these shapes. Lua's `false` and `nil` are null. */
export const scriptReplies = {
  any: anyReply,
  ok,
  integer: int,
  integers: list(int),
  boolean: bool,
  /** A number as text: Lua's own fractions would be cut off. */
  number: nullable(double),
  string: nullable(bulk),
  strings: listOrEmpty(nullable(bulk)),
  value: nullable(value),
  values: listOrEmpty(nullable(value)),
  /** `{ field, value, … }`, as HGETALL replies. */
  record: record(bulk),
} as const satisfies Record<string, Shape>;

export type ScriptReply = keyof typeof scriptReplies;

function listOrEmpty(shape: Shape): Shape {
  const all = list(shape);
  return custom(all.type, (reply, view) => (isAbsent(reply) ? [] : all.decode(reply, view)));
}
