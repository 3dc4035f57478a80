import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { publish } from './generated-page.js';
import { titleOf } from './group-title.js';
import { apiPage, pageOf, type Subpath } from './reference/api-page.js';
import { commandPage, groups, signaturesOf } from './reference/command-pages.js';
import { observeEngine } from './reference/observed-replies.js';
import { observeEngineScenes } from './reference/observed-scenes.js';
import { recordedReplies } from './reference/recorded-replies.js';

/**
 * Writes docs/reference from the command table, and from the declarations of the package (`dist`, or the folder that
 * `--declarations` names), whose docstrings it shows.
 */
const FOLDER = 'docs/reference';
const at = process.argv.indexOf('--declarations');
const declarations = at < 0 ? 'dist' : process.argv[at + 1]!;

const subpaths: readonly Subpath[] = [
  {
    path: 'keyspan',
    file: 'index.d.ts',
    about: '`open` by URL, the asynchronous API, views, errors, and the types that methods take and give.',
  },
  {
    path: 'keyspan/embedded',
    file: 'embedded.d.ts',
    about: 'An engine in the process, with a synchronous face; forks, snapshots and clocks.',
  },
  {
    path: 'keyspan/client',
    file: 'client/index.d.ts',
    about:
      'The client of servers, failover pairs, Sentinels and clusters, without the engine; connections, pools and credentials.',
  },
  { path: 'keyspan/sharding', file: 'sharding.d.ts', about: 'Rings and mirrors: several backends as one.' },
  { path: 'keyspan/recipes', file: 'recipes/index.d.ts', about: 'What is made of commands: locks and rate limits.' },
  { path: 'keyspan/server', file: 'server/index.d.ts', about: 'The engine behind sockets, for any client of Redis.' },
  {
    path: 'keyspan/testing',
    file: 'testing/index.d.ts',
    about: 'A server for tests, with faults on demand and a clock that is moved by hand.',
  },
  { path: 'keyspan/adapters', file: 'adapters/index.d.ts', about: 'Stores for other packages.' },
  { path: 'keyspan/persistence', file: 'persistence/index.d.ts', about: 'Datasets as files, bytes and JSON.' },
  { path: 'keyspan/instances', file: 'instances.d.ts', about: 'Named engines in the process with typed values.' },
  { path: 'keyspan/resp', file: 'resp/index.d.ts', about: 'The wire: decoders and encoders of RESP2 and RESP3.' },
];

const pages = new Map<string, string>();
const signatures = signaturesOf(readFileSync('src/backend/facade.gen.ts', 'utf8'));
const observed = new Map([...(await observeEngine()), ...(await observeEngineScenes()), ...recordedReplies()]);
for (const group of groups) pages.set(`${group}.md`, commandPage(group, signatures, observed));
const seen = new Map<string, string>();
const bare: string[] = [];
for (const subpath of subpaths) {
  const page = apiPage(declarations, subpath, seen);
  pages.set(pageOf(subpath.path), page.text);
  bare.push(...page.bare);
}

pages.set(
  'README.md',
  `# Reference

Generated from the command table and the docstrings; guides are [beside it](../).

## Commands as methods

${groups.map((group) => `- [${titleOf(group)}](${group}.md)`).join('\n')}

Signatures are shown as an asynchronous plain view has them (\`open(…)\`). With \`with({ as: 'bytes' })\` replies that are \`string\`
here are \`Uint8Array\`, with a \`codec\` values are what it decodes, with \`integers: 'bigint'\` a \`number\` that a server counts is a
\`bigint\`. The synchronous face returns the same without \`Promise\`, and has no method for a command that may have to wait. In
pipelines and transactions the method returns the batch, and \`exec()\` the replies as a tuple.

- \`Arg\` is a string, a number, a bigint or bytes (\`Uint8Array\`); \`IntArg\` a number or bigint. An integer reply outside ±2^53
  is an error that carries it, never rounded, unless the view has bigints.
- Durations: \`ex\` and names in seconds as in Redis, \`px\` and all options of this library in milliseconds.
- A call rejects with [ReplyError](keyspan.md#replyerror) for what the server answers as an error, and with the other errors there for
  what happened on the way. \`WRONGTYPE\` is possible wherever there is a key.

The lines about replies and errors on the wire record what was seen. Commands on data were called with argument lists that follow
from the grammar, over data of the right type, of another type, and none; commands about the server, its connections, scripts and
cluster with typical and with wrong arguments. The engine answered as Redis 7.0, and as the newest version to commands that came
later. The test-suite asks a real redis-server the same questions, with \`cluster-enabled\` where it takes a cluster, and a real
Sentinel. These lines are about the protocol: what a method returns is in its signature.

- \`null\` in RESP2 is the null bulk string. \`[a, b]\` is an array of exactly these. Alternatives are separated by a dot.
- Not repeated at each command: \`ERR wrong number of arguments\`, \`NOAUTH\`, \`NOPERM\`, \`LOADING\`, \`BUSY\`, \`MASTERDOWN\`, in a cluster
  \`MOVED\`, \`ASK\`, \`TRYAGAIN\`, \`CROSSSLOT\` and \`CLUSTERDOWN\` wherever there is a key, and \`MISCONF\`, \`NOREPLICAS\` wherever something is written.
- \`DEBUG\`, \`PSYNC\`, \`SYNC\` and \`SHUTDOWN\` have no such lines.

## The other exports

${subpaths.map(({ path, about }) => `- [\`${path}\`](${pageOf(path)}) — ${about}`).join('\n')}
`,
);

mkdirSync(FOLDER, { recursive: true });
for (const [name, text] of pages) publish(`${FOLDER}/${name}`, text);
for (const file of readdirSync(FOLDER)) {
  if (pages.has(file)) continue;
  console.error(`${FOLDER}/${file} is not of the reference any more`);
  if (process.argv.includes('--check')) process.exitCode = 1;
  else rmSync(`${FOLDER}/${file}`);
}
for (const name of bare) console.error(`no docstring: ${name}`);
