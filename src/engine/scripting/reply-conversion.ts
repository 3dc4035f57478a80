import type { Protocol } from '../../backend/session.js';
import { asCString, type Bytes } from '../../core/bytes.js';
import {
  AttributedReply,
  BigNumberReply,
  DoubleReply,
  ErrorReply,
  MapReply,
  NoReply,
  NullArray,
  PairsReply,
  PushReply,
  type Reply,
  SetReply,
  Status,
  VerbatimReply,
} from '../../core/reply.js';
import { LuaTable } from '../lua/table.js';
import { toInt64 } from '../lua/text-format.js';
import type { LuaValue } from '../lua/value.js';

/** Replies within replies that a script can return. */
const DEPTH_MAX = 800;

/** A table with this one field. */
export function fieldTable(field: string, value: LuaValue): LuaTable {
  const table = new LuaTable();
  table.set(field, value);
  return table;
}

function listTable(items: readonly Reply[], protocol: Protocol): LuaTable {
  const table = new LuaTable();
  items.forEach((item, i) => {
    table.set(i + 1, luaOf(item, protocol));
  });
  return table;
}

/** What `redis.call` gives a script for a reply; under RESP2 there are fewer kinds of it. */
export function luaOf(reply: Reply, protocol: Protocol): LuaValue {
  const rich = protocol === 3;
  switch (typeof reply) {
    case 'string':
    case 'number':
      return reply;
    case 'bigint':
      return Number(reply);
    case 'boolean':
      return rich ? reply : Number(reply);
  }
  if (reply === null || reply instanceof NullArray) return rich ? undefined : false;
  if (Array.isArray(reply)) return listTable(reply, protocol);
  if (reply instanceof Status) return fieldTable('ok', reply.text);
  if (reply instanceof ErrorReply) return errorTable(reply.text, true);
  if (reply instanceof DoubleReply) return rich ? fieldTable('double', reply.value) : reply.text;
  if (reply instanceof VerbatimReply) return rich ? verbatim(reply) : reply.text;
  if (reply instanceof BigNumberReply) return rich ? fieldTable('big_number', reply.digits) : reply.digits;
  if (reply instanceof MapReply)
    return rich ? fieldTable('map', mapTable(reply, protocol)) : listTable(reply.flat, protocol);
  if (reply instanceof SetReply)
    return rich ? fieldTable('set', setTable(reply, protocol)) : listTable(reply.items, protocol);
  if (reply instanceof PairsReply) return listTable(rich ? pairsOf(reply) : reply.flat, protocol);
  if (reply instanceof PushReply) return listTable(reply.items, protocol);
  if (reply instanceof AttributedReply) return luaOf(reply.reply, protocol);
  if (reply instanceof NoReply) return undefined;
  return undefined;
}

/** `counted`: the error is in the statistics already. */
export function errorTable(text: Bytes, counted: boolean): LuaTable {
  const table = fieldTable('err', text);
  if (counted) table.set('ignore_error_stats_update', true);
  return table;
}

function verbatim({ text, format }: VerbatimReply): LuaTable {
  return fieldTable('verbatim_string', LuaTable.from({ string: text, format }));
}

function mapTable({ flat }: MapReply, protocol: Protocol): LuaTable {
  const table = new LuaTable();
  for (let i = 0; i + 1 < flat.length; i += 2) {
    const key = luaOf(flat[i], protocol);
    if (key !== undefined) table.set(key, luaOf(flat[i + 1], protocol));
  }
  return table;
}

function setTable({ items }: SetReply, protocol: Protocol): LuaTable {
  const table = new LuaTable();
  for (const item of items) {
    const key = luaOf(item, protocol);
    if (key !== undefined) table.set(key, true);
  }
  return table;
}

function pairsOf({ flat }: PairsReply): Reply[] {
  const pairs: Reply[] = [];
  for (let i = 0; i + 1 < flat.length; i += 2) pairs.push([flat[i], flat[i + 1]]);
  return pairs;
}

/** Simple replies are C strings in Redis: they end at a zero byte. */
function oneLine(text: Bytes): Bytes {
  return asCString(text).replace(/[\r\n]/g, ' ');
}

/** The reply that a script's value is; `protocol` is the one that the script chose. */
export function replyOf(value: LuaValue, protocol: Protocol, depth = 0): Reply {
  switch (typeof value) {
    case 'string':
      return value;
    case 'number':
      return integerReply(value);
    case 'boolean':
      if (protocol === 3) return value;
      return value ? 1 : null;
  }
  if (!(value instanceof LuaTable)) return null;
  if (depth >= DEPTH_MAX) return new ErrorReply('ERR reached lua stack limit');
  return tableReply(value, protocol, depth);
}

function integerReply(value: number): Reply {
  if (Number.isSafeInteger(value)) return value + 0;
  const integer = toInt64(value);
  return Number.isSafeInteger(Number(integer)) ? Number(integer) : integer;
}

function tableReply(table: LuaTable, protocol: Protocol, depth: number): Reply {
  const err = table.getText('err');
  if (typeof err === 'string') return new ErrorReply(oneLine(err.replace(/[\r\n]+$/, '')));
  const ok = table.getText('ok');
  if (typeof ok === 'string') return new Status(oneLine(ok));
  const double = table.getText('double');
  if (typeof double === 'number') return new DoubleReply(double);
  const big = table.getText('big_number');
  if (typeof big === 'string') return new BigNumberReply(oneLine(big));
  const text = table.getText('verbatim_string');
  if (text instanceof LuaTable) {
    const format = text.getText('format');
    const string = text.getText('string');
    if (typeof format === 'string' && typeof string === 'string') return new VerbatimReply(string, format as 'txt');
  }
  const map = table.getText('map');
  if (map instanceof LuaTable) {
    const flat: Reply[] = [];
    for (const [key, value] of map.entries())
      flat.push(replyOf(key, protocol, depth + 1), replyOf(value, protocol, depth + 1));
    return new MapReply(flat);
  }
  const set = table.getText('set');
  if (set instanceof LuaTable) {
    return new SetReply([...set.entries()].map(([key]) => replyOf(key, protocol, depth + 1)));
  }
  const items: Reply[] = [];
  for (let i = 1; ; i++) {
    const item = table.get(i);
    if (item === undefined) return items;
    items.push(replyOf(item, protocol, depth + 1));
  }
}
