import { statSync } from 'node:fs';
import { textFromBytes } from '../core/bytes.js';
import { systemMessage } from '../core/system-message.js';
import { typeOfCollection } from '../engine/database.js';
import { Engine } from '../engine/engine.js';
import { typeNames } from '../engine/entry-meta.js';
import { loadSnapshot, type VisitedKey } from '../engine/rdb/load-snapshot.js';
import { streamFile } from '../persistence/durable-file.js';
import { sizeText } from './progress-line.js';

const BIGGEST_KEYS = 10;
/** The overhead of a string, beyond its bytes. */
const RECORD_BYTES = 32;
const DATABASES = 10_000;
const usage = 'Usage: keyspan rdb inspect <file>';

const spans: readonly [name: string, ms: number][] = [
  ['expired', 0],
  ['under a minute', 60_000],
  ['under an hour', 3_600_000],
  ['under a day', 86_400_000],
  ['under a week', 604_800_000],
  ['longer', Infinity],
];

/** What is in an RDB file. */
export interface RdbSummary {
  version: number;
  aux: [name: string, value: string][];
  functions: number;
  keys: number;
  /** By type: keys, elements, bytes in memory. */
  types: Map<string, { keys: number; elements: number; bytes: number }>;
  databases: Map<number, number>;
  ttl: Map<string, number>;
  biggest: { key: string; type: string; elements: number; bytes: number }[];
}

/** Reads a file once, holding one value at a time. Throws RdbError with offset and reason. */
export function inspectRdb(chunks: Iterable<Uint8Array>, now: number): RdbSummary {
  const engine = new Engine({ databases: DATABASES, clock: { now: () => now } });
  const summary: Omit<RdbSummary, 'version' | 'aux' | 'functions' | 'keys'> = {
    types: new Map(),
    databases: new Map(),
    ttl: new Map(),
    biggest: [],
  };
  const loaded = loadSnapshot(engine, chunks, { visit: (entry) => note(summary, entry, now) });
  return {
    ...summary,
    version: loaded.version,
    aux: [...loaded.aux].map(([name, value]) => [textFromBytes(name), textFromBytes(value)]),
    functions: loaded.functions.length,
    keys: loaded.keysLoaded,
  };
}

function note(
  summary: Pick<RdbSummary, 'types' | 'databases' | 'ttl' | 'biggest'>,
  entry: VisitedKey,
  now: number,
): void {
  const { db, key, value, deadline } = entry;
  const plain = typeof value === 'string';
  const type = plain ? 'string' : typeNames[typeOfCollection(value)]!;
  const elements = plain ? 1 : value.size;
  const bytes = RECORD_BYTES + key.length + (plain ? value.length : value.memoryBytes);
  const sum = summary.types.get(type) ?? { keys: 0, elements: 0, bytes: 0 };
  summary.types.set(type, { keys: sum.keys + 1, elements: sum.elements + elements, bytes: sum.bytes + bytes });
  summary.databases.set(db, (summary.databases.get(db) ?? 0) + 1);
  const left = deadline === null ? null : deadline - now;
  const span = left === null ? 'none' : spans.find(([, ms]) => left < ms)![0];
  summary.ttl.set(span, (summary.ttl.get(span) ?? 0) + 1);
  const { biggest } = summary;
  if (biggest.length === BIGGEST_KEYS && bytes <= biggest[BIGGEST_KEYS - 1]!.bytes) return;
  biggest.push({ key: textFromBytes(key), type, elements, bytes });
  biggest.sort((a, b) => b.bytes - a.bytes);
  biggest.length = Math.min(biggest.length, BIGGEST_KEYS);
}

/** `keyspan rdb inspect <file>`; the exit code. */
export function rdbCommand([what, path, ...rest]: readonly string[]): number {
  if (what === '--help' || what === '-h') {
    console.log(usage);
    return 0;
  }
  if (what !== 'inspect' || path === undefined || rest.length > 0) {
    console.error(usage);
    return 1;
  }
  try {
    const size = statSync(path).size;
    for (const line of summaryLines(inspectRdb(streamFile(path), Date.now()))) console.log(line);
    console.log(`file size      ${sizeText(size)}`);
    return 0;
  } catch (error) {
    console.error(`keyspan: ${path}: ${systemMessage(error)}`);
    return 1;
  }
}

function summaryLines(summary: RdbSummary): string[] {
  const table = (title: string, rows: readonly (readonly (string | number)[])[]): string[] =>
    rows.length === 0
      ? []
      : ['', title, ...rows.map(([name, ...cells]) => `  ${String(name).padEnd(16)}${cells.join('  ')}`)];
  return [
    `RDB version    ${summary.version}`,
    `keys           ${summary.keys}`,
    `functions      ${summary.functions} libraries`,
    ...table('About the file', summary.aux),
    ...table(
      'Databases: keys',
      [...summary.databases].sort(([a], [b]) => a - b),
    ),
    ...table(
      'Types: keys, elements, memory',
      [...summary.types].map(([type, { keys, elements, bytes }]) => [type, keys, elements, sizeText(bytes)]),
    ),
    ...table(
      'Time to live: keys',
      ['none', ...spans.map(([name]) => name)].flatMap((name) => {
        const keys = summary.ttl.get(name);
        return keys === undefined ? [] : [[name, keys]];
      }),
    ),
    ...table(
      'Biggest keys: type, elements, memory',
      summary.biggest.map(({ key, type, elements, bytes }) => [key, type, elements, sizeText(bytes)]),
    ),
    '',
  ];
}
