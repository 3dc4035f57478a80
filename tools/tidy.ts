import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path';
import { packageFaults } from './package-faults.js';
import { unusedExports } from './unused-exports.js';

/** The rules that a compiler does not check: rooms, import direction, cycles, runtime independence, sizes, unused exports, dependencies. */

/** Rooms from left to right; imports point left only. Rooms of one rank are siblings and never meet. */
const ranks: Record<string, number> = {
  core: 0,
  commands: 1,
  resp: 1,
  backend: 2,
  client: 3,
  engine: 3,
  sharding: 3,
  recipes: 3,
  persistence: 4,
  server: 4,
  door: 5,
  cli: 6,
  testing: 6,
  adapters: 6,
};
/** Doors: modules at the top of src, which may import any room. */
const DOOR = 'door';
/** Rooms that must run in any JavaScript runtime. */
const portable = new Set(['core', 'commands', 'resp', 'backend', 'engine']);
const LINES_MAX = 500;
const FUNCTION_LINES_MAX = 70;

const functionStart =
  /^(\s*)(?:(?:export |default |async |static |override |protected |get |set )*(?:function\*? )?)(?!(?:if|for|while|switch|catch|return|throw|await|super)\b)([#\w]+)(?:<.*>)?\((?:.*\{|)$/;

interface Module {
  path: string;
  room: string;
  text: string;
  imports: { path: string; typeOnly: boolean }[];
}

/** Every broken rule, as a line to read. */
export function tidy(root: string): string[] {
  const modules = readModules(root);
  return [
    ...modules.flatMap(wrongRooms),
    ...modules.flatMap(roomFaults),
    ...modules.flatMap(platformFaults),
    ...modules.flatMap(sizeFaults),
    ...modules.flatMap(functionFaults),
    ...cycles(modules),
    ...unusedExports(root),
    ...packageFaults(root),
  ];
}

function readModules(root: string): Module[] {
  const source = join(root, 'src');
  const files = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
  return files.map((file) => {
    const text = readFileSync(join(source, file), 'utf8');
    const path = normalize(file);
    const room = path.includes('/') ? path.slice(0, path.indexOf('/')) : DOOR;
    return { path, room, text, imports: importsOf(path, text) };
  });
}

function importsOf(path: string, text: string): Module['imports'] {
  const found: Module['imports'] = [];
  for (const [, kind, target] of text.matchAll(/^\s*(?:import|export)\s+(type\s)?[^'"]*?from\s+['"]([^'"]+)['"]/gms)) {
    found.push({ path: resolve(path, target), typeOnly: kind !== undefined });
  }
  for (const [, target] of text.matchAll(/\bimport\(\s*['"]([^'"]+)['"]\s*\)/g)) {
    found.push({ path: resolve(path, target), typeOnly: true });
  }
  return found;
}

function resolve(from: string, target: string): string {
  return target.startsWith('.') ? normalize(join(dirname(from), target)).replace(/\.js$/, '.ts') : target;
}

function wrongRooms({ path, room }: Module): string[] {
  return room === DOOR || room in ranks ? [] : [`src/${path}: there is no room called ${room}`];
}

function roomFaults({ path, room, imports }: Module): string[] {
  if (room === DOOR) return [];
  return imports.flatMap(({ path: target }) => {
    if (!target.endsWith('.ts')) return [];
    const other = target.includes('/') ? target.slice(0, target.indexOf('/')) : DOOR;
    if (other === room || ranks[other] < ranks[room]) return [];
    return [`src/${path}: ${room} must not import ${other} (${target})`];
  });
}

function platformFaults({ path, room, text, imports }: Module): string[] {
  if (!portable.has(room)) return [];
  const faults = imports
    .filter(({ path: target }) => !target.endsWith('.ts'))
    .map(({ path: target }) => `src/${path}: ${room} must run anywhere and must not import ${target}`);
  if (room !== 'core' && /\bDate\.now\(|\bMath\.random\(/.test(text)) {
    faults.push(`src/${path}: time and chance come from core/clock and core/random`);
  }
  return faults;
}

function sizeFaults({ path, text }: Module): string[] {
  if (path.endsWith('.gen.ts')) return [];
  const lines = text.split('\n').length - 1;
  return lines > LINES_MAX ? [`src/${path}: ${lines} lines; at most ${LINES_MAX}`] : [];
}

/** Functions and methods that are too long. The formatter indents their first and last lines alike. */
function functionFaults({ path, text }: Module): string[] {
  if (path.endsWith('.gen.ts')) return [];
  const lines = text.split('\n');
  return lines.flatMap((line, start) => {
    const [, indent, name] = functionStart.exec(line) ?? [];
    if (name === undefined) return [];
    const end = lines.findIndex((other, i) => i >= start && other.startsWith(`${indent}}`) && !other.endsWith('{'));
    const length = end - start + 1;
    return length > FUNCTION_LINES_MAX
      ? [`src/${path}:${start + 1}: ${name} has ${length} lines; at most ${FUNCTION_LINES_MAX}`]
      : [];
  });
}

/** Import cycles, types aside: those that matter when modules are loaded. */
function cycles(modules: readonly Module[]): string[] {
  const byPath = new Map(modules.map((module) => [module.path, module]));
  const done = new Set<string>();
  const found: string[] = [];
  const visit = (path: string, trail: string[]): void => {
    const at = trail.indexOf(path);
    if (at >= 0) {
      found.push(`import cycle: ${[...trail.slice(at), path].join(' → ')}`);
      return;
    }
    if (done.has(path)) return;
    for (const { path: target, typeOnly } of byPath.get(path)?.imports ?? []) {
      if (!typeOnly && byPath.has(target)) visit(target, [...trail, path]);
    }
    done.add(path);
  };
  for (const { path } of modules) visit(path, []);
  return found;
}

if (process.argv[1]?.endsWith('tidy.js')) {
  const faults = tidy(process.cwd());
  for (const fault of faults) console.error(fault);
  console.log(`tidy: ${faults.length} fault${faults.length === 1 ? '' : 's'} in ${relative(process.cwd(), 'src')}`);
  process.exitCode = faults.length > 0 ? 1 : 0;
}
