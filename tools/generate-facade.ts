import type { FormCall } from '../src/backend/form-call.js';
import { formCalls } from '../src/backend/install.js';
import { keyOf } from '../src/commands/names.js';

import { publish } from './generated-page.js';

/** Writes the types and docs of the façade's methods from the command table. With `--check`: fails if they are stale. */
const target = 'src/backend/facade.gen.ts';
const methodsTarget = 'src/backend/methods.gen.ts';

const header = `// Generated from the command table by tools/generate-facade.ts; run \`npm run generate\` after a change to src/commands.
/* biome-ignore-all lint: generated */
`;

/** Where the types come from that signatures may name; only those in use are imported. */
const origins: readonly (readonly [string, readonly string[]])[] = [
  ['../commands/bitfield-operations.js', ['BitfieldArgs', 'BitfieldOperation']],
  ['../commands/client-info.js', ['ClientInfo']],
  ['../commands/cluster-reply.js', ['ClusterNode', 'ClusterShard', 'ClusterSlots']],
  ['../commands/sentinel-reply.js', ['SentinelMaster', 'SentinelPeer', 'SentinelReplica']],
  ['./mode.js', ['Mode', 'Out', 'OutBlocking']],
  ['./view.js', ['Arg', 'GeoUnit', 'IntArg', 'NumberArg', 'Pairs', 'Places', 'ReplyValue', 'ScorePairs', 'View']],
];

function imports(body: string): string {
  const lines = origins.flatMap(([module, names]) => {
    const used = names.filter((name) => name === 'Mode' || name === 'View' || new RegExp(`\\b${name}\\b`).test(body));
    return used.length > 0 ? [`import type { ${used.join(', ')} } from '${module}';`] : [];
  });
  return lines.join('\n');
}

/** `number | bigint` by its name: signatures are read. */
function named(type: string): string {
  return type
    .replaceAll('number | bigint', 'IntArg')
    .replaceAll("'m' | 'km' | 'ft' | 'mi'", 'GeoUnit')
    .replace(/\((\w+)\)\[\]/g, '$1[]');
}

function listOf(type: string): string {
  return /[|]/.test(type.replace(/<.*>|\[.*\]|\{.*\}/g, '')) ? `readonly (${type})[]` : `readonly ${type}[]`;
}

function positional(call: FormCall): string[] {
  return call.positional.map(({ name, type: full, list }, i) => {
    const type = named(full);
    if (!list) return `${name}: ${type}`;
    if (i < call.positional.length - 1 || !call.rest) return `${name}: ${type} | ${listOf(type)}`;
    return `...${name}: ${listOf(type).replace(/^readonly /, '')} | [${listOf(type)}]`;
  });
}

function options(call: FormCall): string[] {
  if (call.options.length === 0) return [];
  const fields = call.options.map(({ name, type, list }) => `${name}?: ${list ? listOf(named(type)) : named(type)}`);
  return [`options?: { ${fields.join('; ')} }`];
}

function docs(call: FormCall): string {
  const { spec, form } = call;
  const lines = [spec.summary];
  if (form.note) lines.push(form.note);
  const fixed = Object.entries(form.fix ?? {}).map(([name, value]) =>
    typeof value === 'string' ? value : name.toUpperCase(),
  );
  lines.push(`\`${[spec.name, ...fixed].join(' … ')}\` · since ${spec.since} · ${spec.complexity}`);
  if (spec.deprecated) lines.push(`@deprecated since ${spec.deprecated.since}: use ${spec.deprecated.replacedBy}`);
  lines.push(`@see https://redis.io/commands/${spec.name.toLowerCase().replace(' ', '-')}/`);
  return `  /**\n${lines.map((line) => `   * ${line}`).join('\n')}\n   */`;
}

/** What the halves of a single pair may be. */
const halves: Readonly<Record<string, readonly [string, string]>> = {
  Pairs: ['Arg', 'Arg'],
  "Pairs<V['input']>": ['Arg', "V['input']"],
  "ScorePairs<V['input']>": ["V['input']", 'NumberArg'],
};

function method(call: FormCall): string {
  const { form } = call;
  const reply = `${call.blocking ? 'OutBlocking' : 'Out'}<V, M, ${form.reply.type}>`;
  const list = positional(call);
  const lines = [docs(call)];
  if (form.single) {
    const last = call.positional[call.positional.length - 1];
    const [first, second] = form.single;
    const [firstType, secondType] = halves[last.type]!;
    const split = [...list.slice(0, -1), `${first}: ${firstType}`, `${second}: ${secondType}`];
    lines.push(`  ${form.method}(${[...split, ...options(call)].join(', ')}): ${reply};`);
  }
  lines.push(`  ${form.method}(${[...list, ...options(call)].join(', ')}): ${reply};`);
  return lines.join('\n');
}

function generate(): string {
  const body = calls.map(method).join('\n\n');
  return `${header}${imports(body)}

/** Every command as a method. \`V\`: the types of replies; \`M\`: awaited, synchronous or queued. */
export interface Commands<V extends View, M extends Mode> {
${body}
}
`;
}

/** A method, whose command it is if that has another name, and whether it may have to wait. */
function methodWord({ spec, form, blocking }: FormCall): string {
  const key = keyOf(spec.name);
  return `${form.method}${form.method === key ? '' : `:${key}`}${blocking ? '!' : ''}`;
}

function generateMethods(): string {
  const lines: string[] = [];
  for (const word of calls.map(methodWord)) {
    const last = lines.length - 1;
    if (last >= 0 && lines[last]!.length + word.length < 110) lines[last] += ` ${word}`;
    else lines.push(word);
  }
  return `${header}
/**
 * The façade's methods, so that they can be there before any command is looked at. \`:\` and the command, where that has
 * another name than the method; \`!\` for what may have to wait before it can reply.
 */
export const methodWords =
${lines.map((line, i) => `  '${line}${i < lines.length - 1 ? " ' +" : "';"}`).join('\n')}
`;
}

const calls = formCalls().sort((a, b) => (a.form.method < b.form.method ? -1 : 1));
publish(target, generate());
publish(methodsTarget, generateMethods());
