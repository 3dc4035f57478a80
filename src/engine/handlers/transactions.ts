import type { transactionCommands } from '../../commands/transactions.js';
import { ErrorReply, NO_REPLY, NULL_ARRAY, OK, PinnedReply, type Reply, replyErrors } from '../../core/reply.js';
import { DENIED_CHANNEL, DENIED_COMMAND, DENIED_KEY } from '../acl/selector.js';
import type { HandlersOf } from '../handler.js';
import type { EngineSession, QueuedCommand } from '../session.js';

const nested = new ErrorReply('ERR MULTI calls can not be nested');
const execWithoutMulti = new ErrorReply('ERR EXEC without MULTI');
const discardWithoutMulti = new ErrorReply('ERR DISCARD without MULTI');
const reasons = {
  [DENIED_COMMAND]: 'no permission to execute the command or subcommand',
  [DENIED_KEY]: 'no permission to touch the specified keys',
  [DENIED_CHANNEL]: 'no permission to access one of the channels used as arguments',
} as const;
const watchInMulti = new ErrorReply('ERR WATCH inside MULTI is not allowed');

/** Runs the queue. Every command has its reply, an error too; one that only acknowledges subscriptions may have several. */
function runQueue(call: EngineSession, queue: readonly QueuedCommand[]): Reply[] {
  const { spec, argv } = call;
  const replies: Reply[] = [];
  call.inExec = true;
  call.execReplies = replies;
  try {
    for (const command of queue) {
      const { protocol } = call;
      const refusal = call.user.unrestricted ? null : forbidden(call, command);
      const reply = refusal ?? call.engine.execute(call, command.spec, command.argv);
      if (call.protocol !== protocol) pin(replies, protocol);
      if (reply !== NO_REPLY) replies.push(reply);
    }
  } finally {
    call.inExec = false;
    call.execReplies = null;
    call.spec = spec;
    call.argv = argv;
    call.discardTransaction();
  }
  return replies;
}

/** The user may have lost a permission since a command was queued. */
function forbidden(call: EngineSession, { spec, argv }: QueuedCommand): ErrorReply | null {
  const { acl, stats } = call.engine;
  const denial = acl.denial(call, spec, argv, 'multi');
  if (denial === null) return null;
  stats.countError('NOPERM');
  return new ErrorReply(
    'NOPERM ACLs rules changed between the moment the transaction was accumulated and the EXEC call. ' +
      `This command is no longer allowed for the following reason: ${reasons[denial.reason]}`,
  );
}

/** What came before a HELLO stays in the protocol it was made in. */
function pin(replies: Reply[], protocol: 2 | 3): void {
  for (let i = 0; i < replies.length; i++) {
    if (!(replies[i] instanceof PinnedReply)) replies[i] = new PinnedReply(replies[i], protocol);
  }
}

/** Handlers of MULTI and related commands. */
export const transactionHandlers: HandlersOf<typeof transactionCommands> = {
  discard(call) {
    if (call.queue === null) throw discardWithoutMulti;
    call.discardTransaction();
    return OK;
  },

  exec(call) {
    const { queue } = call;
    if (queue === null) throw execWithoutMulti;
    const changed = call.dirtyCas || call.watchedKeyExpired;
    if (call.dirtyExec || changed) {
      const doomed = call.dirtyExec;
      call.discardTransaction();
      if (doomed) throw replyErrors.execAbort;
      return NULL_ARRAY;
    }
    call.engine.unwatch(call);
    return runQueue(call, queue);
  },

  multi(call) {
    if (call.queue !== null) throw nested;
    call.queue = [];
    return OK;
  },

  unwatch(call) {
    call.engine.unwatch(call);
    return OK;
  },

  watch(call, { keys }) {
    if (call.queue !== null) throw watchInMulti;
    // A transaction that has already failed need not watch any more.
    if (!call.dirtyCas) for (const key of keys) call.watch(key);
    return OK;
  },
};
