import { CrossSlotError, KeyspanError } from '../../src/core/errors.js';

/** What becomes of a command at a backend. */
export type Word =
  /** Carried out: by the one node that there is, or the one of its keys. */
  | '✓'
  /** On a connection of its own, so that it holds nobody up. */
  | 'own'
  /** In parts at the nodes of its keys. */
  | 'split'
  /** All its keys must live at one node. */
  | 'together'
  /** At every node. */
  | 'all'
  /** At one node, the same for all such commands. */
  | 'one'
  /** One node after the other. */
  | 'in turn'
  /** At one node; the others follow by what it did. */
  | 'follow'
  /** At a Sentinel. */
  | 'sentinel'
  /** Known, and of no use as things stand: a setting or a file is missing. */
  | 'off'
  | '✗';

export interface Verdict {
  readonly word: Word;
  /** In a pipeline, if that is another. */
  readonly pipeline?: Word;
  /** In a transaction, if that is another. */
  readonly transaction?: Word;
  /** Why not, or what is special. */
  readonly reason?: string;
}

export const works: Verdict = { word: '✓' };
export const onlySentinel = 'Only a Sentinel knows it.';
export const forAll = 'It holds for all connections of the client, those to come too.';

/** What a call that rejected says; errors that are none of ours are of the sample, not of the command. */
export function refusalOf(error: unknown, command: string): Verdict | null {
  if (error instanceof CrossSlotError) return { word: 'together' };
  if (error instanceof KeyspanError) return { word: '✗', reason: reasonOf(error.message, command) };
  return null;
}

/** A reason without the name of the command, so that commands can share it. */
export function reasonOf(message: string, command: string): string {
  const text = message.startsWith(command) ? message.slice(command.length).replace(/^:? /, '') : message;
  const sentence = text.replaceAll(command, 'the command');
  return /^(has|would|concerns) /.test(sentence)
    ? `It ${sentence}.`
    : `${sentence[0]!.toUpperCase()}${sentence.slice(1)}.`;
}

/** The parts of a verdict that differ from the call's. */
export function inBatches(call: Verdict, pipeline: Verdict | null, transaction: Verdict | null): Verdict {
  return {
    ...call,
    ...(pipeline === null || pipeline.word === call.word ? {} : { pipeline: pipeline.word }),
    ...(transaction === null || transaction.word === call.word ? {} : { transaction: transaction.word }),
    ...(call.reason === undefined && (pipeline?.reason ?? transaction?.reason) !== undefined
      ? { reason: (pipeline?.reason ?? transaction?.reason)! }
      : {}),
  };
}
