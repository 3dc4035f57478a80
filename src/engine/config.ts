import { isOffered } from '../commands/version.js';
import type { Bytes } from '../core/bytes.js';
import { compileGlob } from '../core/glob.js';
import { InvalidParameter } from './config-kind.js';
import type { Parameter } from './config-parameter.js';
import { rewritten } from './config-rewrite.js';
import { parametersByName } from './config-table.js';
import type { Settings } from './settings.js';

/** Why CONFIG SET changed nothing: an unknown parameter's name, or the parameter at fault and the reason. */
export type ConfigRefusal = { unknown: Bytes } | { parameter: Bytes; reason: string };

/** Applies a change outside the engine; returns why it cannot be, or null. Called with all values in place. */
export type ConfigApplier = (value: string, previous: string) => string | null;

interface Choice {
  parameter: Parameter;
  /** The requested name or alias, in lower case. */
  name: string;
  value: Bytes;
  previous: string;
}

/**
 * The configuration: every parameter of Redis 7.0 with its value. Those that the engine acts on live in its settings,
 * where code may change them as well; this class serves CONFIG GET, CONFIG SET and configuration files.
 */
export class Config {
  /** What the engine acts on. */
  readonly settings: Settings;
  /**
   * The exact text of a value, and what its binding read right after it was set, as settings may change independently.
   */
  readonly #values = new Map<Parameter, { text: string; bound: string | null }>();
  readonly #appliers = new Map<string, ConfigApplier>();
  #changed: () => void = () => {};
  #saveLoaded = false;
  /** The users that configuration files name: their names and rules. */
  readonly users: (readonly Bytes[])[] = [];

  constructor(settings: Settings) {
    this.settings = settings;
  }

  /** An independent configuration with the same values and no watchers. */
  copy(): Config {
    const copy = new Config(structuredClone(this.settings));
    for (const [parameter, { text }] of this.#values) {
      const value = this.#value(parameter);
      copy.#values.set(parameter, {
        text: value === text ? text : value,
        bound: parameter.binding?.read(copy.settings) ?? null,
      });
    }
    return copy;
  }

  /** Calls `changed` after every change of a setting, including reverted ones. */
  watch(changed: () => void): void {
    this.#changed = changed;
  }

  /** The value of a parameter as CONFIG GET shows it. Throws TypeError for an unknown name. */
  get(name: string): string {
    const parameter = parametersByName.get(name);
    if (!parameter) throw new TypeError(`no configuration parameter ${name}`);
    return this.#shown(parameter);
  }

  number(name: string): number {
    return Number(this.get(name));
  }

  flag(name: string): boolean {
    return this.get(name) === 'yes';
  }

  /** Sets a value that the host knows: unchecked, and without effects outside. */
  put(name: string, value: string): void {
    this.#store(parametersByName.get(name)!, value);
  }

  /** Registers `applier` to carry out changes of a parameter. */
  onChange(name: string, applier: ConfigApplier): void {
    this.#appliers.set(name, applier);
  }

  /** Names and values that match the patterns, names as they were asked for. */
  matching(patterns: readonly Bytes[]): [name: string, value: string][] {
    const found = new Map<string, Parameter>();
    for (const pattern of patterns) {
      const lower = pattern.toLowerCase();
      if (!/[[*?]/.test(pattern)) {
        const parameter = this.#named(lower);
        if (parameter && ![...found.keys()].some((name) => name.toLowerCase() === lower)) found.set(pattern, parameter);
        continue;
      }
      const matches = compileGlob(lower);
      for (const [name, parameter] of parametersByName) {
        if (found.has(name) || !matches(name) || this.#named(name) === undefined) continue;
        if (!parameter.hidden && !this.#offers(parameter.hiddenSince)) found.set(name, parameter);
      }
    }
    return [...found].map(([name, parameter]) => [name, this.#shown(parameter)]);
  }

  /** CONFIG SET: all or nothing. `trusted` may set protected parameters. Returns null when all is set. */
  set(pairs: readonly (readonly [name: Bytes, value: Bytes])[], trusted: boolean): ConfigRefusal | null {
    const chosen: Choice[] = [];
    for (const [name, value] of pairs) {
      const refusal = this.#choose(name, value, chosen, trusted);
      if (refusal) return refusal;
    }
    const restore = (): void => {
      for (const { parameter, previous } of chosen) this.#store(parameter, previous);
    };
    for (const { parameter, name, value } of chosen) {
      const reason = this.#read(parameter, wordsOf(parameter, value));
      if (reason === null) continue;
      restore();
      return { parameter: name, reason };
    }
    for (const { parameter, name, previous } of chosen) {
      const reason = this.#apply(parameter, previous);
      if (reason === null) continue;
      restore();
      return { parameter: name, reason };
    }
    return null;
  }

  /**
   * Loads a directive of a configuration file. Returns why it is invalid; `undefined` if there is no such parameter.
   */
  load(name: string, args: readonly Bytes[]): string | null | undefined {
    const parameter = parametersByName.get(name.toLowerCase());
    if (!parameter) return undefined;
    if (!parameter.multi && args.length !== 1) return 'wrong number of arguments';
    const words = parameter.multi && args.length === 1 && args[0] !== '' ? args[0].trim().split(/\s+/) : args;
    const before = this.#value(parameter);
    const reason = this.#read(parameter, words);
    if (reason === null) this.#clamp(parameter);
    if (reason !== null || parameter.name !== 'save') return reason;
    // Lines of `save` add up; the first one replaces the default.
    const added = this.#value(parameter);
    if (this.#saveLoaded && added !== '') this.#store(parameter, `${before} ${added}`.trim());
    this.#saveLoaded = true;
    return null;
  }

  /**
   * The text of a configuration file brought up to date with the values, comments and order kept. `users`: the lines
   * for them, in the place of those that are there; null leaves these as they are.
   */
  rewrite(old: string, all = false, users: readonly Bytes[] | null = null): string {
    const current = (parameter: Parameter) => ({ value: this.#value(parameter), initial: parameter.initial });
    return rewritten(old, current, { all, users });
  }

  /** The parameter that a server of this version knows by a name in lower case, its own or an older one. */
  #named(name: string): Parameter | undefined {
    const parameter = parametersByName.get(name);
    if (parameter === undefined || this.#offers(parameter.until)) return undefined;
    const { since, aliasSince } = parameter;
    if (since !== undefined && !this.#offers(since)) return undefined;
    return name === parameter.alias && aliasSince !== undefined && !this.#offers(aliasSince) ? undefined : parameter;
  }

  /** False for no release. */
  #offers(release: string | undefined): boolean {
    return release !== undefined && isOffered(release, this.settings.serverVersion);
  }

  /** A parameter and its alias may be given together: the later one wins. */
  #choose(asked: Bytes, value: Bytes, chosen: Choice[], trusted: boolean): ConfigRefusal | null {
    const name = asked.toLowerCase();
    const parameter = this.#named(name);
    if (!parameter) return { unknown: asked };
    if (parameter.immutable) return { parameter: asked, reason: "can't set immutable config" };
    if (parameter.protected && !trusted) return { parameter: asked, reason: "can't set protected config" };
    if (chosen.some((other) => other.name === name)) return { parameter: asked, reason: 'duplicate parameter' };
    chosen.push({ parameter, name, value, previous: this.#value(parameter) });
    return null;
  }

  #read(parameter: Parameter, words: readonly Bytes[]): string | null {
    try {
      this.#store(parameter, parameter.kind.read(words, this.#value(parameter)));
      return null;
    } catch (thrown) {
      if (!(thrown instanceof InvalidParameter)) throw thrown;
      return thrown.reason;
    }
  }

  #apply(parameter: Parameter, previous: string): string | null {
    const value = this.#value(parameter);
    if (value === previous) return null;
    this.#clamp(parameter);
    const applier = this.#appliers.get(parameter.name);
    // There is no host that could keep a log.
    if (parameter.name === 'appendonly' && value === 'yes' && !applier)
      return 'Unable to turn on AOF. Check server logs.';
    return applier?.(value, previous) ?? null;
  }

  #shown(parameter: Parameter): string {
    const value = this.#value(parameter);
    return parameter.kind.show?.(value) ?? value;
  }

  #clamp(parameter: Parameter): void {
    if (!parameter.clamp) return;
    const [min, max] = parameter.clamp;
    const value = Number(this.#value(parameter));
    if (value < min || value > max) this.#store(parameter, String(value < min ? min : max));
  }

  #value(parameter: Parameter): string {
    const stored = this.#values.get(parameter);
    const bound = parameter.binding?.read(this.settings) ?? null;
    if (stored && stored.bound === bound) return stored.text;
    return bound ?? parameter.initial;
  }

  #store(parameter: Parameter, text: string): void {
    parameter.binding?.write(this.settings, text);
    this.#values.set(parameter, { text, bound: parameter.binding?.read(this.settings) ?? null });
    this.#changed();
  }
}

/** CONFIG SET passes one text where a file has words. */
function wordsOf(parameter: Parameter, value: Bytes): Bytes[] {
  if (!parameter.multi) return [value];
  return value === '' ? [] : value.split(' ');
}

/** Whether some parameter of a CONFIG SET has to wait until data that are loaded are there. */
export function isFixedWhileLoading(name: Bytes): boolean {
  return parametersByName.get(name.toLowerCase())?.fixedWhileLoading ?? false;
}

/** Whether some parameter of a CONFIG SET is to be kept out of logs. */
export function isSensitive(name: Bytes): boolean {
  return parametersByName.get(name.toLowerCase())?.sensitive ?? false;
}
