import type { ParamsOfSpec, Spec } from '../commands/spec.js';
import type { Reply } from '../core/reply.js';
import type { EngineSession } from './session.js';

/**
 * Carries out one command for a session and returns its reply; throws an ErrorReply before anything is changed.
 * `call.db` is the selected database, `call.engine` the engine, `call.argv` the arguments as they came.
 */
// biome-ignore lint/suspicious/noExplicitAny: params are typed per command by HandlersOf
export type Handler = (call: EngineSession, params: any) => Reply;

/** A total record over a group of specs: a missing handler does not compile. */
export type HandlersOf<S extends Record<string, Spec>> = {
  [N in keyof S as S[N] extends { container: true } ? never : N]: (
    call: EngineSession,
    params: ParamsOfSpec<S[N]>,
  ) => Reply;
};
