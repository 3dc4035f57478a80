/**
 * The TypeScript in the documentation, as programs. A block of ```ts is a program of its own. The line before it may say
 * otherwise in a comment that readers do not see:
 *
 *     <!-- continues -->          goes on where the block before it ended
 *     <!-- compiles only: why --> needs what a test has not: it is compiled, not run
 *     <!-- needs: cluster -->     runs with such servers; their URLs take the place of those in the text
 *
 * A statement whose line ends in a comment that is a literal is checked against it: `n + 1; // 2`; what `console.log` prints, to the letter.
 */

export interface Snippet {
  /** Where it begins, for messages: `docs/client.md:12`. */
  readonly place: string;
  readonly code: string;
  /** Null when it runs; otherwise why it does not. */
  readonly compilesOnly: string | null;
  readonly needs: readonly string[];
}

interface Marks {
  continues: boolean;
  compilesOnly: string | null;
  needs: readonly string[];
}

const fence = /^```(\w*)\s*$/;
const mark = /^<!-- (continues|compiles only: (.+)|needs: (.+)) -->$/;
/** In the tables of docs/coming-from: a reply whose texts are bytes. */
const BYTES_OF = 'bytes of ';
const checked = /^(\s*)(.+?);\s+\/\/ (.+)$/;
const declaration = /^(?:const|let) (\w+|\[.+\])(?::[^=]+)? = (.+)$/;
const statement = /^(?:const|let|import|export|return|for|if|while|throw|type|interface|class|function|case)\b/;

/** The programs of a page. Throws when a block continues nothing. */
export function snippetsOf(page: string, markdown: string): Snippet[] {
  const found: Snippet[] = [];
  const lines = markdown.split('\n');
  for (let i = 0; i < lines.length; i++) {
    const open = fence.exec(lines[i]!);
    if (open === null) continue;
    const end = lines.findIndex((line, at) => at > i && line.trim() === '```');
    if (end < 0) throw new Error(`${page}:${i + 1}: the block has no end`);
    if (open[1] === 'ts') add(found, `${page}:${i + 1}`, lines.slice(i + 1, end).join('\n'), marksBefore(lines, i));
    i = end;
  }
  return found;
}

function add(found: Snippet[], place: string, code: string, { continues, compilesOnly, needs }: Marks): void {
  if (!continues) {
    found.push({ place, code, compilesOnly, needs });
    return;
  }
  const before = found.pop();
  if (before === undefined) throw new Error(`${place}: there is no block that it could continue`);
  found.push({
    place: before.place,
    code: `${before.code}\n${code}`,
    compilesOnly: before.compilesOnly ?? compilesOnly,
    needs: [...before.needs, ...needs],
  });
}

function marksBefore(lines: readonly string[], at: number): Marks {
  const marks: Marks = { continues: false, compilesOnly: null, needs: [] };
  for (let i = at - 1; i >= 0; i--) {
    const said = mark.exec(lines[i]!.trim());
    if (said === null) break;
    if (said[1] === 'continues') marks.continues = true;
    else if (said[2] !== undefined) marks.compilesOnly = said[2];
    else marks.needs = said[3]!.split(',').map((need) => need.trim());
  }
  return marks;
}

/** The program with its literal comments as assertions. Line numbers stay. */
export function withChecks(code: string): string {
  const lines = code.split('\n').map(checkedLine);
  return `import { deepEqual as $same } from 'node:assert/strict';import { format as $shown } from 'node:util';${lines.join('\n')}\nexport {};\n`;
}

/** A line whose comment is a literal as an assertion by `$same`; any other as it is. */
export function checkedLine(line: string): string {
  const parts = checked.exec(line);
  if (parts === null) return line;
  const [, indent, body, literal] = parts as unknown as [string, string, string, string];
  if (literal.startsWith(BYTES_OF)) return `${indent}$same($text(${body}), ${literal.slice(BYTES_OF.length)});`;
  if (!isLiteral(literal)) return line;
  const declared = declaration.exec(body);
  if (declared !== null) return `${line.slice(0, line.lastIndexOf('//'))}$same(${declared[1]}, ${literal});`;
  const logged = /^console\.log\((.+)\)$/.exec(body);
  if (logged !== null) return `${indent}$same($shown(${logged[1]}), ${JSON.stringify(literal)});`;
  return statement.test(body) ? line : `${indent}$same(${body}, ${literal});`;
}

/** Strings, numbers, words and arrays or objects of them. */
function isLiteral(text: string): boolean {
  const rest = text
    .replace(/'[^']*'/g, '0')
    .replace(/\b(?:true|false|null|undefined)\b/g, '0')
    .replace(/(?<=[{,]\s*)\w+(?=:)/g, '')
    .replace(/-?\d[\d_]*(?:\.\d+)?(?:e[+-]?\d+)?n?/g, '0');
  return /^[0[\]{},:\s]+$/.test(rest) && /0|\[\]|\{\}/.test(rest) && !/[0\]}]\s+[0[{]/.test(rest);
}
