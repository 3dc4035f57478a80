/**
 * `npm run fuzz -- [--minutes 10] [--commands N] [--seed S] [--episodes N] [--steps N] [--port-a P] [--port-b P]
 * [--exclude dump,restore] [--only zadd,zrange] [--malformed 0.15] [--differences 10] [--shorten-ms 10000]`
 *
 * `--against 8.0` or `--against valkey-8.1` compares with what `npm run newer-servers` builds, newer commands included.
 *
 * Compares two servers with random commands. A is the real redis-server and B keyspan; whichever port is not
 * given is started here. `--both-real` compares the real one with itself, which proves the harness.
 * Ends with status 1 if they differ.
 */
import { parseArgs } from 'node:util';
import { startKeyspan } from '../support/redis.js';
import { fuzz } from './fuzz.js';
import { type OpponentName, opponents } from './opponent.js';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string' },
    commands: { type: 'string' },
    seed: { type: 'string' },
    episodes: { type: 'string' },
    steps: { type: 'string' },
    'port-a': { type: 'string' },
    'port-b': { type: 'string' },
    'both-real': { type: 'boolean', default: false },
    exclude: { type: 'string', default: '' },
    only: { type: 'string' },
    malformed: { type: 'string' },
    differences: { type: 'string' },
    'shorten-ms': { type: 'string' },
    against: { type: 'string', default: '7.0' },
  },
});

const names = (list: string) => new Set(list.toLowerCase().split(',').filter(Boolean));
const number = (text: string | undefined) => (text === undefined ? undefined : Number(text));
const seed = number(values.seed) ?? Date.now() % 0x1_0000_0000;
const bounded = values.commands !== undefined || values.episodes !== undefined;
const minutes = number(values.minutes) ?? (bounded ? undefined : 1);

const against = values.against as OpponentName;
if (!Object.hasOwn(opponents, against)) throw new Error(`--against is one of ${Object.keys(opponents).join(', ')}`);
const { serverVersion, start: startReal } = opponents[against];
const a = values['port-a'] === undefined ? await startReal() : null;
const startOwn = () => startKeyspan({ args: ['--server-version', serverVersion] });
const startB = values['both-real'] ? startReal : startOwn;
const b = values['port-b'] === undefined ? await startB() : null;
console.log(`seed ${seed}`);
try {
  const outcome = await fuzz({
    portA: a?.port ?? Number(values['port-a']),
    portB: b?.port ?? Number(values['port-b']),
    seed,
    commands_max: number(values.commands),
    time_max_ms: minutes === undefined ? undefined : minutes * 60_000,
    episodes_max: number(values.episodes),
    differences_max: number(values.differences),
    shorten_ms: number(values['shorten-ms']),
    exclude: names(values.exclude),
    only: values.only === undefined ? null : names(values.only),
    against,
    log: (line) => console.log(line),
    ...(values.steps === undefined ? {} : { steps: Number(values.steps) }),
    ...(values.malformed === undefined ? {} : { malformed: Number(values.malformed) }),
  });
  const rate = Math.round((outcome.commands_count / outcome.elapsed_ms) * 1000);
  console.log(
    `${outcome.commands_count} commands in ${outcome.episodes_count} episodes, ${outcome.checkpoints_count} state comparisons, ` +
      `${rate} commands/s, ${outcome.findings.length} kinds of difference (seed ${seed})`,
  );
  if (outcome.findings.length > 0) process.exitCode = 1;
  for (const [name, server] of Object.entries({ first: a, second: b })) {
    if (server === null || server.alive()) continue;
    console.log(`the ${name} server has ended: ${server.output().slice(-8000)}`);
    process.exitCode = 1;
  }
} finally {
  await a?.stop();
  await b?.stop();
}
