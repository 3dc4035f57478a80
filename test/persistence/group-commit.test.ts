import assert from 'node:assert/strict';
import { test } from 'node:test';
import { commands } from '../../src/commands/table.js';
import { Engine } from '../../src/engine/engine.js';
import { AppendLog } from '../../src/persistence/aof/append-log.js';
import { type Disk, systemDisk } from '../../src/persistence/disk.js';
import { FolderBackend } from '../../src/persistence/folder-backend.js';
import { EngineAdapter, startServer } from '../../src/server/index.js';
import { newFolder } from '../support/folder.js';
import { RespClient } from '../support/resp-client.js';

/** Counts syncs of files, and knows how much is on the disk. */
class CountingDisk {
  syncs = 0;
  #written = 0;
  synced = 0;

  readonly face: Disk = {
    ...systemDisk,
    write: (file, bytes, at) => {
      const count = systemDisk.write(file, bytes, at);
      this.#written += count;
      return count;
    },
    sync: (file) => {
      systemDisk.sync(file);
      this.syncs++;
      this.synced = this.#written;
    },
  };

  get unsynced(): number {
    return this.#written - this.synced;
  }
}

test('connections share a sync, and no reply comes before it', async (t) => {
  const disk = new CountingDisk();
  const engine = new Engine({ seed: 1 });
  engine.config.put('appendfsync', 'always');
  const log = new AppendLog(engine, newFolder(t, 'commit'), 'appendonly.aof', disk.face);
  log.open();
  const server = await startServer(new EngineAdapter(engine), { port: 0 });
  t.after(() => server.close());
  const clients = await Promise.all(Array.from({ length: 40 }, () => RespClient.connect(server.port!)));
  t.after(() => {
    for (const client of clients) client.close();
  });
  disk.syncs = 0;
  const before = log.bytes;
  for (let round = 0; round < 25; round++) {
    await Promise.all(
      clients.map(async (client, i) => {
        assert.equal(await client.value('SET', `key:${i}`, `${round}`), 'OK');
        // Nobody else writes to this key: its change must be in the file, and nothing lies about unsynced.
        assert.equal(disk.unsynced, 0);
      }),
    );
  }
  const writes = clients.length * 25;
  assert.ok(log.bytes > before);
  t.diagnostic(`${writes} writes of ${clients.length} connections, ${disk.syncs} syncs`);
  assert.ok(disk.syncs > 0 && disk.syncs < writes / 3, `${disk.syncs} syncs for ${writes} writes`);
  await log.stop();
});

test('calls of one turn share a sync in the process, batches too; a synchronous call has one of its own', async (t) => {
  const disk = new CountingDisk();
  const backend = FolderBackend.open(newFolder(t, 'commit'), { seed: 1 }, disk.face);
  t.after(() => backend.close());
  backend.engine.config.put('appendfsync', 'always');
  const incr = { spec: commands.incr, argv: ['INCR', 'n'] };
  const syncsOf = async (work: () => Promise<unknown> | unknown): Promise<number> => {
    const before = disk.syncs;
    await work();
    assert.equal(disk.unsynced, 0);
    return disk.syncs - before;
  };
  assert.equal(await syncsOf(() => Promise.all(Array.from({ length: 500 }, () => backend.call({ ...incr })))), 1);
  assert.equal(await syncsOf(() => backend.batch(Array.from({ length: 50 }, () => ({ ...incr })))), 1);
  assert.equal(await syncsOf(() => backend.transaction([{ ...incr }, { ...incr }])), 1);
  assert.equal(await syncsOf(() => backend.callNow({ ...incr })), 1);
  const lease = await backend.lease();
  assert.equal(await syncsOf(() => lease.call({ ...incr })), 1);
  assert.equal(await syncsOf(() => backend.call({ spec: commands.get, argv: ['GET', 'n'] })), 0);
  assert.equal(backend.callNow({ spec: commands.get, argv: ['GET', 'n'] }), '554');
});
