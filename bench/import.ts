/**
 * `npm run bench:import -- [--rounds 9]`
 *
 * What a program pays before its first command is answered, with each client in a process of its own, the clients in turns:
 * the import alone, and the whole from the start of the process to the first reply of one redis-server. Wall time and CPU
 * time of all threads in milliseconds, the lowest of the rounds: whatever else the machine does can only add to them. The
 * first row is Node without any import.
 */
import { spawnSync } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { startRedis } from '../test/support/redis.js';

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '9' } } });
const cores = process.platform === 'linux' ? availableParallelism() : 1;
const onOtherCores = cores > 1 ? ['taskset', '-c', `1-${cores - 1}`] : [];

interface Contender {
  readonly name: string;
  /** What is imported; null for nothing. */
  readonly module: string | null;
  /** A program that gives one command to the server at a port; `m` is the module. */
  readonly program: (port: number) => string;
}

const contenders: readonly Contender[] = [
  { name: 'node', module: null, program: () => '' },
  {
    name: 'keyspan/client',
    module: 'keyspan/client',
    program: (port) => `await m.createClient("redis://localhost:${port}").redis.get("key")`,
  },
  {
    name: 'keyspan',
    module: 'keyspan',
    program: (port) => `await m.open("redis://localhost:${port}").get("key")`,
  },
  { name: 'keyspan, memory:', module: 'keyspan', program: () => 'await m.open("memory:").get("key")' },
  { name: 'ioredis', module: 'ioredis', program: (port) => `await new m.Redis(${port}).get("key")` },
  {
    name: 'redis',
    module: 'redis',
    program: (port) => `await (await m.createClient({ url: "redis://localhost:${port}" }).connect()).get("key")`,
  },
  {
    name: 'glide',
    module: '@valkey/valkey-glide',
    program: (port) =>
      `await (await m.GlideClient.createClient({ addresses: [{ host: "localhost", port: ${port} }] })).get("key")`,
  },
];

interface Cost {
  readonly wall: number;
  readonly cpu: number;
}

/** Runs a program that calls `done()`, in a process of its own. */
function run(program: string): Cost {
  const code = `
    const since = (t0, cpu0) => {
      const cpu = process.cpuUsage(cpu0);
      console.log(JSON.stringify({ wall: performance.now() - t0, cpu: (cpu.user + cpu.system) / 1000 }));
      process.exit();
    };
    ${program}`;
  const [command, ...args] = [...onOtherCores, process.execPath, '--input-type=module', '-e', code];
  const { status, stdout, stderr } = spawnSync(command!, args, { encoding: 'utf8', timeout: 60_000 });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout) as Cost;
}

function importAlone({ module }: Contender): Cost {
  const load = module === null ? '' : `await import(${JSON.stringify(module)});`;
  return run(`const t0 = performance.now(), cpu0 = process.cpuUsage(); ${load} since(t0, cpu0);`);
}

/** From the start of the process: that is where performance.now() and cpuUsage() begin. */
function firstReply({ module, program }: Contender, port: number): Cost {
  const load = module === null ? '' : `const m = await import(${JSON.stringify(module)});`;
  return run(`${load} ${program(port)}; since(0);`);
}

function lowest(costs: readonly Cost[]): Cost {
  return { wall: Math.min(...costs.map(({ wall }) => wall)), cpu: Math.min(...costs.map(({ cpu }) => cpu)) };
}

const server = await startRedis();
try {
  const results = contenders.map(() => ({ alone: [] as Cost[], first: [] as Cost[] }));
  for (let round = 0; round < Number(values.rounds); round++) {
    for (const [i, contender] of contenders.entries()) {
      results[i]!.alone.push(importAlone(contender));
      results[i]!.first.push(firstReply(contender, server.port));
    }
  }
  console.log(`${'milliseconds'.padEnd(18)}  import: wall    CPU    to first reply: wall    CPU`);
  for (const [i, { name }] of contenders.entries()) {
    const { alone, first } = results[i]!;
    const [a, f] = [lowest(alone), lowest(first)];
    const cells = [a.wall.toFixed(1).padStart(12), a.cpu.toFixed(1).padStart(7)];
    cells.push(f.wall.toFixed(0).padStart(22), f.cpu.toFixed(0).padStart(7));
    console.log(`${name.padEnd(18)}  ${cells.join('')}`);
  }
} finally {
  await server.stop();
}
