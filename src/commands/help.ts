import { type Reply, Status } from '../core/reply.js';
import type { Spec } from './spec.js';
import { commandTable } from './table.js';
import type { Option, Term } from './term.js';

/** What `CONFIG HELP` and its like answer: the container's subcommands, each with its arguments and its summary. */
export function helpReply(container: string): Reply {
  return helpLines(commandTable.top(container)!).map((line) => new Status(line));
}

/** The lines of a container's help, in the order of the subcommands' names. */
function helpLines(container: Spec): string[] {
  const subcommands = [...container.subcommands.values()]
    .filter((sub) => wordOf(sub) !== 'HELP')
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  return [
    `${container.name} <subcommand> [<arg> [value] [opt] ...]. Subcommands are:`,
    ...subcommands.flatMap((sub) => [usageOf(sub), `    ${sub.summary}`]),
    'HELP',
    '    Prints this help.',
  ];
}

function wordOf(sub: Spec): string {
  return sub.name.slice(sub.name.indexOf(' ') + 1);
}

/** `PAUSE <timeout> [<mode>]`. */
function usageOf(sub: Spec): string {
  return [wordOf(sub), ...sub.args.map(usageOfTerm)].join(' ');
}

function usageOfTerm(term: Term): string {
  if (term.options) return term.options.map(usageOfOption).join(' ');
  const value = placeholderOf(term);
  const all = term.doc.multiple ? `${value} [${value} ...]` : value;
  return term.optional ? `[${all}]` : all;
}

function usageOfOption({ token, args, repeat }: Option): string {
  const one = [token, ...args.map(usageOfTerm)].join(' ');
  return repeat ? `[${one} [${token} ...]]` : `[${one}]`;
}

/** A choice of words is shown as `(YES|NO)`, another value by its name. */
function placeholderOf({ doc }: Term): string {
  if (doc.token) return doc.token;
  if (doc.type === 'oneof' && doc.arguments)
    return `(${doc.arguments.map(({ token, name }) => token ?? name).join('|')})`;
  if (doc.arguments) return doc.arguments.map((part) => `<${part.name}>`).join(' ');
  return `<${doc.name}>`;
}
