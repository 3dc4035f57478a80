import type { RespClient, RespNode } from '../support/resp-client.js';

/** A command as a server's COMMAND INFO describes it, sets sorted: their order means nothing. */
export interface ServerCommand {
  name: string;
  arity: number;
  flags: string[];
  first: number;
  last: number;
  step: number;
  categories: string[];
  tips: string[];
  keySpecs: string[];
  subcommands: ServerCommand[];
}

/** Asks for every command that the server has. */
export async function serverCommands(client: RespClient): Promise<ServerCommand[]> {
  const { node } = await client.send('COMMAND');
  return node.items!.map(commandOf);
}

export function commandOf({ items }: RespNode): ServerCommand {
  const [name, arity, flags, first, last, step, categories, tips, keySpecs, subcommands] = items!;
  return {
    name: name!.text!,
    arity: Number(arity!.text),
    flags: textsOf(flags!),
    first: Number(first!.text),
    last: Number(last!.text),
    step: Number(step!.text),
    categories: textsOf(categories!),
    tips: textsOf(tips!),
    keySpecs: keySpecs!.items!.map(keySpecText),
    subcommands: subcommands!.items!.map(commandOf).sort((a, b) => (a.name < b.name ? -1 : 1)),
  };
}

function textsOf(node: RespNode): string[] {
  return node.items!.map(({ text }) => text!).sort();
}

/** One line: the order of the specifications counts, that of a specification's flags does not. */
function keySpecText({ items }: RespNode): string {
  const parts: string[] = [];
  for (let i = 0; i < items!.length; i += 2) {
    const value = items![i + 1]!;
    const shown = items![i]!.text === 'flags' ? textsOf(value) : flatText(value);
    parts.push(`${items![i]!.text}: ${shown}`);
  }
  return parts.join('; ');
}

function flatText(node: RespNode): string {
  return node.items === null ? node.text! : node.items.map(flatText).join(' ');
}
