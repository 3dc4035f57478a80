import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { test } from 'node:test';
import { createClient } from '../../src/client/index.js';
import { RequestWriter } from '../../src/client/request-writer.js';
import { requireRedis, startRedis } from '../support/redis.js';

/** A socket that keeps what it is given and reads it when it is `drained`, as one that is congested does. */
class SlowSocket {
  readonly #held: (string | Uint8Array)[] = [];
  readonly #isSlow: () => boolean;
  sent = '';
  writes = 0;

  constructor(isSlow: () => boolean) {
    this.#isSlow = isSlow;
  }

  get writableLength(): number {
    return this.#held.reduce((sum, { length }) => sum + length, 0);
  }

  write(piece: string | Uint8Array): boolean {
    this.writes++;
    this.#held.push(piece);
    if (!this.#isSlow()) this.drain();
    return this.#held.length === 0;
  }

  cork(): void {}
  uncork(): void {}

  drain(): void {
    for (const piece of this.#held.splice(0))
      this.sent += typeof piece === 'string' ? piece : Buffer.from(piece).toString('latin1');
  }
}

function requestOf(argv: readonly string[]): string {
  return `*${argv.length}\r\n${argv.map((arg) => `$${arg.length}\r\n${arg}\r\n`).join('')}`;
}

function drawing(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return (state >>> 8) % below;
  };
}

test('requests of all sizes arrive in order and whole, whether the socket is slow or not', () => {
  const lengths = [0, 1, 9, 10, 16, 17, 99, 100, 999, 1000, 5000, 16_383, 16_384, 40_000];
  const draw = drawing(3);
  for (const slowness of [0, 1, 2]) {
    const writer = new RequestWriter();
    const socket = new SlowSocket(() => draw(2) < slowness);
    let expected = '';
    for (let turn = 0; turn < 120; turn++) {
      let size = 0;
      for (let commands = draw(turn % 20 === 0 ? 60 : 4); commands >= 0; commands--) {
        const argv = Array.from({ length: 1 + draw(4) }, () =>
          String.fromCharCode(draw(256)).repeat(lengths[draw(lengths.length)]!),
        );
        writer.add(argv);
        expected += requestOf(argv);
        size += requestOf(argv).length;
      }
      assert.equal(writer.size, size);
      writer.flush(socket as unknown as Socket);
      assert.equal(writer.size, 0);
      if (draw(5) === 0) socket.drain();
    }
    socket.drain();
    assert.ok(socket.sent === expected, `what was sent is not what was asked, slowness ${slowness}`);
  }
});

test('short requests of one turn are one write', () => {
  const writer = new RequestWriter();
  const socket = new SlowSocket(() => false);
  for (let i = 0; i < 100; i++) writer.add(['GET', `key:${i}`]);
  assert.equal(writer.flush(socket as unknown as Socket), true);
  assert.equal(socket.writes, 1);
  writer.flush(socket as unknown as Socket);
  assert.equal(socket.writes, 1);
});

test('what a congested connection has not sent yet is not overwritten by what comes after', async (t) => {
  if (!(await requireRedis(t))) return;
  const server = await startRedis();
  t.after(() => server.stop());
  const { redis, backend } = createClient(server.url, { timeout: 30_000 });
  t.after(() => redis.destroy());
  await backend.connect();
  const contentOf = (i: number): string => `${i}:`.repeat(1 + ((i * 37) % 900));
  // The system takes a few megabytes for a server that reads nothing; the rest waits in the process, turn by turn.
  process.kill(server.pid, 'SIGSTOP');
  const sent: Promise<boolean>[] = [];
  try {
    for (let i = 0; i < 9000; i++) {
      sent.push(redis.set(`key:${i}`, contentOf(i)));
      if (i % 4 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
  } finally {
    process.kill(server.pid, 'SIGCONT');
  }
  await Promise.all(sent);
  const values = await Promise.all(sent.map((_, i) => redis.get(`key:${i}`)));
  for (const [i, value] of values.entries()) assert.ok(value === contentOf(i), `key:${i} holds what another was given`);
});
