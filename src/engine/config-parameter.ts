import {
  INT_MAX,
  integer,
  type NumberKind,
  oneOf,
  type ParameterKind,
  type TextRules,
  text,
  yesNo,
} from './config-kind.js';
import type { Settings } from './settings.js';
import type { EncodingLimits } from './value.js';

/** Where a parameter that the engine acts on lives, and in which form. */
export interface Binding {
  read(settings: Settings): string;
  write(settings: Settings, value: string): void;
}

/** One of Redis' configuration parameters. Values are the texts that CONFIG GET shows. */
export interface Parameter extends ParameterRules {
  readonly name: string;
  readonly kind: ParameterKind;
  readonly initial: string;
}

export interface ParameterRules {
  /** Another name that works as well. */
  readonly alias?: string;
  /** The release that brought the other name, if that is later than 7.0. */
  readonly aliasSince?: string;
  /** Only at the start. */
  readonly immutable?: true;
  /** The release that brought it, if that is later than 7.0; older servers have no such parameter. */
  readonly since?: string;
  /** The release that has it no more. */
  readonly until?: string;
  /** The release from which on patterns do not show it. */
  readonly hiddenSince?: string;
  /** Not shown by patterns. */
  readonly hidden?: true;
  /** Its value is kept out of the slow log and MONITOR. */
  readonly sensitive?: true;
  /** Only where `enable-protected-configs` allows it. */
  readonly protected?: true;
  /** Not while a primary's data come, where clients notice that. */
  readonly fixedWhileLoading?: true;
  /** Takes several words. */
  readonly multi?: true;
  /** Numbers outside are taken as the nearer end. */
  readonly clamp?: readonly [min: number, max: number];
  readonly binding?: Binding;
  /** Redis has no such parameter; it is hidden too. */
  readonly own?: true;
  /** Why the parameter changes nothing here: it is accepted, checked and reported, no more. */
  readonly inert?: string;
}

export function flag(name: string, initial: 'yes' | 'no', rules: ParameterRules = {}): Parameter {
  return { name, kind: yesNo, initial, ...rules };
}

export function number(
  name: string,
  initial: number,
  range: Partial<NumberKind>,
  rules: ParameterRules = {},
): Parameter {
  return {
    name,
    kind: integer({ min: 0, max: INT_MAX, ...range }),
    initial: initial.toString(range.unit === 'octal' ? 8 : 10),
    ...rules,
  };
}

export function choice(
  name: string,
  initial: string,
  words: readonly string[],
  rules: ParameterRules = {},
  synonyms?: Record<string, string>,
): Parameter {
  return { name, kind: oneOf(words, synonyms), initial, ...rules };
}

/** A text that is absent when it is empty. */
export function name(paramName: string, rules: ParameterRules & TextRules = {}): Parameter {
  const { check, emptyIsNone, ...others } = rules;
  return {
    name: paramName,
    kind: text({ emptyIsNone: emptyIsNone ?? true, ...(check ? { check } : {}) }),
    initial: '',
    ...others,
  };
}

/** A text with a default, which may be empty. */
export function label(paramName: string, initial: string, rules: ParameterRules & TextRules = {}): Parameter {
  return { ...name(paramName, { emptyIsNone: false, ...rules }), initial };
}

export function special(
  paramName: string,
  kind: ParameterKind,
  initial: string,
  rules: ParameterRules = {},
): Parameter {
  return { name: paramName, kind, initial, ...rules };
}

/** Names with underscores have had others with dashes since 7.2. */
export function dashed(alias: string): { alias: string; aliasSince: string } {
  return { alias, aliasSince: '7.2.0' };
}

/** A parameter that came with a release later than 7.0. */
export function since(release: string, parameter: Parameter): Parameter {
  return { ...parameter, since: release };
}

type KeysOfType<T, V> = { [K in keyof T]: T[K] extends V ? K : never }[keyof T];

/** A setting that is a number. */
export function asNumber(key: KeysOfType<Settings, number>): Binding {
  return {
    read: (settings) => String(settings[key]),
    write: (settings, value) => {
      settings[key] = Number(value);
    },
  };
}

export function asFlag(key: KeysOfType<Settings, boolean>): Binding {
  return {
    read: (settings) => (settings[key] ? 'yes' : 'no'),
    write: (settings, value) => {
      settings[key] = value === 'yes';
    },
  };
}

/** A setting that is a text or one of some words: the kind has checked which. */
export function asText(key: KeysOfType<Settings, string>): Binding {
  return {
    read: (settings) => settings[key],
    write: (settings, value) => {
      (settings as Record<typeof key, string>)[key] = value;
    },
  };
}

export function asLimit(key: Exclude<keyof EncodingLimits, 'compact'>): Binding {
  return {
    read: ({ limits }) => String(limits[key]),
    write: ({ limits }, value) => {
      limits[key] = Number(value);
    },
  };
}
