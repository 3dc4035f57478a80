import type { Bytes } from '../core/bytes.js';
import { ErrorReply, replyErrors } from '../core/reply.js';
import type { Kind, Term } from './term.js';

/**
 * Words for commands that judge their arguments in another order than they stand in: which of two errors a client
 * sees is part of a command's behaviour.
 */

/**
 * A term with deferred errors: they are kept in the param `late`, for the handler to throw once it has looked at the
 * key. Nothing is read after an error.
 */
export function late<P extends object>(term: Term<P>): Term<P & { late?: ErrorReply }> {
  return {
    ...term,
    at(version) {
      const old = term.at?.(version) ?? term;
      return old === term ? this : late(old);
    },
    parse(cursor, params) {
      try {
        term.parse(cursor, params);
      } catch (thrown) {
        if (!(thrown instanceof ErrorReply)) throw thrown;
        params.late = thrown;
        cursor.at = cursor.end;
      }
    },
  } as Term<P & { late?: ErrorReply }>;
}

/** Throws the error that a `late` term has recorded. */
export function throwLate(params: { late?: ErrorReply }): void {
  if (params.late !== undefined) throw params.late;
}

/** A term that must be the last, which is checked before it is read. */
export function last<P extends object>(term: Term<P>): Term<P> {
  return {
    ...term,
    parse(cursor, params) {
      if (cursor.argv.length - cursor.at > term.max) throw replyErrors.syntax;
      term.parse(cursor, params);
    },
  };
}

/** A token that may stand last, after optional terms: `HRANDFIELD key [count [WITHVALUES]]`. The param is `true` or absent. */
export function trailingFlag<N extends string>(token: string, name: N): Term<{ [K in N]?: true }> {
  return {
    name,
    type: 'boolean',
    doc: { name: token.toLowerCase(), type: 'pure-token', token, optional: true },
    min: 0,
    max: 1,
    optional: true,
    parse(cursor, params) {
      if (cursor.at === cursor.end) return;
      if (cursor.end - cursor.at > 1 || cursor.argv[cursor.at].toUpperCase() !== token) throw replyErrors.syntax;
      params[name] = true;
      cursor.at++;
    },
    print(params, out) {
      if (params[name] === true) out.push(token);
    },
  } as Term<{ [K in N]?: true }>;
}

/** A kind left as bytes for the handler; the façade's type and printer stay. */
export function lateKind(kind: Kind<unknown>): Kind<Bytes> {
  return { ...kind, parse: (bytes) => bytes };
}
