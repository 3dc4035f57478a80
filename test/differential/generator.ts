/**
 * Writes episodes: random but reproducible programs for several connections. An episode starts on empty
 * servers and depends on its seed alone, never on replies, so that any part of it can be replayed.
 */
import { blockingCommands, commands, feedingCommands, sampleCommands } from './commands.js';
import { type Opponent, type OpponentName, opponents } from './opponent.js';
import type { Comparison, Template } from './template.js';
import { Values } from './values.js';

export const connections_count = 3;

/**
 * One step of an episode.
 * - `plain`: a command; neighbours on one connection are sent in one write;
 * - `block`: a command that may wait, the next step begins once both servers wait or have replied;
 * - `settle`: blocked clients that nobody served are unblocked, all replies are compared;
 * - `subscribe`: its replies are counted by channels; `sample`: random replies; `scan`: a cursor run to its end;
 * - `quit`: QUIT and a new connection; `muted`: between CLIENT REPLY OFF and ON; `transfer`: DUMP here, RESTORE on both;
 * - `checkpoint`: messages and the whole state are compared.
 */
export type StepKind =
  | 'plain'
  | 'block'
  | 'settle'
  | 'subscribe'
  | 'sample'
  | 'scan'
  | 'quit'
  | 'muted'
  | 'transfer'
  | 'checkpoint';

export interface Step {
  kind: StepKind;
  connection: number;
  argv: string[];
  comparison: Comparison;
}

export interface EpisodeOptions {
  steps: number;
  /** A checkpoint after about so many steps. */
  checkpoint_steps: number;
  malformed: number;
  /** Commands (lower case) that must not occur, and if given, the only ones that may. */
  exclude: ReadonlySet<string>;
  only: ReadonlySet<string> | null;
  /** Vary the thresholds of the small encodings; off when the test itself configures the servers. */
  tune: boolean;
  /** Whom it is spoken with; a 7.0 unless said otherwise. */
  against?: OpponentName;
}

const junk = [
  '0',
  '-1',
  '1',
  '007',
  'abc',
  '',
  'nan',
  'inf',
  '1.5',
  '9223372036854775807',
  '-9223372036854775808',
  'EX',
  '*',
];

/** All steps of the episode with this seed. */
export function episode(seed: number, options: EpisodeOptions): Step[] {
  return new Episode(seed, options).write();
}

class Picker {
  readonly #templates: Template[] = [];
  readonly #ends: number[] = [];
  #total = 0;

  constructor(templates: readonly Template[], options: EpisodeOptions) {
    for (const template of templates) {
      const name = template.name.toLowerCase();
      if (options.exclude.has(name) || (options.only !== null && !options.only.has(name))) continue;
      this.#total += template.weight;
      this.#templates.push(template);
      this.#ends.push(this.#total);
    }
  }

  get empty(): boolean {
    return this.#templates.length === 0;
  }

  pick(values: Values): Template {
    const at = values.random.unit() * this.#total;
    return this.#templates[this.#ends.findIndex((end) => at < end)]!;
  }
}

class Episode {
  readonly #values: Values;
  readonly #options: EpisodeOptions;
  readonly #opponent: Opponent;
  /** Connections that are in a transaction, as far as the commands tell. */
  readonly #inside = new Set<number>();
  readonly #steps: Step[] = [];
  readonly #commands: Picker;
  readonly #blocking: Picker;
  readonly #feeding: Picker;
  readonly #samples: Picker;

  constructor(seed: number, options: EpisodeOptions) {
    this.#opponent = opponents[options.against ?? '7.0'];
    this.#values = new Values(seed, this.#opponent.tunables);
    this.#options = options;
    this.#commands = new Picker([...commands, ...this.#opponent.commands], options);
    this.#blocking = new Picker(blockingCommands, options);
    this.#feeding = new Picker(feedingCommands, options);
    this.#samples = new Picker(sampleCommands, options);
    if (this.#commands.empty) throw new Error('no command is left to send');
  }

  write(): Step[] {
    const values = this.#values;
    this.#prepare();
    let next = this.#options.checkpoint_steps;
    while (this.#steps.length < this.#options.steps) {
      const n = values.random.unit() * 100;
      const connection = values.below(connections_count);
      if (n < 62) this.#burst(connection, 1 + values.below(24));
      else if (n < 74) this.#transaction(connection);
      else if (n < 86) this.#sample(connection);
      else if (n < 93) this.#waiting(connection);
      else if (n < 96.4) this.#subscription(connection);
      else if (n < 97) this.#subscribedInside(connection);
      else if (n < 98) this.#push('transfer', connection, ['DUMP', values.keyOfAnother(), values.keyOfAnother()]);
      else if (n < 99) this.#muted(connection);
      else if (n < 99.4) this.#push('quit', connection, ['QUIT']);
      else this.#push('plain', connection, ['RESET']);
      if (this.#steps.length < next) continue;
      this.#push('checkpoint', 0, []);
      next = this.#steps.length + this.#options.checkpoint_steps;
    }
    this.#push('checkpoint', 0, []);
    return this.#steps;
  }

  #allows(name: string): boolean {
    const { exclude, only } = this.#options;
    return !exclude.has(name) && (only === null || only.has(name));
  }

  #push(kind: StepKind, connection: number, argv: string[], comparison: Comparison = 'exact'): void {
    const name = (argv[0] ?? '').toLowerCase();
    if (this.#options.exclude.has(name) || this.#unspoken(name, connection, argv)) return;
    if (argv.length > 0 && kind !== 'plain' && kind !== 'block' && !this.#allows(name)) return;
    this.#steps.push({ kind, connection, argv, comparison });
  }

  /** What this opponent answers otherwise by intent. */
  #unspoken(name: string, connection: number, argv: readonly string[]): boolean {
    const { unspoken, strictTransactions = false } = this.#opponent;
    if (unspoken?.test(argv.join(' ').toUpperCase())) return true;
    if (strictTransactions && this.#inside.has(connection) && (name === 'multi' || name === 'watch')) return true;
    if (name === 'multi') this.#inside.add(connection);
    else if (argv.length === 1 && ['exec', 'discard', 'reset'].includes(name)) this.#inside.delete(connection);
    return false;
  }

  #prepare(): void {
    const values = this.#values;
    if (this.#options.tune) {
      for (const [name, choices] of values.tunables)
        this.#push('plain', 0, ['CONFIG', 'SET', name, values.pick(choices)]);
      // A server that has nobody to notify may take shorter ways.
      if (values.chance(0.5)) this.#push('plain', 0, ['CONFIG', 'SET', 'notify-keyspace-events', '']);
    }
    for (let c = 0; c < connections_count; c++) {
      if (values.chance(0.5)) this.#push('plain', c, ['HELLO', '3'], 'hello');
    }
  }

  #burst(connection: number, length: number): void {
    for (let i = 0; i < length; i++) this.#command(connection);
  }

  /** One command from the table, malformed now and then. */
  #command(connection: number): void {
    const template = this.#commands.pick(this.#values);
    let argv = template.make(this.#values);
    if (this.#values.chance(this.#options.malformed)) argv = this.#deform(argv, template.delicate);
    // The order of all commands, and of their subcommands, is that of a hash table.
    if (argv.length === 1 && argv[0]!.toUpperCase() === 'COMMAND') argv.push('GETKEYS');
    this.#push('plain', connection, argv, template.comparison);
  }

  #deform(argv: string[], delicate: boolean): string[] {
    const values = this.#values;
    const out = [...argv];
    if (delicate) {
      if (values.chance(0.5)) out.push('junk');
      else if (out.length > 1) out.pop();
      return out;
    }
    const at = out.length > 1 ? 1 + values.below(out.length - 1) : 0;
    const way = values.below(8);
    if (way === 0) out.pop();
    else if (way === 1) out.push(values.pick(junk));
    else if (way === 2 && at > 0) out.splice(at, 0, out[at]!);
    else if (way === 3 && at > 0) [out[at], out[out.length - 1]] = [out.at(-1)!, out[at]!];
    else if (way === 4) out.push(out.at(-1)!);
    else if (way === 5 && out.length > 1) out[1] = values.keyOfAnother();
    else if (at > 0) out[at] = values.pick(junk);
    return out.length === 0 ? ['PING'] : out;
  }

  #transaction(connection: number): void {
    const values = this.#values;
    const other = (connection + 1 + values.below(connections_count - 1)) % connections_count;
    if (values.chance(0.4)) {
      this.#push('plain', connection, ['WATCH', values.keyOfAnother(), values.keyOfAnother()]);
      if (values.chance(0.4)) this.#burst(other, 1 + values.below(3));
    }
    this.#push('plain', connection, ['MULTI']);
    if (values.chance(0.05)) this.#push('plain', connection, ['MULTI']);
    for (let n = values.below(7); n > 0; n--) {
      this.#command(connection);
      if (values.chance(0.1)) this.#command(other);
    }
    this.#push('plain', connection, [values.chance(0.88) ? 'EXEC' : 'DISCARD']);
  }

  #sample(connection: number): void {
    if (this.#samples.empty) return;
    const template = this.#samples.pick(this.#values);
    const argv = template.make(this.#values);
    this.#push(template.comparison === 'scanned' ? 'scan' : 'sample', connection, argv, template.comparison);
  }

  /** One or two clients wait, another one feeds them, perhaps inside a transaction. */
  #waiting(actor: number): void {
    const values = this.#values;
    if (this.#blocking.empty || this.#feeding.empty) return;
    for (let c = 0; c < connections_count; c++) {
      this.#push('plain', c, ['DISCARD']);
      if (values.chance(0.9)) this.#push('plain', c, ['SELECT', '0']);
    }
    if (values.chance(0.1)) {
      this.#swapped(actor);
      return;
    }
    for (let waiters = 1 + values.below(connections_count - 1), c = 1; c <= waiters; c++) {
      const template = this.#blocking.pick(values);
      let argv = template.make(values);
      if (values.chance(0.05)) argv = this.#deform(argv, true);
      this.#push('block', (actor + c) % connections_count, argv);
    }
    const atomic = values.chance(0.3);
    if (atomic) this.#push('plain', actor, ['MULTI']);
    for (let n = 1 + values.below(3); n > 0; n--) {
      this.#push('plain', actor, this.#feeding.pick(values).make(values));
    }
    if (atomic) this.#push('plain', actor, ['EXEC']);
    this.#push('settle', actor, []);
  }

  /** SWAPDB brings what a client waits for. One key only: Redis serves those of several keys in random order. */
  #swapped(actor: number): void {
    const key = this.#values.key('list');
    this.#push('block', (actor + 1) % connections_count, ['BLPOP', key, '0']);
    for (const line of [
      ['SELECT', '1'],
      this.#feeding.pick(this.#values).make(this.#values),
      ['LPUSH', key, 'swapped'],
    ])
      this.#push('plain', actor, line);
    this.#push('plain', actor, ['SWAPDB', '0', '1']);
    this.#push('settle', actor, []);
  }

  #subscription(connection: number): void {
    const values = this.#values;
    const other = (connection + 1) % connections_count;
    const subscribe = () => {
      const [name, maker] = values.pick([
        ['SUBSCRIBE', () => values.pick(['news', 'weather', 'c\x00d'])],
        // No pattern may match keyspace events: 7.0 writes a client's own events into the middle of its replies.
        ['PSUBSCRIBE', () => values.pick(['news*', '[nw]*', 'w?ather'])],
        ['SSUBSCRIBE', () => values.pick(['news', 'weather'])],
      ] as [string, () => string][]);
      const names = Array.from({ length: 1 + values.below(2) }, maker);
      this.#push('subscribe', connection, [values.chance(0.3) ? name.replace('SUB', 'UNSUB') : name, ...names]);
    };
    this.#push('plain', connection, ['DISCARD']);
    for (let n = 1 + values.below(3); n > 0; n--) subscribe();
    for (let n = values.below(6); n > 0; n--) {
      const speaker = values.chance(0.7) ? other : connection;
      const name = values.pick(['PUBLISH', 'PUBLISH', 'SPUBLISH']);
      this.#push('plain', speaker, [name, values.pick(['news', 'news.art', 'weather', 'c\x00d']), values.word()]);
      if (values.chance(0.2)) this.#command(connection);
      if (values.chance(0.2)) subscribe();
    }
    for (const name of ['UNSUBSCRIBE', 'PUNSUBSCRIBE', 'SUNSUBSCRIBE']) {
      this.#push('subscribe', connection, [name], 'unsubscribed');
    }
  }

  /** Channels joined and left by a transaction; what follows meets a subscriber. */
  #subscribedInside(connection: number): void {
    const values = this.#values;
    const plain = (...argv: string[]) => this.#push('plain', connection, argv);
    const kind = values.pick(['', 'P', 'S']);
    plain('DISCARD');
    plain('MULTI');
    if (values.chance(0.5)) this.#command(connection);
    plain(`${kind}SUBSCRIBE`, 'weather');
    if (values.chance(0.5)) plain('GET', values.key('str'));
    const inside = values.chance(0.3);
    if (inside) plain(`${kind}UNSUBSCRIBE`, 'weather');
    plain('EXEC');
    if (values.chance(0.5)) plain('PING');
    if (values.chance(0.5)) plain('GET', values.key('str'));
    if (!inside) this.#push('subscribe', connection, [`${kind}UNSUBSCRIBE`, 'weather']);
  }

  #muted(connection: number): void {
    this.#push('plain', connection, ['DISCARD']);
    this.#push('muted', connection, ['SET', this.#values.key('str'), this.#values.word()]);
  }
}
