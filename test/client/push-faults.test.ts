import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { inspect } from 'node:util';
import { ConnectionError, TimeoutError } from '../../src/core/errors.js';
import { open } from '../../src/index.js';
import { findRedis, whyNoRedis } from '../../tools/redis-binary.js';
import { FaultyLink } from '../support/proxy.js';
import { freePort, type RunningServer, startRedis } from '../support/redis.js';
import { until } from '../support/until.js';
import { outcome } from './settle.js';

const skip = (await findRedis()) === null ? whyNoRedis() : false;
const quick = { reconnect: { base: 2, cap: 20 } };

/** What a subscriber heard, in its order: payloads, and `gap`. */
class Ear {
  readonly heard: string[] = [];
  readonly message = ({ payload }: { payload: string }): void => void this.heard.push(payload);
  readonly gap = (): void => void this.heard.push('gap');

  get gaps(): number {
    return this.heard.filter((item) => item === 'gap').length;
  }
}

describe('messages and replies on one connection, and faults', { skip }, () => {
  let server: RunningServer;
  before(async () => {
    server = await startRedis();
  });
  after(() => server.stop());

  test('no reply reaches another command while messages come, whole or in pieces', async () => {
    await using direct = open(server.url);
    for (const pieceBytes of [0, 1, 7]) {
      const link = await FaultyLink.start(server.port);
      link.pieceBytes = pieceBytes;
      await using db = open(link.url);
      const ear = new Ear();
      await db.subscribe('flow', ear);
      await db.set('counter', 0);
      let sent = 0;
      const messages = pieceBytes === 0 ? 3000 : 500;
      const publisher = (async () => {
        while (sent < messages) {
          await Promise.all(Array.from({ length: 25 }, () => direct.publish('flow', `${sent++}`)));
          await sleep(5);
        }
      })();
      let nonce = 0;
      let count = 0;
      while (sent < messages) {
        const mine = Array.from({ length: 8 }, () => `nonce ${nonce++}`);
        const replies = await Promise.all([
          ...mine.map((text) => db.echo(text)),
          db.incr('counter'),
          db.publish('flow', 'own').then((heard) => heard - 1),
          db.multi().echo('in').publish('flow', 'own').exec(),
        ]);
        assert.deepEqual(replies, [...mine, ++count, 0, ['in', 1]]);
      }
      await publisher;
      await until(() => ear.heard.filter((item) => item !== 'own').length === messages);
      assert.deepEqual(
        ear.heard.filter((item) => item !== 'own'),
        Array.from({ length: messages }, (_, i) => `${i}`),
      );
      assert.equal(ear.heard.filter((item) => item === 'own').length, count * 2);
      await db.close();
      await link.stop();
    }
  });

  test('cut at every byte: everything settles, nothing is mixed up, and what was subscribed to is heard again', async () => {
    await using direct = open(server.url);
    for (const nonce of ['one', 'two']) await direct.set(`nonce ${nonce}`, nonce);
    const script = async (cut: number): Promise<boolean> => {
      const link = await FaultyLink.start(server.port);
      link.cutAfterBytes = cut;
      const db = open(link.url, { ...quick, timeout: 4000 });
      const ear = new Ear();
      const channel = `cut ${cut}`;
      const answers = await Promise.all([
        outcome(db.get('nonce one')),
        outcome(db.subscribe([channel, 'other'], ear)),
        outcome(db.publish(channel, 'm')),
        outcome(db.get('nonce two')),
        outcome(db.psubscribe(`never ${cut}*`, ear)),
        outcome(db.get('none')),
        // The last one may do without its connection: whoever is cut then goes on undisturbed.
        (async () => {
          await until(() => link.accepted > 1 || cut > LENGTH_MAX, 'another connection', 1000).catch(() => {});
          link.cutAfterBytes = -1;
        })(),
      ]);
      const [one, subscribed, published, two, psubscribed, got] = answers as { value?: unknown; error?: unknown }[];
      assert.deepEqual([one!.value, two!.value, got!.value], ['one', 'two', null], inspect(answers));
      assert.equal(subscribed!.error, undefined);
      assert.equal(psubscribed!.error, undefined);
      if (published!.error === undefined) assert.ok(Number(published!.value) <= 1);
      else assert.ok(published!.error instanceof ConnectionError && published!.error.applied === 'maybe');
      // Whatever happened, it is subscribed before long, and hears what is published then; nothing is heard twice.
      for (let n = 0; !ear.heard.some((item) => item.startsWith('then')); n++) {
        assert.ok(n < 1000, `cut after ${cut}: nothing is heard`);
        await direct.publish(channel, `then ${n}`);
        await sleep(5);
      }
      const messages = ear.heard.filter((item) => item !== 'gap');
      assert.equal(new Set(messages).size, messages.length, inspect(ear.heard));
      const wasCut = link.accepted > 1;
      await db.close();
      await link.stop();
      return wasCut;
    };
    const LENGTH_MAX = 460;
    let cuts = 0;
    for (let cut = 1; cut <= LENGTH_MAX; cut += 20) {
      const round = Array.from({ length: 20 }, (_, i) => script(cut + i));
      for (const wasCut of await Promise.all(round)) if (wasCut) cuts++;
    }
    assert.ok(cuts > 250, `only ${cuts} of ${LENGTH_MAX} were cut`);
  });

  test('kill -9 in the middle of many SUBSCRIBEs: all settle, and those that were promised are heard', async () => {
    const port = await freePort();
    let victim = await startRedis({ port });
    const db = open(`redis://127.0.0.1:${port}`, { ...quick, timeout: 8000 });
    const early = new Ear();
    await db.subscribe('early', early);
    const ears = Array.from({ length: 200 }, () => new Ear());
    const subscribed = ears.map((ear, i) => outcome(db.subscribe([`c${i}`, 'all'], ear), 10_000));
    const echoes = ears.map((_, i) => outcome(db.echo(`${i}`), 10_000));
    await db.echo('under way');
    process.kill(victim.pid, 'SIGKILL');
    await until(() => !victim.alive());
    const later = ears.map((_, i) => outcome(db.subscribe(`later${i}`, early), 10_000));
    await victim.stop();
    victim = await startRedis({ port });
    try {
      for (const { error } of await Promise.all([...subscribed, ...later])) assert.equal(error, undefined);
      const echoed = await Promise.all(echoes);
      assert.deepEqual(
        echoed.map(({ value }) => value),
        ears.map((_, i) => `${i}`),
      );
      await until(() => early.gaps === 1);
      await using direct = open(victim.url);
      assert.equal(await direct.publish('all', 'm'), 1);
      await direct.publish('early', 'm');
      await until(() => ears.every((ear) => ear.heard.at(-1) === 'm') && early.heard.at(-1) === 'm');
      await until(async () => ((await direct.call('PUBSUB', 'CHANNELS')) as string[]).length === 402);
      await db.close();
    } finally {
      await victim.stop();
    }
  });

  for (const protocol of [3, 2] as const) {
    test(`RESP${protocol}: CLIENT KILL again and again: each loss is one gap, and no message comes twice or late`, async () => {
      await using direct = open(server.url);
      await using db = open(server.url, { ...quick, protocol });
      const ears = [new Ear(), new Ear()];
      for (const ear of ears) await db.subscribe(['k1', 'k2'], ear);
      const third = new Ear();
      await db.psubscribe('k3*', third);
      for (let i = 0; i < 10; i++) await direct.set(`nonce ${i}`, i);
      let next = 0;
      for (let round = 1; round <= 30; round++) {
        const asked = Array.from({ length: 10 }, (_, i) => outcome(db.get(`nonce ${i}`)));
        const sent = Array.from({ length: 10 }, () => direct.publish('k1', `${next++}`));
        await direct.call('CLIENT', 'KILL', 'TYPE', 'pubsub');
        for (const [i, { value }] of (await Promise.all(asked)).entries()) assert.equal(value, `${i}`);
        await Promise.all(sent);
        await until(() => [...ears, third].every((ear) => ear.gaps === round));
        await direct.publish('k3 pattern', `pattern ${round}`);
        await until(() => third.heard.at(-1) === `pattern ${round}`);
      }
      for (const ear of ears) {
        const numbers = ear.heard.filter((item) => /^\d+$/.test(item)).map(Number);
        assert.ok(
          numbers.every((one, i) => i === 0 || one > numbers[i - 1]!),
          inspect(numbers),
        );
      }
    });
  }

  test('a peer that goes silent is replaced; what it says when it wakes is not believed', async () => {
    const link = await FaultyLink.start(server.port);
    await using direct = open(server.url);
    await using db = open(link.url, { ...quick, timeout: 300 });
    const ear = new Ear();
    await db.subscribe('quiet', ear);
    link.stalled = true;
    const { error } = await outcome(db.echo('lost'));
    link.stalled = false;
    assert.ok(error instanceof TimeoutError, inspect(error));
    await until(() => ear.gaps === 1);
    const { error: none } = await outcome(db.subscribe('more', ear));
    assert.equal(none, undefined);
    await direct.publish('quiet', 'a');
    await direct.publish('more', 'b');
    await until(() => ear.heard.length === 3);
    assert.deepEqual(ear.heard, ['gap', 'a', 'b']);
    await db.close();
    await link.stop();
  });

  test('SUBSCRIBE that is given while the peer is silent moves to the next connection with its caller', async () => {
    const link = await FaultyLink.start(server.port);
    await using direct = open(server.url);
    await using db = open(link.url, quick);
    await db.ping();
    link.stalled = true;
    const ear = new Ear();
    const subscribed = outcome(db.with({ timeout: 4000 }).subscribe('patient', ear));
    assert.ok((await outcome(db.with({ timeout: 200 }).echo('impatient'))).error instanceof TimeoutError);
    link.stalled = false;
    assert.equal((await subscribed).error, undefined);
    await direct.publish('patient', 'm');
    await until(() => ear.heard.length === 1);
    assert.equal(link.accepted, 2);
    await db.close();
    await link.stop();
  });

  test('a reply that is too large for a subscriber is had all the same, and messages go on', async () => {
    await using direct = open(server.url);
    await direct.configSet('client-output-buffer-limit', 'pubsub 1mb 0 0');
    await direct.set('large', 'x'.repeat(8_000_000));
    const db = open(server.url, { ...quick, name: 'large' });
    const ear = new Ear();
    await db.subscribe('beside', ear);
    assert.equal((await db.get('large'))?.length, 8_000_000);
    await direct.publish('beside', 'm').then(() => until(async () => (await direct.publish('beside', 'n')) === 1));
    await until(() => ear.heard.at(-1) === 'n');
    assert.ok(ear.gaps >= 1, inspect(ear.heard));
    // From now on the two have connections of their own: nothing is lost any more.
    const gaps = ear.gaps;
    const late = db.subscribe('late', ear);
    assert.deepEqual(await Promise.all([db.get('large').then((one) => one?.length), late.then(() => 'late')]), [
      8_000_000,
      'late',
    ]);
    assert.equal(String(await direct.call('CLIENT', 'LIST')).split(' name=large ').length - 1, 2);
    assert.equal(ear.gaps, gaps);
    await db.close();
    await direct.configSet('client-output-buffer-limit', 'pubsub 33554432 8388608 60');
  });

  test('when the client gives up connecting, its subscribers are told', async () => {
    const link = await FaultyLink.start(server.port);
    const db = open(link.url, { reconnect: (attempt) => (attempt > 2 ? null : 1) });
    const ends: unknown[] = [];
    await db.subscribe('c', { message: () => {}, end: (error) => ends.push(error) });
    const stream = db.messages('c');
    await stream.ready();
    const read = outcome(stream.next());
    await link.refuse();
    assert.ok((await read).error instanceof ConnectionError);
    assert.ok(ends[0] instanceof ConnectionError, inspect(ends));
    await db.close();
  });

  test('three hundred reconnects of a subscriber leave nothing behind', async () => {
    const link = await FaultyLink.start(server.port);
    await using db = open(link.url, { reconnect: () => 0 });
    const ear = new Ear();
    const names = Array.from({ length: 20 }, (_, i) => `n${i}`);
    await db.subscribe(names, ear);
    for (let round = 1; round <= 300; round++) {
      link.drop();
      await until(() => ear.gaps === round);
    }
    assert.equal(link.connections, 1);
    await using direct = open(server.url);
    const counts = names.flatMap((name) => [name, 1]);
    await until(async () => String(await direct.call('PUBSUB', 'NUMSUB', ...names)) === String(counts));
    const before = ear.heard.length;
    await direct.publish('n7', 'm');
    await until(() => ear.heard.length > before);
    assert.deepEqual(ear.heard.slice(before), ['m']);
    await db.close();
    await link.stop();
  });
});
