import type { Bytes } from '../../core/bytes.js';
import type { Engine } from '../engine.js';
import type { EngineSession } from '../session.js';

/** What a script declares about itself. */
export interface ScriptFlags {
  noWrites: boolean;
  allowOom: boolean;
  allowStale: boolean;
  noCluster: boolean;
  allowCrossSlotKeys: boolean;
}

export const flagNames: Readonly<Record<string, keyof ScriptFlags>> = {
  'no-writes': 'noWrites',
  'allow-oom': 'allowOom',
  'allow-stale': 'allowStale',
  'no-cluster': 'noCluster',
  'allow-cross-slot-keys': 'allowCrossSlotKeys',
};

export function noFlags(): ScriptFlags {
  return { noWrites: false, allowOom: false, allowStale: false, noCluster: false, allowCrossSlotKeys: false };
}

/** One execution of a script: who asked for it, and what it may do. */
export interface ScriptRun {
  readonly engine: Engine;
  readonly caller: EngineSession;
  /** What its commands run as: protocol, database and user are its own. */
  readonly session: EngineSession;
  readonly readOnly: boolean;
  readonly allowOom: boolean;
  /** In a cluster its keys may be of several slots. */
  readonly crossSlots: boolean;
  /** Memory was full when it began. */
  readonly wasFull: boolean;
  /** It has written: from then on it is not refused writes. */
  dirty: boolean;
  /** SCRIPT's or the function's name in errors. */
  readonly name: Bytes;
  /** A function of a library, no script of EVAL. */
  readonly isFunction: boolean;
  /** Monotonic ms. */
  readonly startedAt: number;
  /** SCRIPT KILL or FUNCTION KILL was given. */
  killed: boolean;
}
