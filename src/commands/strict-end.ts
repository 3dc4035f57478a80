import { asCString, type Bytes } from '../core/bytes.js';
import { ErrorReply, wrongArity } from '../core/reply.js';
import type { Term } from './term.js';

/** What a subcommand with too many arguments is answered with, where its arity alone does not tell. */
export function subcommandSyntax(argv: readonly Bytes[]): ErrorReply {
  return new ErrorReply(
    `ERR unknown subcommand or wrong number of arguments for '${asCString(argv[1], 128)}'. Try ${argv[0].toUpperCase()} HELP.`,
  );
}

/**
 * The last term of a command that answers more arguments with something else than a syntax error: an arity error, or
 * that of an unknown subcommand.
 */
export function strictEnd<P extends object>(term: Term<P>, excess: 'arity' | 'subcommand'): Term<P> {
  return {
    ...term,
    parse(cursor, params) {
      if (cursor.end - cursor.at > term.max) {
        throw excess === 'arity' ? wrongArity(cursor.commandName) : subcommandSyntax(cursor.argv);
      }
      term.parse(cursor, params);
    },
  };
}
