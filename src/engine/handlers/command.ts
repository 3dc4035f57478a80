import type { commandCommands } from '../../commands/command.js';
import { commandDocs, commandInfo } from '../../commands/command-reply.js';
import { helpReply } from '../../commands/help.js';
import type { KeyPosition } from '../../commands/key-spec.js';
import { arityFits, keysOf, type Spec } from '../../commands/spec.js';
import type { CommandTable } from '../../commands/table.js';
import type { Bytes } from '../../core/bytes.js';
import { compileGlob } from '../../core/glob.js';
import { ErrorReply, MapReply, type Reply, SetReply, Status } from '../../core/reply.js';
import type { HandlersOf } from '../handler.js';
import type { EngineSession } from '../session.js';

const invalidCommand = new ErrorReply('ERR Invalid command specified');
const noKeys = new ErrorReply('ERR The command has no key arguments');
const invalidCount = new ErrorReply('ERR Invalid number of arguments specified for command');
const invalidArguments = new ErrorReply('ERR Invalid arguments specified for command');

/** The keys of the command in `argv`, or COMMAND GETKEYS' error if they cannot be told. */
function keysIn(table: CommandTable, argv: readonly Bytes[]): KeyPosition[] {
  const spec = table.lookup(argv);
  if (spec === undefined || (spec.container && argv.length > 1)) throw invalidCommand;
  const hasKeys = spec.findKeys || spec.keySpecs.some(({ flags }) => !flags.includes('not_key'));
  if (!hasKeys) throw noKeys;
  if (!arityFits(spec, argv.length)) throw invalidCount;
  const found = keysOf(spec, argv) ?? [];
  if (found.length === 0 && !spec.flags.includes('no_mandatory_keys')) throw invalidArguments;
  return found;
}

function matching(table: CommandTable, filter: readonly ['module' | 'aclcat' | 'pattern', Bytes]): Bytes[] {
  const [by, value] = filter;
  if (by === 'module') return [];
  const glob = compileGlob(value);
  const category = value.toLowerCase();
  const fits = (spec: Spec): boolean =>
    by === 'pattern' ? glob(spec.fullName) : spec.aclCategories.includes(category);
  return table.all.filter(fits).map((spec) => spec.fullName);
}

export const commandHandlers: HandlersOf<typeof commandCommands> & { command: (call: EngineSession) => Reply } = {
  command: ({ engine }) => [...engine.commands.topLevel].map(commandInfo),

  commandCount: ({ engine }) => [...engine.commands.topLevel].length,

  commandDocs({ engine: { commands } }, { names }) {
    const specs = names.length > 0 ? names.map((name) => commands.byFullName(name)) : [...commands.topLevel];
    return new MapReply(specs.flatMap((spec) => (spec ? [spec.fullName, commandDocs(spec)] : [])));
  },

  commandGetkeys({ engine, argv }) {
    const words = argv.slice(2);
    return keysIn(engine.commands, words).map(({ index }) => words[index]);
  },

  commandGetkeysandflags({ engine, argv }) {
    const words = argv.slice(2);
    return keysIn(engine.commands, words).map(({ index, flags }) => [
      words[index],
      new SetReply(flags.map((flag) => new Status(flag))),
    ]);
  },

  commandHelp: () => helpReply('command'),

  commandInfo({ engine: { commands } }, { names }) {
    if (names.length === 0) return [...commands.topLevel].map(commandInfo);
    return names.map((name) => {
      const spec = commands.byFullName(name);
      return spec ? commandInfo(spec) : null;
    });
  },

  commandList: ({ engine: { commands } }, { filterBy }) =>
    filterBy ? matching(commands, filterBy) : commands.all.map((spec) => spec.fullName),
};
