import { readFileSync } from 'node:fs';
import { formCalls } from '../src/backend/install.js';
import { commandTable } from '../src/commands/table.js';
import { readPage } from '../test/parity/page.js';
import { dataExamples } from './coming-from/data-examples.js';
import { asBytes, codeOf, type Example } from './coming-from/example.js';
import { ownWays } from './coming-from/own-ways.js';
import { serverExamples } from './coming-from/server-examples.js';
import { ioredisNames, nodeRedisConstants, nodeRedisNames, type TheirNames } from './coming-from/their-names.js';
import { publish } from './generated-page.js';

/**
 * Writes the tables of commands in docs/coming-from/ioredis.md and node-redis.md, and the lists of names that the pages
 * must have rows for. Names come from the packages' declarations, methods from the command table.
 */

const examples: Readonly<Record<string, Example>> = { ...dataExamples, ...serverExamples };
const methods = new Map(formCalls().map(({ form }) => [form.method.toLowerCase(), form.method]));

interface CommandRow {
  readonly name: string;
  readonly example: Example;
  readonly difference: string;
}

/** Their method in our words. */
function rowOf(name: string): CommandRow {
  const own = ownWays[name];
  if (own !== undefined) return { name, ...own };
  const bare = name.replace(/Buffer$/, '');
  if (bare !== name) {
    const { example } = rowOf(bare);
    return { name, example: asBytes(example), difference: 'a view with bytes' };
  }
  const method = methods.get(name.replaceAll('_', '').toLowerCase());
  const example = method === undefined ? undefined : examples[method];
  if (method !== undefined && example !== undefined) {
    return { name, example, difference: differenceOf(name, method, example) };
  }
  if (commandTable.top(name)?.container === true) return containerRow(name);
  return byName(name, method);
}

function differenceOf(name: string, method: string, { how }: Example): string {
  const named = method === name ? 'same' : `\`${method}\``;
  return how === 'newer' ? `${named}; Redis 7.2 or later` : named;
}

/** One method there, one for each subcommand here. */
function containerRow(name: string): CommandRow {
  const subcommands = [...(commandTable.top(name)?.subcommands.values() ?? [])].filter(({ forms }) => forms.length > 0);
  const known = subcommands.filter(({ forms }) => examples[forms[0]!.method] !== undefined);
  const runs = (how: Example['how']): boolean => how === 'run' || how === 'cluster';
  const first = known.find(({ forms }) => runs(examples[forms[0]!.method]!.how)) ?? known[0];
  const list = subcommands.map(({ forms }) => `\`${forms[0]!.method}\``).join(' ');
  const shown = first === undefined ? undefined : examples[first.forms[0]!.method];
  return { name, example: shown ?? byName(name).example, difference: `a method for each: ${list}` };
}

/** A command that a later server or a module has. */
function byName(name: string, method?: string): CommandRow {
  return {
    name,
    example: { how: 'shown', lines: [`db.call('${wordsOf(name)}', 'k')`] },
    difference: method === undefined ? 'no method: by name, where the server has it' : `\`${method}\`, or by name`,
  };
}

/** Names whose second word is a subcommand, not an option. */
const containers = new Set([
  'BLESS',
  'CLIENT',
  'CLUSTER',
  'FT.CONFIG',
  'FT.CURSOR',
  'HIMPORT',
  'HOTKEYS',
  'JSON.DEBUG',
]);
/** Names of commands that have the underscore themselves. */
const underscored = new Set(['TDIGEST.TRIMMED_MEAN']);
const constants = nodeRedisConstants();

/** What the server calls the command of a method. */
function wordsOf(name: string): string {
  const constant = constants.get(name) ?? name.toUpperCase();
  const [module, rest] = constant.includes('.') ? (constant.split('.') as [string, string]) : ['', constant];
  const [first, second] = rest.split('_') as [string, string?];
  const whole = module === '' ? first : `${module}.${first}`;
  if (underscored.has(constant)) return constant;
  return containers.has(whole) && second !== undefined ? `${whole} ${second}` : whole;
}

function table(rows: readonly CommandRow[], theirs: string): string {
  const lines = rows.map(({ name, example, difference }) => {
    const code = codeOf(example).map((line) => `\`${line.replaceAll('|', '\\|')}\``);
    return `| \`${name}\` | ${code.join('<br>')} | ${difference} |`;
  });
  return `| ${theirs} | keyspan | difference |\n|---|---|---|\n${lines.join('\n')}`;
}

function commandTables({ commands }: TheirNames, theirs: string): string {
  const rows = commands.map(rowOf);
  const run = rows.filter(({ example }) => example.how === 'run');
  const ofClusters = rows.filter(({ example }) => example.how === 'cluster');
  const newer = rows.filter(({ example }) => example.how !== 'run' && example.how !== 'cluster');
  return [
    '## Commands',
    `<!-- on: memory, redis -->\n\n${table(run, theirs)}`,
    '## Commands of clusters',
    `<!-- on: cluster -->\n\n${table(ofClusters, theirs)}`,
    '## Commands of newer servers and of administration',
    `<!-- on: memory -->\n\n${table(newer, theirs)}`,
  ].join('\n\n');
}

const BEGIN = '<!-- commands: generated by npm run generate -->';
const END = '<!-- commands: end -->';

for (const [page, theirs, names] of [
  ['ioredis', 'ioredis', ioredisNames()],
  ['node-redis', 'node-redis', nodeRedisNames()],
] as const) {
  const path = `docs/coming-from/${page}.md`;
  const text = readFileSync(path, 'utf8');
  const [before, rest] = text.split(BEGIN);
  const after = rest?.split(END)[1];
  if (before === undefined || after === undefined) throw new Error(`${path}: where do the commands go?`);
  const whole = `${before}${BEGIN}\n\n${commandTables(names, theirs)}\n\n${END}${after}`;
  publish(path, whole);
  const none = readPage(path, whole).rows.filter(({ lines }) => lines === null);
  const list = { names: [...names.others, ...names.commands], none: none.map(({ name }) => name) };
  publish(`test/parity/${page}.json`, `${JSON.stringify(list, null, 2)}\n`);
}
