import type { ReplyView } from '../commands/shape.js';
import type { FormCall } from './form-call.js';
import type { Lanes } from './lanes.js';
import { encodeArg } from './view.js';

/** A face whose methods may take lanes. */
export interface LaneFace {
  readonly lanes: Lanes | undefined;
  readonly view: ReplyView;
  /** The view's bulk strings are text. */
  readonly asText: boolean;
  /** The view's integers are numbers: those that are exact anyway need no look. */
  readonly asNumbers: boolean;
  invoke(call: FormCall, args: readonly unknown[]): unknown;
}

export type LaneMethod = (this: LaneFace, ...args: unknown[]) => unknown;

/** An argument as text where it is a string or a number; what else there is, and NaN, is for the long way. */
export function textArg(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  return typeof value === 'number' && !Number.isNaN(value) ? encodeArg(value) : undefined;
}
