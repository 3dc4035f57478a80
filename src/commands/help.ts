import { type Reply, Status } from '../core/reply.js';
import { commandTable } from './table.js';
import type { Spec } from './spec.js';
import type { TermDoc } from './term.js';

/** What `CONFIG HELP` and its like answer: the container's subcommands, each with its arguments and its summary. */
export function helpReply(container: string): Reply {
  const spec = commandTable.top(container)!;
  return helpLines(spec).map((line) => new Status(line));
}

/** The lines of a container's help, in the order of the subcommands' names. */
export function helpLines(container: Spec): string[] {
  const subcommands = [...container.subcommands.values()]
    .filter((sub) => subcommandWord(sub) !== 'HELP')
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  return [
    `${container.name} <subcommand> [<arg> [value] [opt] ...]. Subcommands are:`,
    ...subcommands.flatMap((sub) => [usageOf(sub), `    ${sub.summary}`]),
    'HELP',
    '    Prints this help.',
  ];
}

function subcommandWord(spec: Spec): string {
  return spec.name.slice(spec.name.indexOf(' ') + 1);
}

/** `PAUSE <timeout> [WRITE|ALL]` as far as the grammar's documentation tells. */
function usageOf(spec: Spec): string {
  return [subcommandWord(spec), ...spec.args.flatMap((term) => usageOfBlock(term.doc))].join(' ');
}

/** An option block is shown as its options: each stands in brackets of its own. */
function usageOfBlock(doc: TermDoc): string[] {
  const { arguments: parts } = doc;
  const optionBlock = doc.type === 'block' && !doc.token && parts?.every((part) => part.token);
  return optionBlock ? parts!.map(usageOfArgument) : [usageOfArgument(doc)];
}

function usageOfArgument(doc: TermDoc): string {
  const value = doc.type === 'pure-token' ? '' : valueOf(doc);
  const one = [doc.token, value].filter(Boolean).join(' ');
  const several = doc.multiple ? `${one} [${doc.multipleToken ? one : value} ...]` : one;
  return doc.optional ? `[${several}]` : several;
}

function valueOf(doc: TermDoc): string {
  if (doc.arguments) return doc.arguments.map(usageOfArgument).join(' ');
  return `<${doc.name}>`;
}
