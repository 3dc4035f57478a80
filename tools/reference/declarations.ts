import { readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';

/**
 * Reads the declarations that the compiler emits (`.d.ts`). Their form is fixed enough for a scanner of lines: what is
 * exported stands at the beginning of a line, and ends where its brackets are closed.
 */

export interface Declaration {
  readonly name: string;
  /** As the compiler wrote it, without its docstring and `export declare`. */
  readonly text: string;
  /** What the docstring says, without its stars; empty if there is none. */
  readonly doc: string;
}

const head =
  /^(?:export )?(?:declare )?(?:abstract )?(class|interface|type|function|const|let) (\w+)|^(?:export )?declare const (\w+)/;

/** The public names of a module, in the order of its exports; one that is exported by another name has that one. */
export function exportsOf(file: string): Declaration[] {
  const text = readFileSync(file, 'utf8');
  const own = declarationsIn(text);
  const found: Declaration[] = [];
  for (const [, names, from] of text.matchAll(/^export (?:type )?\{([^}]*)\}(?: from '([^']+)')?;/gm)) {
    const source = from === undefined ? own : modulesOf(file, from);
    for (const part of names!.split(',')) {
      const [name, alias = name] = part
        .trim()
        .replace(/^type /, '')
        .split(' as ');
      if (name === undefined || name === '') continue;
      const declaration = source(name);
      if (declaration.length === 0) throw new Error(`${file}: where is ${name}?`);
      found.push(...declaration.map((one) => ({ ...one, name: alias! })));
    }
  }
  for (const line of text.split('\n')) {
    const said = /^export /.test(line) ? head.exec(line) : null;
    const name = said?.[2] ?? said?.[3];
    if (name !== undefined && !found.some((one) => one.name === name)) found.push(...own(name));
  }
  return found;
}

type Finder = (name: string) => Declaration[];

function modulesOf(file: string, from: string): Finder {
  const target = normalize(join(dirname(file), from)).replace(/\.js$/, '.d.ts');
  const text = readFileSync(target, 'utf8');
  return (name) => {
    const here = declarationsIn(text)(name);
    return here.length > 0 ? here : exportsOf(target).filter((one) => one.name === name);
  };
}

/** Finds the declarations of a name: several for a class that is an interface too, and for overloads. */
function declarationsIn(text: string): Finder {
  const lines = text.split('\n');
  const all: Declaration[] = [];
  let doc = '';
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i]!;
    if (line.startsWith('/**')) {
      const end = lines.findIndex((other, at) => at >= i && other.includes('*/'));
      doc = textOf(lines.slice(i, end + 1).join('\n'));
      i = end;
      continue;
    }
    const said = head.exec(line);
    const name = said?.[2] ?? said?.[3];
    if (name === undefined) {
      doc = '';
      continue;
    }
    const end = endOf(lines, i);
    const body = lines.slice(i, end + 1).join('\n');
    all.push({ name, doc, text: body.replace(/^export /, '').replace(/^declare /, '') });
    doc = '';
    i = end;
  }
  return (name) => all.filter((one) => one.name === name);
}

function endOf(lines: readonly string[], start: number): number {
  let depth = 0;
  for (let i = start; i < lines.length; i++) {
    const line = lines[i]!;
    // Comments hold brackets of their own.
    if (/^\s*(\/\*\*|\*)/.test(line)) continue;
    for (const char of line.replace(/'[^']*'|=>/g, '')) {
      if ('{[(<'.includes(char)) depth++;
      else if ('}])>'.includes(char)) depth--;
    }
    if (depth <= 0 && /[;}]$/.test(line)) return i;
  }
  return lines.length - 1;
}

/** The text of a docstring. */
function textOf(comment: string): string {
  return comment
    .replace(/^\s*\/\*\*/, '')
    .replace(/\*\/\s*$/, '')
    .split('\n')
    .map((line) => line.replace(/^\s*\* ?/, '').trimEnd())
    .join('\n')
    .trim();
}

/** The declaration as it is shown: what is private is left out, docstrings of one line stay on one. */
export function shownText({ text }: Declaration): string {
  return text
    .replace(/^\s*#private;\n/gm, '')
    .replace(/^\s*private [^\n]*;\n/gm, '')
    .trimEnd();
}
