import type { Group, Spec } from '../src/commands/spec.js';
import { clientTable } from '../src/commands/table.js';
import { clientVerdicts } from './compatibility/client-verdicts.js';
import { engineVerdicts } from './compatibility/engine-verdicts.js';
import { groupVerdicts } from './compatibility/group-verdicts.js';
import type { Verdict } from './compatibility/verdict.js';
import { publish } from './generated-page.js';
import { titleOf } from './group-title.js';

/** Writes docs/compatibility.md: every command at every backend, by asking the code that decides. */

const reasons: string[] = [];

/** The number of a reason in the list below the tables. */
function numberOf(reason: string): number {
  const at = reasons.indexOf(reason);
  return at >= 0 ? at + 1 : reasons.push(reason);
}

function cell({ word, pipeline, transaction, reason }: Verdict): string {
  const apart = [
    ...(pipeline === undefined ? [] : [`pipeline: ${pipeline}`]),
    ...(transaction === undefined ? [] : [`MULTI: ${transaction}`]),
  ];
  const text = [word, ...apart].join('; ');
  return reason === undefined ? text : `${text}<sup>${numberOf(reason)}</sup>`;
}

async function row(spec: Spec): Promise<string> {
  const { embedded, sync, serve } = engineVerdicts(spec);
  const { server, sentinel, cluster } = clientVerdicts(spec);
  const { ring, mirror } = await groupVerdicts(spec);
  const methods = spec.forms.map(({ method }) => `\`${method}\``).join(' ');
  const cells = [embedded, sync, server, sentinel, cluster, ring, mirror, serve].map(cell);
  return `| ${spec.name} | ${spec.since} | ${methods === '' ? '–' : methods} | ${cells.join(' | ')} |`;
}

const columns = ['command', 'since', 'methods', 'memory, file', 'sync', 'server, pair', 'Sentinel', 'Cluster'];
const head = `| ${[...columns, 'ring', 'mirror', 'serve'].join(' | ')} |
|-|-|-|-|-|-|-|-|-|-|-|`;

/** Only the words of its subcommands are commands, unless it may stand alone. */
const shown = clientTable.all.filter((spec) => !(spec.container && spec.arity === -2));
const groups = [...new Set(shown.map(({ group }) => group))].sort();

async function table(group: Group): Promise<string> {
  const specs = shown.filter((spec) => spec.group === group).sort((a, b) => (a.name < b.name ? -1 : 1));
  const rows: string[] = [];
  for (const spec of specs) rows.push(await row(spec));
  return `## ${titleOf(group)}\n\n${head}\n${rows.join('\n')}`;
}

const tables: string[] = [];
for (const group of groups) tables.push(await table(group));

publish(
  'docs/compatibility.md',
  `# Compatibility

Every command (${shown.length}) at every backend. This page is generated: the code that routes a command is asked about each one, with
keys that live apart, and what it answers stands here.

| word | the command is carried out |
|-|-|
| ✓ | by the one server, or the node of its key |
| own | on a connection of its own, as it may wait; in a transaction it does not wait |
| split | in parts, each at the node of its keys; the replies become one |
| together | by one node, which must have all its keys; else the call rejects with CrossSlotError, and nothing is sent |
| all | by every node (Cluster: every primary, or replicas too); the replies become one |
| one | by one node, whichever it is |
| in turn | by one node after the other, as the cursor goes on |
| follow | by one node; the others follow by what it did |
| sentinel | by a Sentinel |
| off | not as things are: the error says what is missing |
| ✗ | not at all: the call rejects with UnsupportedError, and nothing is sent |

Columns: **memory, file** is the engine in the process, awaited; **sync** the same without promises. **server, pair** is a client of
one server (\`redis://\`, \`unix://\`) or of several hosts with one primary; **Sentinel** the primary that Sentinels watch. **serve** is
what \`keyspan serve\` offers any client over RESP. Pipelines and transactions do as single calls do, unless a cell says otherwise.
Commands without a method (–) have a face of their own (\`subscribe\`, \`transaction\`, \`multi\`, \`monitor\`, \`reserve\`) or go by
\`call('NAME', …)\`. Transactions on several nodes need all keys at one of them. Method signatures: [reference](reference/README.md).

${tables.join('\n\n')}

## Reasons

${reasons.map((reason, i) => `${i + 1}. ${reason}`).join('\n')}
`,
);
