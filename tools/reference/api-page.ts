import { join } from 'node:path';
import { type Declaration, exportsOf, shownText } from './declarations.js';

/** The pages of the reference about what is not a command: one for each subpath of the package. */

export interface Subpath {
  /** As in an import: `keyspan/client`. */
  readonly path: string;
  readonly file: string;
  readonly about: string;
}

/** Shown by its methods' pages. */
const COMMANDS = 'Commands';

export interface ApiPage {
  readonly text: string;
  /** Exports that have no docstring. */
  readonly bare: readonly string[];
}

/** `seen` has the page on which each name stands already: it is shown once. */
export function apiPage(folder: string, { path, file, about }: Subpath, seen: Map<string, string>): ApiPage {
  const page = pageOf(path);
  const bare: string[] = [];
  const again: string[] = [];
  const byName = new Map<string, Declaration[]>();
  for (const one of exportsOf(join(folder, file))) byName.set(one.name, [...(byName.get(one.name) ?? []), one]);
  const sections: string[] = [];
  for (const [name, parts] of [...byName].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const key = parts.map(({ text }) => text).join('\n');
    const before = seen.get(key);
    if (before !== undefined) {
      again.push(`[\`${name}\`](${before}#${name.toLowerCase()})`);
      continue;
    }
    seen.set(key, page);
    if (parts.every(({ doc }) => doc === '')) bare.push(`${path}: ${name}`);
    sections.push(section(name, parts));
  }
  const also = again.length === 0 ? '' : `\nAlso exported here: ${again.join(', ')}.\n`;
  return { text: `# ${path}\n\n${about}\n${also}\n${sections.join('\n\n')}\n`, bare };
}

export function pageOf(path: string): string {
  return `${path.replaceAll('/', '-')}.md`;
}

function section(name: string, parts: readonly Declaration[]): string {
  const shown = [`## ${name}`];
  for (const part of parts) {
    if (part.doc !== '') shown.push(part.doc);
    if (name === COMMANDS) shown.push('A method for every form of every command: see the pages of the groups.');
    else if (!isEmptyBody(part)) shown.push(`\`\`\`\n${shownText(part)}\n\`\`\``);
  }
  return shown.join('\n\n');
}

/** An interface that only says what a class has besides. */
function isEmptyBody({ text }: Declaration): boolean {
  return /^interface [^{]+\{\s*\}$/.test(text.trim()) && text.includes('extends Commands');
}
