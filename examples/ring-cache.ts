/** A cache over three nodes: one dies, the others take its keys, it comes back. `npm run example ring-cache` */
import { open } from 'keyspan';
import { startServer, type TestServer } from 'keyspan/testing';

// Three servers of this process stand for three machines.
const servers: TestServer[] = [await startServer(), await startServer(), await startServer()];
const nodes = servers.map(({ url }, i) => ({ url, name: `cache-${i}`, timeout: 500 }));
const cache = open({ ring: nodes, dead: 'eject', flushOnReturn: true, health: { interval: 50 } });
let loads = 0;

/** What is not in the cache is loaded, and kept for an hour. */
async function user(id: number): Promise<string> {
  const kept = await cache.get(`user:${id}`);
  if (kept !== null) return kept;
  loads++;
  await cache.set(`user:${id}`, `user number ${id}`, { ex: 3600 });
  return `user number ${id}`;
}

async function readAll(): Promise<number> {
  loads = 0;
  for (let id = 0; id < 300; id++) await user(id);
  return loads;
}

console.log(`cold: ${await readAll()} of 300 loaded`);
console.log(`warm: ${await readAll()} of 300 loaded`);
const held = servers[0]!.sync.dbsize();
console.log(`every node holds a share: ${servers.every(({ sync }) => sync.dbsize() > 50)}`);

const down = new Promise((resolve) => cache.on('nodeDown', resolve));
const { port } = servers[0]!;
await servers[0]!.close();
const lost = await readAll();
console.log(`${await down} is down; only its keys were loaded again: ${lost === held}`);

const up = new Promise((resolve) => cache.on('nodeUp', resolve));
servers[0] = await startServer({ port });
console.log(`${await up} is back; only its keys were loaded again: ${(await readAll()) === held}`);

await cache.close();
for (const server of servers) await server.close();

// prints: cold: 300 of 300 loaded
// prints: warm: 0 of 300 loaded
// prints: every node holds a share: true
// prints: cache-0 is down; only its keys were loaded again: true
// prints: cache-0 is back; only its keys were loaded again: true
