import type { Spec } from '../../commands/spec.js';
import type { CommandTable } from '../../commands/table.js';
import type { Bytes } from '../../core/bytes.js';
import { splitArguments } from '../../core/quoted-arguments.js';
import { sha256Hex } from '../../core/sha256.js';
import { describeSelector } from './describe-selector.js';
import { RuleError } from './rule-error.js';
import { DENIED_COMMAND, type Denial, type KeyUse, keyUses, Selector } from './selector.js';

const hashText = /^[0-9a-f]{64}$/;

/** Compares two hashes in a time that does not tell how much of them is equal. */
function sameHash(a: Bytes, b: Bytes): boolean {
  let difference = a.length ^ b.length;
  for (let i = 0; i < a.length; i++) difference |= a.charCodeAt(i) ^ b.charCodeAt(i);
  return difference === 0;
}

/** Somebody who may log in, with passwords (as SHA-256) and permissions. */
export class User {
  readonly name: Bytes;
  enabled = false;
  noPassword = false;
  /** `sanitize-payload` or `skip-sanitize-payload`, shown if it was given, since 7.2 always; payloads are always checked. */
  payloads: 'sanitize-payload' | 'skip-sanitize-payload' | null = null;
  passwords: Bytes[] = [];
  /** The first one is the user's own; the others stand in parentheses. */
  selectors: Selector[];
  /** May do everything: nothing needs to be checked. */
  unrestricted = false;
  /** Whether new selectors may use all channels: `acl-pubsub-default`. */
  readonly #openChannels: () => boolean;

  readonly #table: CommandTable;

  /** `table`: what commands there are. */
  constructor(name: Bytes, openChannels: () => boolean, table: CommandTable) {
    this.name = name;
    this.#openChannels = openChannels;
    this.#table = table;
    this.selectors = [new Selector(table, openChannels())];
    if (table.since.v72) this.payloads = 'sanitize-payload';
  }

  /** Takes over another user's state. */
  become(other: User): void {
    this.enabled = other.enabled;
    this.noPassword = other.noPassword;
    this.payloads = other.payloads;
    this.passwords = [...other.passwords];
    this.selectors = other.selectors.map((selector) => selector.copy());
    this.#judge();
  }

  /** Carries out one rule of ACL SETUSER. Throws a RuleError, and has changed nothing then. */
  apply(rule: Bytes): void {
    if (rule === '') return;
    if (!this.#applyWord(rule.toLowerCase()) && !this.#applyPassword(rule)) {
      if (rule.startsWith('(') && rule.endsWith(')')) this.selectors.push(this.#selectorOf(rule.slice(1, -1)));
      else this.selectors[0].apply(rule);
    }
    this.#judge();
  }

  /** Why a request is refused: that no selector allows the command, else the last key or channel that none allows. */
  check(spec: Spec, argv: readonly Bytes[]): Denial | null {
    if (this.unrestricted) return null;
    let worst: Denial = { reason: DENIED_COMMAND, index: 0 };
    const uses = keysOnce(spec, argv);
    for (const selector of this.selectors) {
      const denial = selector.check(spec, argv, uses);
      if (denial === null) return null;
      if (denial.reason > worst.reason || (denial.reason === worst.reason && denial.index > worst.index))
        worst = denial;
    }
    return worst;
  }

  /** Whether a selector that allows the request allows all keys besides: for commands that find keys by patterns. */
  allowsWithAllKeys(spec: Spec, argv: readonly Bytes[], access: number): boolean {
    if (this.unrestricted) return true;
    const uses = keysOnce(spec, argv);
    return this.selectors.some(
      (selector) => selector.allowsAllKeys(access) && selector.check(spec, argv, uses) === null,
    );
  }

  /** Whether the password is right; a user that is off has none that is. O(passwords). */
  accepts(password: Bytes): boolean {
    if (!this.enabled) return false;
    if (this.noPassword) return true;
    const hash = sha256Hex(password);
    return this.passwords.some((known) => sameHash(known, hash));
  }

  /** ACL GETUSER's flags. */
  get flags(): Bytes[] {
    const flags = [this.enabled ? 'on' : 'off'];
    if (this.noPassword) flags.push('nopass');
    if (this.payloads !== null) flags.push(this.payloads);
    return flags;
  }

  /** `user <name> <rules>`, as in files. */
  get line(): Bytes {
    const [own, ...others] = this.selectors;
    const rules = [
      ...this.flags,
      ...this.passwords.map((hash) => `#${hash}`),
      describeSelector(own),
      ...others.map((selector) => `(${describeSelector(selector)})`),
    ];
    return `user ${this.name} ${rules.join(' ')}`;
  }

  #applyWord(word: Bytes): boolean {
    switch (word) {
      case 'on':
      case 'off':
        this.enabled = word === 'on';
        return true;
      case 'sanitize-payload':
      case 'skip-sanitize-payload':
        this.payloads = word;
        return true;
      case 'nopass':
      case 'resetpass':
        this.noPassword = word === 'nopass';
        this.passwords = [];
        return true;
      case 'clearselectors':
        this.selectors.length = 1;
        return true;
      case 'reset':
        this.become(new User(this.name, this.#openChannels, this.#table));
        this.payloads = 'sanitize-payload';
        return true;
      default:
        return false;
    }
  }

  #applyPassword(rule: Bytes): boolean {
    const text = rule.slice(1);
    switch (rule[0]) {
      case '>':
        this.#addPassword(sha256Hex(text));
        return true;
      case '#':
        this.#addPassword(checkedHash(text));
        return true;
      case '<':
        this.#removePassword(sha256Hex(text));
        return true;
      case '!':
        this.#removePassword(checkedHash(text));
        return true;
      default:
        return false;
    }
  }

  #addPassword(hash: Bytes): void {
    if (!this.passwords.includes(hash)) this.passwords.push(hash);
    this.noPassword = false;
  }

  #removePassword(hash: Bytes): void {
    if (!this.passwords.includes(hash)) throw new RuleError('no-password');
    this.passwords = this.passwords.filter((known) => known !== hash);
  }

  #selectorOf(rules: Bytes): Selector {
    const selector = new Selector(this.#table, this.#openChannels());
    for (const rule of splitArguments(rules) ?? []) selector.apply(rule);
    return selector;
  }

  #judge(): void {
    this.unrestricted = this.selectors.some((selector) => selector.unrestricted);
  }
}

function checkedHash(text: Bytes): Bytes {
  if (!hashText.test(text)) throw new RuleError('bad-hash');
  return text;
}

/** The keys of a request, found when they are asked for and only once. */
function keysOnce(spec: Spec, argv: readonly Bytes[]): () => readonly KeyUse[] {
  let uses: readonly KeyUse[] | null = null;
  return () => {
    uses ??= keyUses(spec, argv);
    return uses;
  };
}
