import { aclCategories } from '../../commands/acl-categories.js';
import { keysOf, type Spec } from '../../commands/spec.js';
import { type CommandTable, commandTable } from '../../commands/table.js';
import type { Bytes } from '../../core/bytes.js';
import { matchGlob } from '../../core/glob.js';
import { hasBlank, RuleError } from './rule-error.js';

export const READ = 1;
export const WRITE = 2;

/** A pattern of keys, and what may be done with those that match. */
export interface KeyPattern {
  readonly pattern: Bytes;
  access: number;
}

/** What keeps a command from being run, the weaker first; `index` is the argument it is about. */
export const DENIED_COMMAND = 1;
export const DENIED_KEY = 2;
export const DENIED_CHANNEL = 3;
export interface Denial {
  readonly reason: typeof DENIED_COMMAND | typeof DENIED_KEY | typeof DENIED_CHANNEL;
  readonly index: number;
}

export interface KeyUse {
  readonly index: number;
  readonly access: number;
}

/** The keys that a request names, with the access that each takes. */
export function keyUses(spec: Spec, argv: readonly Bytes[]): KeyUse[] {
  const found = keysOf(spec, argv) ?? [];
  return found.flatMap(({ index, flags }) => {
    if (flags.includes('not_key')) return [];
    let access = flags.includes('access') ? READ : 0;
    if (flags.includes('insert') || flags.includes('delete') || flags.includes('update')) access |= WRITE;
    return [{ index, access }];
  });
}

/** Whether a channel fits one of the patterns; a pattern of channels has to be one of them itself. */
export function channelFits(patterns: Iterable<Bytes>, channel: Bytes, isPattern: boolean): boolean {
  for (const pattern of patterns) {
    if (isPattern ? pattern === channel : matchGlob(pattern, channel)) return true;
  }
  return false;
}

/** One set of permissions: commands, keys and channels. A user may do what one of its selectors allows as a whole. */
export class Selector {
  allKeys = false;
  allChannels: boolean;
  /** Nothing was taken away since `+@all`. */
  allCommands = false;
  /** `+@all` was given: commands that come to be later are allowed as well. */
  future = false;
  /** By the ids of commands. */
  readonly allowed = new Uint8Array(commandTable.size);
  /** Commands that are allowed with certain first arguments only, by id. */
  readonly firstArguments = new Map<number, Bytes[]>();
  keys: KeyPattern[] = [];
  channels: Bytes[] = [];
  /** The rules about commands since all or none were allowed, as they were given, in lower case. */
  commandRules: Bytes[] = [];

  /** What commands there are. */
  readonly table: CommandTable;

  constructor(table: CommandTable, allChannels = false) {
    this.table = table;
    this.allChannels = allChannels;
  }

  get unrestricted(): boolean {
    return this.allCommands && this.allKeys && this.allChannels;
  }

  copy(): Selector {
    const copy = new Selector(this.table, this.allChannels);
    copy.allKeys = this.allKeys;
    copy.allCommands = this.allCommands;
    copy.future = this.future;
    copy.allowed.set(this.allowed);
    for (const [id, words] of this.firstArguments) copy.firstArguments.set(id, [...words]);
    copy.keys = this.keys.map((key) => ({ ...key }));
    copy.channels = [...this.channels];
    copy.commandRules = [...this.commandRules];
    return copy;
  }

  /** Carries out one rule. Throws a RuleError. */
  apply(rule: Bytes): void {
    switch (rule.toLowerCase()) {
      case 'allkeys':
      case '~*':
        this.allKeys = true;
        this.keys = [];
        return;
      case 'resetkeys':
        this.allKeys = false;
        this.keys = [];
        return;
      case 'allchannels':
      case '&*':
        this.allChannels = true;
        this.channels = [];
        return;
      case 'resetchannels':
        this.allChannels = false;
        this.channels = [];
        return;
      case 'allcommands':
      case '+@all':
        this.#allowAll(true);
        return;
      case 'nocommands':
      case '-@all':
        this.#allowAll(false);
        return;
    }
    this.#applyMarked(rule);
  }

  #applyMarked(rule: Bytes): void {
    const isCategory = rule[1] === '@';
    switch (rule[0]) {
      case '~':
      case '%':
        this.#addKeys(rule);
        return;
      case '&':
        this.#addChannels(rule.slice(1));
        return;
      case '+':
        if (isCategory) this.setCategory(rule.slice(2), true);
        else this.#allow(rule.slice(1));
        this.#remember(rule);
        return;
      case '-':
        if (isCategory) this.setCategory(rule.slice(2), false);
        else this.set(this.#find(rule.slice(1)), false);
        this.#remember(rule);
        return;
      default:
        throw new RuleError('syntax');
    }
  }

  #allowAll(allow: boolean): void {
    this.allowed.fill(allow ? 1 : 0);
    this.allCommands = allow;
    this.future = allow;
    this.firstArguments.clear();
    this.commandRules = [];
  }

  /** A rule that was carried out takes the place of those about the same command or category, or a part of it. */
  #remember(rule: Bytes): void {
    const written = rule.toLowerCase();
    const name = written.slice(1);
    const others = this.commandRules.filter((old) => old.slice(1) !== name && !old.startsWith(`${name}|`, 1));
    this.commandRules = [...others, written];
  }

  #addKeys(rule: Bytes): void {
    if (this.allKeys) throw new RuleError('all-keys');
    const marked = rule[0] === '~' ? ['', '', rule.slice(1)] : /^%([^~]*)~([\s\S]*)$/.exec(rule);
    // `%RW` without a tilde is taken as a pattern of nothing.
    const [letters, pattern] = marked ? [marked[1], marked[2]] : [rule.slice(1), ''];
    if (rule[0] === '%' && !/^(r|w|rw|wr)$/i.test(letters)) throw new RuleError('syntax');
    const access = rule[0] === '~' ? READ | WRITE : (/r/i.test(letters) ? READ : 0) | (/w/i.test(letters) ? WRITE : 0);
    if (hasBlank(pattern)) throw new RuleError('syntax');
    const known = this.keys.find((key) => key.pattern === pattern);
    if (known) known.access |= access;
    else this.keys.push({ pattern, access });
  }

  #addChannels(pattern: Bytes): void {
    if (this.allChannels) throw new RuleError('all-channels');
    if (hasBlank(pattern)) throw new RuleError('syntax');
    if (!this.channels.includes(pattern)) this.channels.push(pattern);
  }

  /** `+command`, `+command|subcommand` or `+command|first-argument`. */
  #allow(name: Bytes): void {
    const bar = name.lastIndexOf('|');
    if (bar < 0) {
      this.set(this.#find(name), true);
      return;
    }
    const spec = this.#find(name.slice(0, bar));
    if (spec.words === 2) throw new RuleError('subcommand');
    if (bar === name.length - 1) throw new RuleError('syntax');
    if (spec.container) {
      this.set(this.#find(name), true);
      return;
    }
    const word = name.slice(bar + 1);
    const words = this.firstArguments.get(spec.id);
    if (words === undefined) this.firstArguments.set(spec.id, [word]);
    else if (!words.some((known) => known.toLowerCase() === word.toLowerCase())) words.push(word);
  }

  #find(name: Bytes): Spec {
    const spec = this.table.byFullName(name);
    if (spec === undefined) throw new RuleError('unknown');
    return spec;
  }

  /** Allows or forbids a command with its subcommands. */
  set(spec: Spec, allow: boolean): void {
    this.#setBit(spec.id, allow);
    this.firstArguments.delete(spec.id);
    for (const sub of spec.subcommands.values()) this.#setBit(sub.id, allow);
  }

  #setBit(id: number, allow: boolean): void {
    this.allowed[id] = allow ? 1 : 0;
    if (!allow) this.allCommands = false;
  }

  /** Allows or forbids all commands of a category. */
  setCategory(word: Bytes, allow: boolean): void {
    const category = word.toLowerCase();
    if (!aclCategories.includes(category)) throw new RuleError('unknown');
    for (const spec of this.table.all) if (spec.aclCategories.includes(category)) this.set(spec, allow);
  }

  /** Why a request is refused; null if it is not. `uses` are the keys of the request, made when they are first needed. */
  check(spec: Spec, argv: readonly Bytes[], uses: () => readonly KeyUse[]): Denial | null {
    if (!this.allCommands && !spec.flags.includes('no_auth') && !this.#allows(spec, argv)) {
      return { reason: DENIED_COMMAND, index: 0 };
    }
    if (!this.allKeys) {
      for (const { index, access } of uses()) {
        if (!this.allowsKey(argv[index], access)) return { reason: DENIED_KEY, index };
      }
    }
    const { channels } = spec;
    if (this.allChannels || channels === undefined) return null;
    const end = channels === 'publish' ? 2 : argv.length;
    for (let index = 1; index < end; index++) {
      if (!channelFits(this.channels, argv[index], channels === 'patterns')) return { reason: DENIED_CHANNEL, index };
    }
    return null;
  }

  #allows({ id, words }: Spec, argv: readonly Bytes[]): boolean {
    if (this.allowed[id] === 1) return true;
    const first = this.firstArguments.get(id);
    if (first === undefined || argv.length < 2) return false;
    const word = argv[words].toLowerCase();
    return first.some((known) => known.toLowerCase() === word);
  }

  allowsKey(key: Bytes, access: number): boolean {
    if (this.allKeys) return true;
    return this.keys.some((entry) => (entry.access & access) === access && matchGlob(entry.pattern, key));
  }

  /** Whether every key may be used so. */
  allowsAllKeys(access: number): boolean {
    return this.allKeys || this.keys.some((entry) => (entry.access & access) === access && entry.pattern === '*');
  }
}
