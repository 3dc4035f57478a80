import type { Bytes } from '../../src/core/bytes.js';
import { Random } from '../../src/core/random.js';
import { laneNames } from '../../src/server/lane-names.js';

/** Draws commands: mostly plain ones, over few keys of each type, and some for every reason to leave the lanes. */
export class Generator {
  readonly #random: Random;
  constructor(seed: number) {
    this.#random = new Random(seed);
  }

  below(n: number): number {
    return this.#random.below(n);
  }
  of<T>(choices: readonly T[]): T {
    return choices[this.#random.below(choices.length)];
  }
  key(type: string): Bytes {
    const kind = this.below(12) === 0 ? this.of(['s', 'l', 'u', 'h', 'z']) : type;
    return `${kind}${this.below(4)}`;
  }
  integer(): Bytes {
    return this.of([
      '0',
      '1',
      '-1',
      '7',
      '42',
      '-100',
      '9007199254740991',
      '-9007199254740991',
      '9223372036854775807',
      '-9223372036854775808',
      '99999999999999999999',
      '-0',
      '+1',
      '01',
      ' 1',
      '',
      'x',
      '123456789012345',
      '1.5',
      '9007199254740993',
      '12345678901234567',
    ]);
  }
  value(): Bytes {
    const { length } = this.of([
      { length: 0 },
      { length: 3 },
      { length: 20 },
      { length: 70 },
      { length: 300 },
      { length: 3000 },
    ]);
    return this.below(3) === 0
      ? this.integer()
      : this.of(['a', 'b', '\xff', '\r\n', '9']).repeat(length).slice(0, length);
  }
  element(): Bytes {
    return this.below(4) === 0 ? this.value() : `${this.of(['', 'm'])}${this.below(12)}`;
  }
  score(): Bytes {
    return this.of([
      '0',
      '0',
      '1',
      '1',
      '-1',
      '2.5',
      '-0',
      'inf',
      '-inf',
      'nan',
      '1e5',
      '0x10',
      '000000000012',
      '3.',
      'x',
      '',
      '1e400',
    ]);
  }
  some(draw: () => Bytes, max = 3): Bytes[] {
    return Array.from({ length: 1 + this.below(max) }, draw);
  }

  plain(): Bytes[] {
    const element = () => this.element();
    const pairs = () => this.some(() => '').flatMap(() => [this.key('s'), this.value()]);
    const fields = () => this.some(() => '').flatMap(() => [element(), this.value()]);
    const name = this.of(laneNames)[0];
    const argv = ((): Bytes[] => {
      switch (name) {
        case 'ping':
          return [name];
        case 'get':
        case 'incr':
        case 'decr':
          return [name, this.key('s')];
        case 'set':
          return [name, this.key('s'), this.value()];
        case 'mset':
          return [name, ...pairs()];
        case 'incrby':
        case 'decrby':
          return [name, this.key('s'), this.integer()];
        case 'del':
        case 'exists':
          return [name, this.key(this.of(['s', 'l', 'u', 'h', 'z']))];
        case 'lpush':
        case 'rpush':
          return [name, this.key('l'), ...this.some(element)];
        case 'lpop':
        case 'rpop':
          return [name, this.key('l')];
        case 'lrange':
          return [name, this.key('l'), this.integer(), this.integer()];
        case 'sadd':
          return [name, this.key('u'), ...this.some(element)];
        case 'hset':
          return [name, this.key('h'), ...fields()];
        case 'hget':
          return [name, this.key('h'), element()];
        default:
          return ['zadd', this.key('z'), this.score(), element()];
      }
    })();
    if (this.below(3) > 0) argv[0] = argv[0].toUpperCase();
    // Now and then a word too few or too many.
    if (this.below(25) === 0) argv.pop();
    if (this.below(25) === 0) argv.push(this.element());
    return argv.length === 0 ? ['PING'] : argv;
  }

  special(): Bytes[] {
    const key = this.key(this.of(['s', 'l', 'u', 'h', 'z']));
    const simple: Bytes[][] = [
      ['SET', key, this.value(), 'PX', String(1 + this.below(60))],
      ['SET', key, this.value(), 'KEEPTTL'],
      ['SET', key, this.value(), this.of(['NX', 'XX', 'GET'])],
      ['PEXPIRE', key, String(1 + this.below(60))],
      ['PEXPIRE', key, String(1 + this.below(60))],
      ['PERSIST', key],
      ['APPEND', this.key('s'), this.value()],
      ['SETRANGE', this.key('s'), '2', this.value()],
      ['INCRBYFLOAT', this.key('s'), '0.5'],
      ['COPY', this.key('s'), this.key('s'), 'REPLACE'],
      ['RENAME', key, this.key('s')],
      ['LPOP', this.key('l'), '2'],
      ['SPOP', this.key('u')],
      ['SREM', this.key('u'), this.element()],
      ['HDEL', this.key('h'), this.element()],
      ['ZADD', this.key('z'), this.of(['NX', 'XX', 'GT', 'CH']), this.score(), this.element()],
      ['ZINCRBY', this.key('z'), this.score(), this.element()],
      ['OBJECT', 'ENCODING', key],
      ['TYPE', key],
      ['NOSUCH', key],
      ['GETX', key],
      ['SELECT', this.of(['0', '1', '0'])],
      ['SWAPDB', '0', '1'],
      ['MULTI'],
      ['EXEC'],
      ['EXEC'],
      ['DISCARD'],
      ['WATCH', key],
      ['UNWATCH'],
      ['CLIENT', 'REPLY', this.of(['ON', 'ON', 'OFF', 'SKIP'])],
      ['CLIENT', 'REPLY', 'ON'],
      ['SUBSCRIBE', 'c'],
      ['UNSUBSCRIBE'],
      ['UNSUBSCRIBE'],
      ['HELLO', this.of(['2', '3'])],
      ['RESET'],
      ['BLPOP', this.key('l'), '0.05'],
      ['BZPOPMIN', this.key('z'), '0.05'],
    ];
    return this.of(simple);
  }

  setting(): readonly [string, string] {
    return this.of([
      ['notify-keyspace-events', ''],
      ['notify-keyspace-events', ''],
      ['notify-keyspace-events', 'KEA'],
      ['maxmemory', '0'],
      ['maxmemory', '1gb'],
      ['slowlog-log-slower-than', '10000'],
      ['slowlog-log-slower-than', '999999'],
      ['latency-monitor-threshold', '0'],
      ['latency-tracking', 'yes'],
      ['maxmemory-policy', 'noeviction'],
      ['maxmemory-policy', 'allkeys-lfu'],
      ['hash-max-listpack-entries', this.of(['2', '8', '512'])],
      ['set-max-intset-entries', this.of(['2', '8', '512'])],
      ['zset-max-listpack-entries', this.of(['2', '8', '128'])],
      ['list-max-listpack-size', this.of(['-2', '4'])],
    ] as const);
  }
}
