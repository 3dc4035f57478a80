import type { Declarations } from '../commands/late-specs.js';
import type { ParamsOfSpec } from '../commands/spec.js';
import type { Reply } from '../core/reply.js';
import type { EngineSession } from './session.js';

/**
 * Carries out one command for a session and returns its reply; throws an ErrorReply before anything is changed.
 * `call.db` is the selected database, `call.engine` the engine, `call.argv` the raw arguments.
 */
// biome-ignore lint/suspicious/noExplicitAny: params are typed per command by HandlersOf
export type Handler = (call: EngineSession, params: any) => Reply;

/** A total record over a group of declarations: a missing handler does not compile. */
export type HandlersOf<S extends Declarations> = {
  [N in keyof S as ReturnType<S[N]> extends { container: true } ? never : N]: (
    call: EngineSession,
    params: ParamsOfSpec<ReturnType<S[N]>>,
  ) => Reply;
};
