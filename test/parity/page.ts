import { checkedLine } from '../../tools/snippets.js';

/**
 * A page of docs/coming-from: tables of three columns, `name | code | difference`. A cell of code holds lines of one
 * program, each a span of code, with `<br>` between them; `—` says that there is none, and the third column why. A
 * comment before a table says what its rows are run on, where that is not an engine and a server: `<!-- on: cluster -->`.
 */
export interface Page {
  /** The imports of the first block of code: those of every row. */
  readonly imports: readonly string[];
  readonly rows: readonly Row[];
}

export interface Row {
  readonly name: string;
  /** Null where there is no equivalent. */
  readonly lines: readonly string[] | null;
  readonly difference: string;
  readonly on: readonly string[];
  readonly place: string;
}

const DEFAULT_SITES = ['memory', 'redis'];

/** Reads a page. Throws for a row that has no name or no code, with its place. */
export function readPage(path: string, markdown: string): Page {
  const lines = markdown.split('\n');
  const rows: Row[] = [];
  let on = DEFAULT_SITES;
  lines.forEach((line, i) => {
    const said = /^<!-- on: (.+) -->$/.exec(line);
    if (said !== null) on = said[1]!.split(',').map((word) => word.trim());
    else if (line.startsWith('#')) on = DEFAULT_SITES;
    // The two lines of the head have no span of code in their first column.
    if (/^\| `/.test(line)) rows.push(rowOf(line, on, `${path}:${i + 1}`));
  });
  return { imports: importsOf(lines), rows };
}

function importsOf(lines: readonly string[]): string[] {
  const start = lines.indexOf('```ts');
  const end = lines.indexOf('```', start);
  return lines.slice(start + 1, end).filter((line) => line.startsWith('import '));
}

function rowOf(line: string, on: readonly string[], place: string): Row {
  const cells = line.split(/(?<!\\)\|/).map((cell) => cell.replaceAll('\\|', '|').trim());
  if (cells.length !== 5) throw new Error(`${place}: a row has three columns`);
  const [name] = spansOf(cells[1]!);
  const code = spansOf(cells[2]!);
  const difference = cells[3]!;
  if (name === undefined) throw new Error(`${place}: a row without name`);
  if (code.length === 0 && cells[2] !== '—') throw new Error(`${place}: ${name} has no code`);
  if (code.length === 0 && difference === '') throw new Error(`${place}: ${name} does not say why it has none`);
  return { name, lines: code.length === 0 ? null : code, difference, on, place };
}

function spansOf(cell: string): string[] {
  return [...cell.matchAll(/`([^`]+)`/g)].map(([, code]) => code!.replaceAll('\u00a0', ' '));
}

/** A reply with bytes as one with texts; it must have some. */
const TEXT_OF_BYTES = `function $text(reply: unknown): unknown {
  let found = 0;
  const turned = (value: unknown): unknown => {
    if (value instanceof Uint8Array) return (found++, new TextDecoder().decode(value));
    if (Array.isArray(value)) return value.map(turned);
    if (value === null || typeof value !== 'object') return value;
    return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, turned(part)]));
  };
  const text = turned(reply);
  if (found === 0) throw new Error('no bytes in the reply');
  return text;
}`;

/** What the rows may use, as a type. */
const SITE_TYPE = `type $Site = {
  db: import('keyspan').Redis;
  other: import('keyspan').Redis;
  sync: import('keyspan/embedded').SyncRedis;
  store: import('keyspan/instances').Instance;
  redis: string;
  spare: string;
  secured: { socket: string; rediss: string; caFile: string; certFile: string; keyFile: string };
};`;

/** The rows as a module that exports a function for each, and at which of its lines each begins. */
export function moduleOf({ imports, rows }: Page): { code: string; starts: number[] } {
  const lines = [
    ...imports,
    `import { deepEqual as $same } from 'node:assert/strict';`,
    ...SITE_TYPE.split('\n'),
    ...TEXT_OF_BYTES.split('\n'),
  ];
  lines.push('export const rows = [');
  const starts: number[] = [];
  for (const row of rows) {
    starts.push(lines.length + 1);
    if (row.lines === null) {
      lines.push('null,');
      continue;
    }
    lines.push('async ({ db, other, sync, store, redis, spare, secured }: $Site): Promise<void> => {');
    if (row.on.includes('secured')) lines.push('const { socket, rediss, caFile, certFile, keyFile } = secured;');
    lines.push(...row.lines.map(checkedLine), '},');
  }
  lines.push('];', '');
  return { code: lines.join('\n'), starts };
}
