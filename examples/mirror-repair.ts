/** Two copies of the data: one dies, nothing fails, it comes back empty and is repaired. `npm run example mirror-repair` */
import { openMirror } from 'keyspan/sharding';
import { startServer } from 'keyspan/testing';

// Two servers of this process stand for two machines.
const first = await startServer();
let second = await startServer();
const { port } = second;
const mirror = openMirror([
  { url: first.url, name: 'first', timeout: 500 },
  { url: second.url, name: 'second', timeout: 500 },
]);
const { db } = mirror;

for (let i = 0; i < 100; i++) await db.set(`user:${i}`, `number ${i}`);
await db.sadd('lottery', ...Array.from({ length: 50 }, (_, i) => i));
const winner = await db.spop('lottery');
console.log(
  `both drew the same winner: ${(await db.each.sismember('lottery', winner!)).every((left) => left === false)}`,
);

const down = new Promise<string>((resolve) => db.on('nodeDown', resolve));
await second.close();
let failures = 0;
for (let i = 0; i < 100; i++) {
  await db.incr('visits').catch(() => failures++);
  await db.get(`user:${i}`).catch(() => failures++);
}
console.log(`${await down} died; ${failures} reads or writes failed`);

db.on('repair', ({ node, copied, phase }) => {
  if (phase === 'done') console.log(`${node} got ${copied} keys`);
});
const up = new Promise<string>((resolve) => db.on('nodeUp', resolve));
second = await startServer({ port });
console.log(`${await up} is back`);
console.log(`it has what happened meanwhile: ${second.sync.get('visits')} visits`);
console.log(`keys that differ: ${(await mirror.verify()).length}`);

await mirror.close();
await first.close();
await second.close();

// prints: both drew the same winner: true
// prints: second died; 0 reads or writes failed
// prints: second got 102 keys
// prints: second is back
// prints: it has what happened meanwhile: 100 visits
// prints: keys that differ: 0
