import type { Parameter } from '../src/engine/config-parameter.js';
import { parameters } from '../src/engine/config-table.js';
import { publish } from './generated-page.js';

/** Writes docs/configuration.md from the parameter table. */
const cell = (text: string): string => text.replaceAll('|', '\\|');

function row({ name, alias, initial, immutable }: Parameter): string {
  const names = alias ? `\`${name}\` (\`${alias}\`)` : `\`${name}\``;
  return `| ${names} | ${initial === '' ? '' : `\`${cell(initial)}\``} | ${immutable ? 'at the start only' : ''} |`;
}

function inertRow({ name, initial, inert }: Parameter): string {
  return `| \`${name}\` | ${initial === '' ? '' : `\`${cell(initial)}\``} | ${cell(inert!)} |`;
}

const shown = parameters.filter(({ hidden }) => !hidden);
const ownOnes = parameters.filter(({ own }) => own);
const active = shown.filter(({ inert }) => inert === undefined);
const inert = shown.filter((parameter) => parameter.inert !== undefined);

publish(
  'docs/configuration.md',
  `# Configuration

Every parameter of Redis 7.0.15 is known: by \`CONFIG GET\` and \`CONFIG SET\`, in a redis.conf given to \`keyspan serve\`, and as
\`--directive value\` on its command line. Values are checked as Redis checks them. This page is generated from the parameter table.

## Parameters that act (${active.length})

| parameter | default | |
|-|-|-|
${active.map(row).join('\n')}

## Parameters that are accepted and reported, no more (${inert.length})

| parameter | default | why |
|-|-|-|
${inert.map(inertRow).join('\n')}

## Parameters of this server alone (${ownOnes.length})

Patterns of \`CONFIG GET\` do not show them. \`server-version\` is told of in [versions](versions.md).

| parameter | default | |
|-|-|-|
${ownOnes.map(row).join('\n')}
`,
);
