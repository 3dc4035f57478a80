import { formCalls } from '../../src/backend/install.js';
import type { CommandFlag, Group, Spec } from '../../src/commands/spec.js';
import { clientTable } from '../../src/commands/table.js';
import type { Term } from '../../src/commands/term.js';
import { titleOf } from '../group-title.js';
import type { Observed } from './observed-replies.js';

/** The pages of the reference about commands: from the command table and the façade that is generated from it. */

export const groups: readonly Group[] = [...new Set(clientTable.all.map(({ group }) => group))].sort();

/** The signatures of each method, as facade.gen.ts has them. */
export function signaturesOf(facade: string): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  for (const line of facade.split('\n')) {
    const name = /^ {2}(\w+)\(.*;$/.exec(line)?.[1];
    if (name !== undefined) found.set(name, [...(found.get(name) ?? []), plain(line.trim())]);
  }
  for (const { form } of formCalls()) if (!found.has(form.method)) throw new Error(`${form.method} has no signature`);
  return found;
}

/** A signature as the plain view has it, awaited. */
function plain(signature: string): string {
  return signature
    .replace(/\): Out(?:Blocking)?<V, M, (.*)>;$/, (_, reply: string) => `): Promise<${reply}>`)
    .replaceAll("V['bytes']", 'string')
    .replaceAll("V['value']", 'string')
    .replaceAll("V['integer']", 'number')
    .replaceAll("V['input']", 'Arg')
    .replaceAll('<Arg>', '')
    .replaceAll('<V>', '');
}

export function commandPage(
  group: Group,
  signatures: ReadonlyMap<string, readonly string[]>,
  observed: ReadonlyMap<string, Observed>,
): string {
  const specs = clientTable.all
    .filter((spec) => spec.group === group && !(spec.container && spec.arity === -2))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  return `# ${titleOf(group)}

${specs.length} commands. Types are those of the plain view, awaited: [how to read them](README.md). Where each may go:
[compatibility](../compatibility.md).

${specs.map((spec) => section(spec, signatures, observed.get(spec.name))).join('\n\n')}
`;
}

function section(spec: Spec, signatures: ReadonlyMap<string, readonly string[]>, seen: Observed | undefined): string {
  const parts = [`## ${spec.name}`, spec.summary];
  for (const { method, note } of spec.forms) {
    if (note !== undefined) parts.push(`${note}:`);
    parts.push(`\`\`\`\n${signatures.get(method)!.join('\n')}\n\`\`\``);
  }
  if (spec.forms.length === 0)
    parts.push(`No method of its own: \`call('${spec.name}', …)\`, or what the guides name.`);
  if (seen !== undefined) parts.push(wire(seen));
  const refusals = refusalsOf(spec);
  if (refusals.length > 0) parts.push(`Refused: ${refusals.join(', ')}.`);
  const words = spec.name.toLowerCase().replace(' ', '-');
  const facts = [
    `since ${spec.since}`,
    spec.complexity,
    `[${spec.name} at redis.io](https://redis.io/commands/${words}/)`,
  ];
  const later = laterOptions(spec.args);
  parts.push(facts.join(' · '));
  if (later.length > 0) parts.push(`Came later: ${later.join(', ')}.`);
  if (spec.deprecated)
    parts.push(`Deprecated since ${spec.deprecated.since}: use ${spec.deprecated.replacedBy.replace(/\.$/, '')}.`);
  return parts.join('\n\n');
}

/** What it answers on the wire, and its errors but those that every command has. */
function wire({ resp2, resp3, errors }: Observed): string {
  const [two, three] = [resp2.join(' · '), resp3.join(' · ')];
  const lines = two === three ? [`- Replies: ${two}`] : [`- RESP2: ${two}`, `- RESP3: ${three}`];
  // Some were seen to fail only, as they need other servers to succeed.
  if (resp2.length === 0) lines.length = 0;
  const own = errors.filter((text) => !/^(?:ERR wrong number of arguments|WRONGTYPE)/.test(text));
  const wrongType = errors.some((text) => text.startsWith('WRONGTYPE')) ? ['`WRONGTYPE`'] : [];
  const said = [...own.map((text) => `\`${text}\``), ...wrongType];
  if (said.length > 0) lines.push(`- Errors: ${said.join(' · ')}`);
  return lines.join('\n');
}

/** Where it is refused whatever its arguments are, by its flags. */
function refusalsOf({ flags, keySpecs }: Spec): string[] {
  const has = (flag: CommandFlag): boolean => flags.includes(flag);
  return [
    ...(has('denyoom') ? ['beyond `maxmemory` (`OOM`)'] : []),
    ...(has('write') && keySpecs.length > 0 ? ['by a replica (`READONLY`)'] : []),
    ...(has('noscript') ? ['in scripts'] : []),
    ...(has('no_multi') ? ['in transactions'] : []),
  ];
}

/** Arguments and options that the command has not always had. */
function laterOptions(terms: readonly Term[]): string[] {
  return terms.flatMap((term) => [
    ...(term.since === undefined ? [] : [`\`${term.name}\` (${term.since})`]),
    ...(term.options ?? [])
      .filter(({ since }) => since !== undefined)
      .map(({ name, since }) => `\`${name}\` (${since})`),
  ]);
}
