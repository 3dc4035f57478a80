import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, afterEach, before, describe, test } from 'node:test';
import { FlowProducer, type Job, Queue, QueueEvents, Worker } from 'bullmq';
import { type RunningServer, startKeyspan } from '../support/redis.js';

interface Closable {
  close(): Promise<void>;
}

/** BullMQ, unmodified, on a server of our own: its scripts are the hardest Lua that most programs ever send. */
describe('BullMQ', () => {
  let server: RunningServer;
  const open: Closable[] = [];
  let names = 0;

  before(async () => {
    server = await startKeyspan({ args: ['--server-version', '8.0'] });
  });
  afterEach(async () => {
    // Workers first: they hold jobs.
    for (const each of open.splice(0).reverse()) await each.close();
  });
  after(() => server.stop());

  const connection = (): { host: string; port: number; maxRetriesPerRequest: null } => ({
    host: '127.0.0.1',
    port: server.port,
    maxRetriesPerRequest: null,
  });

  function kept<T extends Closable>(each: T): T {
    open.push(each);
    return each;
  }

  function queue(): Queue {
    return kept(new Queue(`queue-${++names}`, { connection: connection() }));
  }

  function worker(name: string, work: (job: Job) => Promise<unknown>, options: object = {}): Worker {
    const made = kept(new Worker(name, work, { connection: connection(), ...options }));
    made.on('error', () => {});
    return made;
  }

  async function events(name: string): Promise<QueueEvents> {
    const made = kept(new QueueEvents(name, { connection: connection() }));
    await made.waitUntilReady();
    return made;
  }

  test('workers take jobs, and events tell what they return', async () => {
    const jobs = queue();
    const told = await events(jobs.name);
    worker(jobs.name, async (job) => job.data.n * 2, { concurrency: 5 });
    const added = await jobs.addBulk(Array.from({ length: 50 }, (_, n) => ({ name: 'double', data: { n } })));
    const results = await Promise.all(added.map((job) => job.waitUntilFinished(told, 20_000)));
    assert.deepEqual(
      results,
      Array.from({ length: 50 }, (_, n) => n * 2),
    );
    assert.equal(await jobs.getCompletedCount(), 50);
    assert.equal((await jobs.getJobCounts('wait', 'active')).active, 0);
  });

  test('a job that fails is tried again after its back-off, then kept as failed', async () => {
    const jobs = queue();
    const told = await events(jobs.name);
    let tries = 0;
    worker(jobs.name, async () => {
      tries++;
      throw new Error(`try ${tries}`);
    });
    const job = await jobs.add('fails', {}, { attempts: 3, backoff: { type: 'exponential', delay: 20 } });
    await assert.rejects(job.waitUntilFinished(told, 20_000), /try 3/);
    assert.equal(tries, 3);
    assert.equal(await jobs.getFailedCount(), 1);
    const [failed] = await jobs.getFailed();
    assert.equal(failed?.failedReason, 'try 3');
    await failed?.retry();
    await once(told, 'failed');
    assert.equal(tries, 4);
  });

  test('delayed jobs wait, priorities order, LIFO jumps the queue', async () => {
    const jobs = queue();
    const told = await events(jobs.name);
    const order: string[] = [];
    await jobs.add('low', {}, { priority: 10 });
    await jobs.add('high', {}, { priority: 1 });
    await jobs.add('plain', {});
    await jobs.add('last in', {}, { lifo: true });
    const late = await jobs.add('late', {}, { delay: 300 });
    assert.equal(await late.getState(), 'delayed');
    worker(jobs.name, async (job) => void order.push(job.name));
    await late.waitUntilFinished(told, 20_000);
    assert.deepEqual(order, ['last in', 'plain', 'high', 'low', 'late']);
  });

  test('a scheduler repeats jobs, and stops when it is removed', async () => {
    const jobs = queue();
    let runs = 0;
    let third: () => void = () => {};
    const reached = new Promise<void>((resolve) => {
      third = resolve;
    });
    worker(jobs.name, async () => {
      if (++runs === 3) third();
    });
    await jobs.upsertJobScheduler('tick', { every: 50 }, { name: 'tick', data: { a: 1 } });
    assert.equal((await jobs.getJobSchedulers()).length, 1);
    await reached;
    assert.equal(await jobs.removeJobScheduler('tick'), true);
    assert.equal((await jobs.getJobSchedulers()).length, 0);
  });

  test('a flow runs its children first and hands their values to the parent', async () => {
    const parent = queue();
    const children = queue();
    const told = await events(parent.name);
    const flow = kept(new FlowProducer({ connection: connection() }));
    worker(children.name, async (job) => job.data.n);
    worker(parent.name, async (job) => {
      const values = Object.values(await job.getChildrenValues<number>());
      return values.reduce((sum, n) => sum + n, 0);
    });
    const tree = await flow.add({
      name: 'sum',
      queueName: parent.name,
      data: {},
      children: [1, 2, 3, 4].map((n) => ({ name: 'part', queueName: children.name, data: { n } })),
    });
    assert.equal(await tree.job.waitUntilFinished(told, 20_000), 10);
  });

  test('a rate limit spreads jobs over time', async () => {
    const jobs = queue();
    const told = await events(jobs.name);
    const starts: number[] = [];
    const added = await jobs.addBulk(Array.from({ length: 6 }, (_, n) => ({ name: 'limited', data: { n } })));
    worker(jobs.name, async () => void starts.push(performance.now()), { limiter: { max: 2, duration: 300 } });
    await Promise.all(added.map((job) => job.waitUntilFinished(told, 20_000)));
    // Six jobs at two each 300 ms need two whole windows.
    assert.ok(starts[5]! - starts[0]! >= 500, `${starts[5]! - starts[0]!} ms`);
  });

  test('the job of a worker that died is taken by another', async () => {
    const jobs = queue();
    const told = await events(jobs.name);
    const stuck = new Worker(jobs.name, () => new Promise(() => {}), {
      connection: connection(),
      lockDuration: 300,
      // It does not renew its lock, as a process that was killed does not.
      skipLockRenewal: true,
      skipStalledCheck: true,
    });
    stuck.on('error', () => {});
    const job = await jobs.add('stalls', {});
    await once(stuck, 'active');
    const stalled = once(told, 'stalled');
    worker(jobs.name, async () => 'saved', { stalledInterval: 200, lockDuration: 5000 });
    const done = job.waitUntilFinished(told, 20_000);
    const [{ jobId }] = (await stalled) as [{ jobId: string }];
    assert.equal(jobId, job.id);
    assert.equal(await done, 'saved');
    await stuck.close(true);
  });

  test('progress, logs, deduplication, pause, drain and obliterate', async () => {
    const jobs = queue();
    const told = await events(jobs.name);
    const progress: unknown[] = [];
    told.on('progress', ({ data }) => progress.push(data));
    await jobs.pause();
    assert.equal(await jobs.isPaused(), true);
    const job = await jobs.add('once', {}, { deduplication: { id: 'same' } });
    const same = await jobs.add('once', {}, { deduplication: { id: 'same' } });
    assert.equal(same.id, job.id);
    worker(jobs.name, async (each) => {
      await each.log('half way');
      await each.updateProgress(50);
      return 'done';
    });
    await jobs.resume();
    assert.equal(await job.waitUntilFinished(told, 20_000), 'done');
    assert.deepEqual(progress, [50]);
    assert.deepEqual((await jobs.getJobLogs(job.id!)).logs, ['half way']);
    await jobs.pause();
    await jobs.add('left', {});
    await jobs.drain();
    assert.equal(await jobs.count(), 0);
    await jobs.obliterate({ force: true });
    assert.equal(await jobs.getCompletedCount(), 0);
  });
});
