/** BullMQ on an engine in this process: no server to install, the same code in production. `npm run example job-queue` */
import { FlowProducer, Queue, QueueEvents, Worker } from 'bullmq';
import { embedded } from 'keyspan/embedded';
import { EngineAdapter, startServer } from 'keyspan/server';

const { engine, close } = embedded();
const server = await startServer(new EngineAdapter(engine), { port: 0 });
const connection = { host: server.address, port: server.port!, maxRetriesPerRequest: null };

const queue = new Queue('mail', { connection });
const events = new QueueEvents('mail', { connection });
await events.waitUntilReady();
let attempts = 0;
const worker = new Worker(
  'mail',
  async (job) => {
    if (job.name === 'flaky' && ++attempts < 3) throw new Error('the mail server hung up');
    return `${job.name} for ${job.data.to}`;
  },
  { connection, concurrency: 4 },
);

const jobs = [
  await queue.add('welcome', { to: 'ada' }),
  await queue.add('reminder', { to: 'bob' }, { delay: 200 }),
  await queue.add('flaky', { to: 'eve' }, { attempts: 3, backoff: { type: 'exponential', delay: 20 } }),
];
for (const job of jobs) console.log(await job.waitUntilFinished(events));
console.log(`flaky took ${attempts} attempts`);

const flow = new FlowProducer({ connection });
const parent = await flow.add({
  name: 'newsletter',
  queueName: 'mail',
  data: { to: 'everybody' },
  children: ['ada', 'bob'].map((to) => ({ name: 'page', queueName: 'mail', data: { to } })),
});
console.log(await parent.job.waitUntilFinished(events));

for (const each of [worker, events, flow, queue]) await each.close();
await server.close();
await close();

// prints: welcome for ada
// prints: reminder for bob
// prints: flaky took 3 attempts
// prints: newsletter for everybody
