/**
 * Writes Lua programs over the keys of the fuzz: short, always ending, and with one meaning only. What Lua leaves open
 * (the order of `pairs`, addresses in `tostring`, the time) does not occur, nor do replies without an order.
 */
import type { Values } from './values.js';

/** `source numkeys key… arg…` for EVAL. KEYS 1–6 are of the kinds below, so that most commands fit. */
export function luaProgram(values: Values): string[] {
  const writer = new Writer(values);
  const keys = kinds.map((kind) => values.key(kind));
  // JavaScript cannot tell one NaN from another, C prints their signs.
  const args = [values.word(), values.integer(), values.float()].map((arg) =>
    /nan/i.test(arg) ? '1' : arg.slice(0, 40),
  );
  return [writer.program(), String(keys.length), ...keys, ...args];
}

const kinds = ['str', 'num', 'list', 'hash', 'set', 'zset'] as const;
/** How deep statements and expressions are nested. */
const DEPTH_MAX = 3;

type Type = 'number' | 'string' | 'boolean' | 'table' | 'reply';

class Writer {
  readonly #values: Values;
  readonly #lines: string[] = [];
  readonly #locals: { name: string; type: Type }[] = [];
  #serial = 0;

  constructor(values: Values) {
    this.#values = values;
  }

  program(): string {
    const count = 1 + this.#values.below(6);
    for (let i = 0; i < count; i++) this.#statement(0);
    this.#lines.push(`return ${this.#result()}`);
    return this.#lines.join(this.#values.chance(0.5) ? '\n' : ' ');
  }

  #statement(depth: number): void {
    const { chance } = { chance: (share: number) => this.#values.chance(share) };
    const n = this.#values.below(depth < DEPTH_MAX ? 10 : 6);
    if (n < 4) this.#declare(depth);
    else if (n === 4) this.#lines.push(this.#assignment());
    else if (n === 5) this.#lines.push(`${this.#command()};`);
    else if (n === 6) this.#block(`if ${this.#expression('boolean', 0)} then`, depth, chance(0.5));
    else if (n === 7) {
      this.#block(`for i${++this.#serial} = 1, ${1 + this.#values.below(4)} do`, depth, false);
    } else if (n === 8) {
      const name = `n${++this.#serial}`;
      this.#lines.push(`local ${name} = 0`, `while ${name} < ${1 + this.#values.below(3)} do ${name} = ${name} + 1`);
      this.#inner(depth);
      this.#lines.push('end');
    } else {
      const name = `ok${++this.#serial}`;
      this.#lines.push(`local ${name} = pcall(function()`);
      this.#inner(depth);
      this.#lines.push('end)');
      this.#locals.push({ name, type: 'boolean' });
    }
  }

  #block(head: string, depth: number, otherwise: boolean): void {
    this.#lines.push(head);
    this.#inner(depth);
    if (otherwise) {
      this.#lines.push('else');
      this.#inner(depth);
    }
    this.#lines.push('end');
  }

  /** Locals of a block end with it. */
  #inner(depth: number): void {
    const before = this.#locals.length;
    this.#statement(depth + 1);
    this.#locals.length = before;
  }

  #declare(depth: number): void {
    const type = this.#values.pick<Type>(['number', 'string', 'boolean', 'table', 'reply', 'reply']);
    const text = this.#expression(type, depth);
    const name = `v${++this.#serial}`;
    this.#lines.push(`local ${name} = ${text}`);
    this.#locals.push({ name, type });
  }

  #assignment(): string {
    const local = this.#local(this.#values.pick<Type>(['number', 'string', 'table']));
    if (local === null) return `local v${++this.#serial} = ${this.#expression('number', 0)}`;
    if (local.type !== 'table') return `${local.name} = ${this.#expression(local.type, 0)}`;
    return this.#values.pick([
      `table.insert(${local.name}, ${this.#expression(this.#scalar(), 1)})`,
      `${local.name}[#${local.name} + 1] = ${this.#expression(this.#scalar(), 1)}`,
      `table.remove(${local.name})`,
      `${local.name}.x = ${this.#expression(this.#scalar(), 1)}`,
    ]);
  }

  #local(type: Type): { name: string; type: Type } | null {
    const fitting = this.#locals.filter((local) => local.type === type);
    return fitting.length === 0 ? null : this.#values.pick(fitting);
  }

  #scalar(): Type {
    return this.#values.pick<Type>(['number', 'string', 'boolean']);
  }

  #expression(type: Type, depth: number): string {
    // Now and then a wrong type: errors have to be the same too.
    const wanted = this.#values.chance(0.02) ? this.#scalar() : type;
    const local = this.#values.chance(0.4) ? this.#local(wanted) : null;
    if (local !== null) return local.name;
    if (wanted === 'reply') return this.#command();
    if (wanted === 'table') return this.#table(depth);
    const leaf = depth >= DEPTH_MAX || this.#values.chance(0.3);
    if (wanted === 'number') return leaf ? this.#number() : this.#sum(depth + 1);
    if (wanted === 'string') return leaf ? this.#text() : this.#stringCall(depth + 1);
    return leaf ? this.#values.pick(['true', 'false']) : this.#condition(depth + 1);
  }

  #number(): string {
    const v = this.#values;
    const digits = v.pick(['0', '1', '-1', '2', '7', '10', '0.5', '-2.25', '1e3', '0x1F', '123456789', '2^31']);
    return v.pick([digits, digits, String(v.below(100)), '#KEYS', 'tonumber(ARGV[2])', '(tonumber(ARGV[3]) or 1)']);
  }

  #sum(depth: number): string {
    const a = this.#expression('number', depth);
    const b = this.#expression('number', depth);
    const s = this.#expression('string', depth);
    return this.#values.pick([
      `(${a} + ${b})`,
      `(${a} - ${b})`,
      `(${a} * ${b})`,
      `(${a} % 7)`,
      `-(${a})`,
      `math.floor(${a} / 3)`,
      `math.max(${a}, ${b})`,
      `math.abs(${a})`,
      `#(${s})`,
      `(string.find(${s}, 'a', 1, true) or 0)`,
      `(string.byte(${s}) or 0)`,
      `bit.band(${a}, 255)`,
      `bit.bxor(${a}, 3)`,
      `select('#', ${a}, ${b})`,
      `(tonumber(${s}) or 0)`,
    ]);
  }

  #text(): string {
    const v = this.#values;
    return v.pick([
      "''",
      "'abc'",
      "'a\\0b\\255'",
      "'12'",
      "' 3 '",
      '"0x10"',
      '[[long text]]',
      'ARGV[1]',
      'ARGV[2]',
      `KEYS[${1 + v.below(kinds.length)}]`,
      `'${'xy'.repeat(v.below(12))}'`,
    ]);
  }

  #stringCall(depth: number): string {
    const a = this.#expression('string', depth);
    const b = this.#expression('string', depth);
    const n = this.#expression('number', depth);
    return this.#values.pick([
      `(${a} .. ${b})`,
      `(${a} .. ${n})`,
      `tostring(${n})`,
      `tostring(${this.#expression('boolean', depth)})`,
      `string.upper(${a})`,
      `string.sub(${a}, 2, -2)`,
      `string.rep(${a}, 2)`,
      `string.reverse(${a})`,
      `string.format('%s|%5d|%-4s|%.3f', ${a}, math.floor(${n}) % 1000, 'q', ${n})`,
      `string.format('%q', ${a})`,
      `(string.gsub(${a}, '%a', '<%0>'))`,
      `(string.match(${a}, '%d+') or 'none')`,
      `type(${this.#expression(this.#scalar(), depth)})`,
      `redis.sha1hex(${a})`,
      `cjson.encode({${n}, ${a}})`,
      `cjson.encode(cjson.decode('[1,"a",[true,null],{"k":2.5}]')[3])`,
      `string.upper(struct.pack('>I4', math.floor(${n}) % 65536))`,
      `cmsgpack.pack(${n})`,
      `table.concat({${a}, ${b}, '-'}, ',')`,
      `bit.tohex(${n})`,
    ]);
  }

  #condition(depth: number): string {
    const n = this.#expression('number', depth);
    const s = this.#expression('string', depth);
    const b = this.#expression('boolean', depth);
    return this.#values.pick([
      `(${n} < ${this.#expression('number', depth)})`,
      `(${n} == ${this.#expression('number', depth)})`,
      `(${s} == ${this.#expression('string', depth)})`,
      `(${s} < ${this.#expression('string', depth)})`,
      `(not ${b})`,
      `(${b} and ${this.#expression('boolean', depth)})`,
      `(${b} or ${n} ~= 0)`,
      `(redis.call('EXISTS', KEYS[${1 + this.#values.below(kinds.length)}]) == 1)`,
    ]);
  }

  #table(depth: number): string {
    const items = Array.from({ length: this.#values.below(4) }, () => this.#expression(this.#scalar(), depth + 1));
    if (this.#values.chance(0.15)) return `cmsgpack.unpack(cmsgpack.pack({${items.join(', ')}}))`;
    if (this.#values.chance(0.15)) return `cjson.decode('[1, 2.5, "x", false]')`;
    return `{${items.join(', ')}}`;
  }

  /** A command on the key of its kind, or on another one. */
  #command(): string {
    const v = this.#values;
    const any = `KEYS[${1 + v.below(kinds.length)}]`;
    const s = this.#expression('string', 2);
    const n = `math.floor(${this.#expression('number', 2)})`;
    const call = v.chance(0.2) ? 'redis.pcall' : 'redis.call';
    const text = v.pick([
      `'GET', KEYS[1]`,
      `'SET', KEYS[1], ${s}`,
      `'APPEND', KEYS[1], ${s}`,
      `'STRLEN', ${any}`,
      `'INCRBY', KEYS[2], ${n}`,
      `'DECR', KEYS[2]`,
      `'RPUSH', KEYS[3], ${s}, ${n}`,
      `'LPOP', KEYS[3]`,
      `'LRANGE', KEYS[3], 0, 3`,
      `'LLEN', ${any}`,
      `'HSET', KEYS[4], 'f', ${s}`,
      `'HGET', KEYS[4], 'f'`,
      `'HMGET', KEYS[4], 'f', 'none'`,
      `'HINCRBY', KEYS[4], 'n', ${n}`,
      `'SADD', KEYS[5], ${s}`,
      `'SISMEMBER', KEYS[5], ${s}`,
      `'SCARD', ${any}`,
      `'ZADD', KEYS[6], ${n}, ${s}`,
      `'ZSCORE', KEYS[6], ${s}`,
      `'ZRANGE', KEYS[6], 0, 2, 'WITHSCORES'`,
      `'ZINCRBY', KEYS[6], 1.5, 'm'`,
      `'TYPE', ${any}`,
      `'EXISTS', ${any}`,
      `'DEL', ${any}`,
      `'TTL', ${any}`,
      `'OBJECT', 'ENCODING', ${any}`,
      `'ECHO', ${s}`,
      `'NOSUCHCOMMAND'`,
      `'GET'`,
      `'SUBSCRIBE', 'c'`,
      `'INCR', KEYS[1]`,
    ]);
    return `${call}(${text})`;
  }

  #result(): string {
    const v = this.#values;
    const n = v.below(12);
    if (n < 4) return this.#expression(v.pick<Type>(['number', 'string', 'boolean', 'table', 'reply']), 0);
    if (n === 4) return `redis.status_reply(${this.#expression('string', 2)})`;
    if (n === 5) return `redis.error_reply('MY ' .. ${this.#expression('string', 2)})`;
    if (n === 6) return `{ok = 'fine', ${this.#expression('number', 2)}}`;
    if (n === 7) return `{err = 'ERR odd'}`;
    if (n === 8) return `{1, nil, 3}`;
    if (n === 9) return `error(${this.#expression(this.#scalar(), 1)})`;
    const parts = Array.from({ length: 1 + v.below(3) }, () =>
      this.#expression(v.pick<Type>(['reply', 'number', 'string', 'table']), 1),
    );
    return `{${parts.join(', ')}}`;
  }
}
