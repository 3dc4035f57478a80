import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ManualClock } from '../../src/core/clock.js';
import { Random } from '../../src/core/random.js';
import { digestOfAll } from '../../src/engine/digest.js';
import { Engine } from '../../src/engine/engine.js';
import { installSnapshot, SnapshotLoad } from '../../src/engine/rdb/load-snapshot.js';
import { RdbError } from '../../src/engine/rdb/rdb-error.js';
import { Snapshot } from '../../src/engine/rdb/snapshot.js';
import { Backlog } from '../../src/engine/replication/backlog.js';
import type { EngineSession } from '../../src/engine/session.js';
import { encodingCommands } from '../persistence/dataset.js';

const stats = {
  address: '127.0.0.1:50000',
  localAddress: '127.0.0.1:6379',
  fd: 1,
  queryBufferBytes: 0,
  queryBufferFreeBytes: 0,
  outputBufferBytes: 0,
  outputListLength: 0,
  outputListBytes: 0,
};

/** A client whose raw output is kept; what it is sent counts as taken when `take` is called. */
function replicaOf(engine: Engine): { session: EngineSession; sent: () => string; take: () => Promise<void> } {
  let text = '';
  let waiting: (() => void)[] = [];
  const session = engine.connect({
    reply: () => {},
    push: () => {},
    close: () => {},
    resume: () => {},
    stats,
    raw: {
      send: (bytes) => {
        text += Buffer.from(bytes).toString('latin1');
      },
      whenSent: (callback) => waiting.push(callback),
    },
  });
  return {
    session,
    sent: () => text,
    async take() {
      await turn();
      for (let round = 0; waiting.length > 0 && round < 10_000; round++) {
        const now = waiting;
        waiting = [];
        for (const callback of now) callback();
        // The next chunk is made beside other work.
        await turn();
      }
    },
  };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function primary(): { engine: Engine; client: EngineSession; clock: ManualClock } {
  const clock = new ManualClock(1_700_000_000_000);
  const engine = new Engine({ seed: 1, clock });
  engine.config.set([['repl-diskless-sync-delay', '0']], true);
  const client = engine.connect({ reply() {}, push() {}, close() {}, resume() {}, stats });
  return { engine, client, clock };
}

const textOf = (parts: readonly Uint8Array[]): string => Buffer.concat(parts).toString('latin1');

describe('Backlog', () => {
  test('holds the end of the stream, whatever the sizes of its parts', () => {
    const random = new Random(7);
    for (let round = 0; round < 50; round++) {
      const limit = 1 + random.below(300_000);
      const backlog = new Backlog(limit, 1);
      let stream = '';
      for (let i = 0; i < 40; i++) {
        const part = random.hex(2 * (1 + random.below(random.below(4) === 0 ? 60_000 : 200)));
        stream += part;
        backlog.append(Buffer.from(part, 'latin1'));
        assert.equal(backlog.held, Math.min(stream.length, limit), `limit ${limit}`);
        assert.equal(backlog.offset, stream.length - backlog.held + 1);
        const from = backlog.offset + random.below(backlog.held + 1);
        assert.equal(textOf(backlog.since(from)!), stream.slice(from - 1));
        assert.equal(backlog.since(backlog.offset - 1), null);
        assert.equal(backlog.since(stream.length + 2), null);
      }
      const smaller = Math.max(1, limit >> 1);
      backlog.resize(smaller);
      assert.equal(backlog.held, Math.min(stream.length, smaller));
      assert.equal(textOf(backlog.since(backlog.offset)!), stream.slice(backlog.offset - 1));
    }
  });
});

describe('a held Backlog', () => {
  test('keeps what is held beyond its limit, and forgets it with the last hold', () => {
    const backlog = new Backlog(16_384, 1);
    const part = Buffer.alloc(1000, 'x');
    backlog.append(part);
    const early = backlog.hold();
    for (let i = 0; i < 100; i++) backlog.append(part);
    const late = backlog.hold();
    for (let i = 0; i < 100; i++) backlog.append(Buffer.alloc(1000, 'y'));
    assert.equal(backlog.held, 200_000);
    assert.equal(early.bytes, 200_000);
    assert.equal(late.bytes, 100_000);
    assert.equal(textOf(late.parts()), 'y'.repeat(100_000));
    // Others may go on from there as well.
    assert.equal(textOf(backlog.since(early.offset)!), 'x'.repeat(100_000) + 'y'.repeat(100_000));
    early.release();
    assert.equal(backlog.held, 100_000);
    assert.equal(backlog.since(early.offset), null);
    late.release();
    late.release();
    assert.equal(backlog.held, 16_384);
    assert.ok(backlog.memoryBytes < 2 * 16_384, `${backlog.memoryBytes} bytes are kept`);
  });

  test('begins small again after a smaller limit', () => {
    const backlog = new Backlog(64 * 1024 * 1024, 1);
    for (let i = 0; i < 100; i++) backlog.append(Buffer.alloc(100_000));
    assert.equal(backlog.held, 10_000_000);
    backlog.resize(16_384);
    assert.equal(backlog.held, 16_384);
    for (let i = 0; i < 100; i++) backlog.append(Buffer.alloc(100_000));
    assert.ok(backlog.memoryBytes < 2 * 16_384, `${backlog.memoryBytes} bytes are kept`);
  });
});

describe('SnapshotLoad', () => {
  const { engine, client } = primary();
  for (const command of encodingCommands()) client.call([...command]);
  client.call(['SET', 'large', 'x'.repeat(700_000)]);
  client.call(['FUNCTION', 'LOAD', "#!lua name=l\nredis.register_function('f', function() return 1 end)"]);
  const file = Buffer.concat([...new Snapshot(engine, { still: true }).chunks()]);

  for (const size of [1, 7, 1000, 65_536, 10_000_000]) {
    test(`loads from pieces of ${size} bytes`, () => {
      const twin = new Engine({ seed: 2 });
      const load = new SnapshotLoad(twin);
      for (let at = 0; at < file.length; at += size) load.feed(file.subarray(at, at + size));
      const loaded = load.end();
      assert.equal(loaded.functions.length, 1);
      installSnapshot(twin, loaded);
      assert.equal(digestOfAll(twin.databases), digestOfAll(engine.databases));
    });
  }

  test('what is cut off or damaged is an error, and gives all memory back', () => {
    const twin = new Engine({ seed: 2 });
    const before = twin.meter.used;
    const cut = new SnapshotLoad(twin);
    cut.feed(file.subarray(0, file.length - 20));
    assert.throws(() => cut.end(), RdbError);
    const damaged = Buffer.from(file);
    damaged[damaged.length - 1]! ^= 1;
    const wrong = new SnapshotLoad(twin);
    assert.throws(() => {
      for (let at = 0; at < damaged.length; at += 4096) wrong.feed(damaged.subarray(at, at + 4096));
      wrong.end();
    }, RdbError);
    const given = new SnapshotLoad(twin);
    given.feed(file.subarray(0, 50_000));
    given.discard();
    assert.equal(twin.databases[0]!.size, 0);
    assert.ok(twin.meter.used <= before + 1024 * 1024, `${twin.meter.used - before} bytes are left`);
  });
});

describe('a primary', () => {
  test('sends the data as of one moment, then the stream from there, though writes go on', async () => {
    const { engine, client } = primary();
    for (let i = 0; i < 5000; i++) client.call(['SET', `key:${i}`, 'v'.repeat(50)]);
    const before = digestOfAll(engine.databases);
    const replica = replicaOf(engine);
    replica.session.call(['REPLCONF', 'capa', 'eof', 'capa', 'psync2']);
    replica.session.call(['PSYNC', '?', '-1']);
    client.call(['SET', 'key:4999', 'changed']);
    client.call(['DEL', 'key:1']);
    await turn();
    assert.ok(!replica.sent().includes('changed'));
    await replica.take();
    const [, id, offset, mark] = /^\+FULLRESYNC (\S{40}) (\d+)\r\n\$EOF:(\S{40})\r\n/.exec(replica.sent())!;
    const start = replica.sent().indexOf(mark!) + 42;
    const end = replica.sent().indexOf(mark!, start);
    const twin = new Engine({ seed: 2 });
    const load = new SnapshotLoad(twin);
    load.feed(Buffer.from(replica.sent().slice(start, end), 'latin1'));
    const loaded = load.end();
    installSnapshot(twin, loaded);
    assert.equal(digestOfAll(twin.databases), before);
    assert.deepEqual([loaded.aux.get('repl-id'), loaded.aux.get('repl-offset')], [id, offset]);
    assert.equal(replica.sent().slice(end), mark, 'nothing follows the mark until the replica has spoken');
    replica.session.call(['REPLCONF', 'ACK', offset!]);
    assert.equal(
      replica.sent().slice(end + 40),
      '*2\r\n$6\r\nSELECT\r\n$1\r\n0\r\n*3\r\n$3\r\nSET\r\n$8\r\nkey:4999\r\n$7\r\nchanged\r\n*2\r\n$3\r\nDEL\r\n$5\r\nkey:1\r\n',
    );
  });

  test('two full syncs and a background snapshot at a time do not disturb each other', async () => {
    const { engine, client } = primary();
    for (let i = 0; i < 5000; i++) client.call(['SET', `key:${i}`, 'v'.repeat(50)]);
    const digests: string[] = [];
    const replicas = [replicaOf(engine), replicaOf(engine)];
    const other = new Snapshot(engine);
    digests.push(digestOfAll(engine.databases));
    const chunks = other.chunks();
    const file = [chunks.next().value as Uint8Array];
    for (const [i, replica] of replicas.entries()) {
      client.call(['SET', 'key:4000', `before ${i}`]);
      client.call(['SET', 'key:10', `before ${i}`]);
      digests.push(digestOfAll(engine.databases));
      replica.session.call(['SYNC']);
    }
    client.call(['FLUSHDB']);
    for (const chunk of chunks) file.push(chunk);
    for (const replica of replicas) await replica.take();
    const data = [
      Buffer.concat(file),
      ...replicas.map(({ sent }) => {
        const [head, length] = /^\n*\$(\d+)\r\n/.exec(sent())!;
        return Buffer.from(sent().slice(head.length, head.length + Number(length)), 'latin1');
      }),
    ];
    for (const [i, bytes] of data.entries()) {
      const twin = new Engine({ seed: 2 });
      const load = new SnapshotLoad(twin);
      load.feed(bytes);
      installSnapshot(twin, load.end());
      assert.equal(digestOfAll(twin.databases), digests[i], `${i}`);
    }
    assert.equal(engine.snapshots, 0);
  });

  test('lets those go whose data FLUSHALL has made worthless', async () => {
    const { engine, client } = primary();
    for (let i = 0; i < 5000; i++) client.call(['SET', `key:${i}`, 'v'.repeat(50)]);
    const replica = replicaOf(engine);
    replica.session.call(['SYNC']);
    await turn();
    assert.equal(engine.snapshots, 1);
    client.call(['FLUSHALL']);
    assert.equal(engine.snapshots, 0);
    assert.equal(engine.replication.syncs.running, 0);
    assert.equal(replica.session.ended, true);
  });

  test('a full sync that nobody waits for goes on as a save where there are rules for saves', async () => {
    for (const rules of ['', '900 1']) {
      const { engine, client } = primary();
      let saved = Buffer.alloc(0);
      engine.saver.storage = {
        name: 'memory',
        save: () => assert.fail('nobody asked for it'),
        async saveSlowly(chunks) {
          for await (const chunk of chunks) saved = Buffer.concat([saved, chunk]);
        },
        read: () => null,
      };
      engine.config.set([['save', rules]], true);
      for (let i = 0; i < 5000; i++) client.call(['SET', `key:${i}`, 'v'.repeat(50)]);
      const before = digestOfAll(engine.databases);
      const replica = replicaOf(engine);
      replica.session.call(['SYNC']);
      await turn();
      client.call(['SET', 'key:4999', 'changed']);
      replica.session.end();
      assert.equal(engine.saver.background !== null, rules !== '');
      while (engine.saver.background !== null) await turn();
      assert.equal(engine.snapshots, 0);
      if (rules === '') continue;
      const twin = new Engine({ seed: 2 });
      const load = new SnapshotLoad(twin);
      load.feed(saved);
      installSnapshot(twin, load.end());
      assert.equal(digestOfAll(twin.databases), before);
    }
  });

  test('forgets its backlog after its time, and takes another name then', async () => {
    const { engine, client, clock } = primary();
    engine.config.set([['repl-backlog-ttl', '10']], true);
    const replica = replicaOf(engine);
    replica.session.call(['SYNC']);
    await replica.take();
    client.call(['SET', 'a', '1']);
    const { id } = engine.replication.stream;
    replica.session.end();
    for (let second = 0; second < 12; second++) {
      clock.advance(1000);
      engine.cron();
    }
    assert.equal(engine.replication.stream.backlog, null);
    assert.notEqual(engine.replication.stream.id, id);
    assert.equal(engine.plain, true);
  });

  test('lets a replica go that waits for too much', async () => {
    const { engine, client } = primary();
    engine.config.set([['client-output-buffer-limit', 'replica 100kb 0 0']], true);
    const replica = replicaOf(engine);
    replica.session.call(['SYNC']);
    const write = async (): Promise<void> => {
      for (let i = 0; i < 20; i++) client.call(['SET', 'a', 'x'.repeat(10_000)]);
      await turn();
      await turn();
    };
    await write();
    // As much as the backlog holds may always wait.
    assert.equal(engine.replication.replicas.size, 1);
    engine.config.set([['repl-backlog-size', '16kb']], true);
    await write();
    assert.equal(engine.replication.replicas.size, 0);
    assert.equal(engine.snapshots, 0);
    assert.equal(replica.session.ended, true);
  });
});
