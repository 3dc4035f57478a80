import type { FormCall } from '../src/backend/form-call.js';
import { formCalls } from '../src/backend/install.js';

import { publish } from './generated-page.js';

/** Writes the types and docs of the façade's methods from the command table. With `--check`: fails if they are stale. */
const target = 'src/backend/facade.gen.ts';

const header = `// Generated from the command table by tools/generate-facade.ts; run \`npm run generate\` after a change to src/commands.
/* biome-ignore-all lint: generated */
`;

/** Where the types come from that signatures may name; only those in use are imported. */
const origins: readonly (readonly [string, readonly string[]])[] = [
  ['../commands/bitfield-operations.js', ['BitfieldArgs', 'BitfieldOperation']],
  ['../commands/client-info.js', ['ClientInfo']],
  ['./mode.js', ['Mode', 'Out', 'SyncMode']],
  ['./view.js', ['Arg', 'NumberArg', 'Pairs', 'ReplyValue', 'ScorePairs', 'View']],
];

function imports(body: string): string {
  const lines = origins.flatMap(([module, names]) => {
    const used = names.filter((name) => name === 'Mode' || name === 'View' || new RegExp(`\\b${name}\\b`).test(body));
    return used.length > 0 ? [`import type { ${used.join(', ')} } from '${module}';`] : [];
  });
  return lines.join('\n');
}

function parameters(call: FormCall): string[] {
  const list = call.positional.map(({ name, type, list }, i) => {
    const last = i === call.positional.length - 1;
    const item = /[|]/.test(type) ? `(${type})` : type;
    if (list && last && call.rest) return `...${name}: ${item}[] | [readonly ${item}[]]`;
    return `${name}: ${list ? `${type} | readonly ${item}[]` : type}`;
  });
  if (call.options.length > 0) {
    const fields = call.options.map(({ name, type, list }) => `${name}?: ${list ? `readonly (${type})[]` : type}`);
    list.push(`options?: { ${fields.join('; ')} }`);
  }
  return list;
}

function docs(call: FormCall): string {
  const { spec, form } = call;
  const lines = [spec.summary];
  if (form.note) lines.push(form.note);
  const fixed = Object.entries(form.fix ?? {}).map(([name, value]) => (typeof value === 'string' ? value : name.toUpperCase()));
  lines.push(`\`${[spec.name, ...fixed].join(' … ')}\` · since ${spec.since} · ${spec.complexity}`);
  if (spec.deprecated) lines.push(`@deprecated since ${spec.deprecated.since}: use ${spec.deprecated.replacedBy}`);
  lines.push(`@see https://redis.io/commands/${spec.name.toLowerCase().replace(' ', '-')}/`);
  return `  /**\n${lines.map((line) => `   * ${line}`).join('\n')}\n   */`;
}

function method(call: FormCall): string {
  const { form } = call;
  const blocking = call.spec.flags.includes('blocking');
  const reply = blocking
    ? `M extends SyncMode ? never : Out<V, M, ${form.reply.type}>`
    : `Out<V, M, ${form.reply.type}>`;
  const list = parameters(call);
  const lines = [docs(call)];
  if (form.single) {
    const at = call.positional.length - 1;
    const [first, second] = form.single;
    const split = [...list.slice(0, at), `${first}: Arg`, `${second}: Arg`];
    lines.push(`  ${form.method}(${split.join(', ')}): ${reply};`);
  }
  lines.push(`  ${form.method}(${list.join(', ')}): ${reply};`);
  return lines.join('\n');
}

function generate(): string {
  const calls = [...formCalls].sort((a, b) => (a.form.method < b.form.method ? -1 : 1));
  const body = calls.map(method).join('\n\n');
  return `${header}${imports(body)}

/** Every command as a method. \`V\`: the types of replies; \`M\`: awaited, synchronous or queued. */
export interface Commands<V extends View, M extends Mode> {
${body}
}
`;
}

publish(target, generate());
