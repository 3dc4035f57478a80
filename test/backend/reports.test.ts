import assert from 'node:assert/strict';
import { it } from 'node:test';
import { onStages } from '../support/stages.js';

const LIBRARY =
  "#!lua name=reported\nredis.register_function{ function_name = 'f', callback = function() return 1 end, flags = { 'no-writes' } }";

/** The types of fields, by name. */
function types(value: object): Record<string, string> {
  return Object.fromEntries(
    Object.entries(value).map(([name, field]) => [name, field === null ? 'null' : typeof field]),
  );
}

/** What a server tells of itself has the same shape whoever tells it, in both protocols. */
await onStages('reports', (stage) => {
  it('of the server', async () => {
    const { db } = stage();
    const info = await db.info({ sections: ['server', 'replication'] });
    assert.equal(info.server!.redis_mode, 'standalone');
    assert.deepEqual(await db.configGet('maxmemory-samples'), { 'maxmemory-samples': '5' });
    const [seconds, micros] = await db.time();
    assert.ok(Math.abs(seconds * 1000 - Date.now()) < 60_000 && micros >= 0 && micros < 1e6);
    const saved = await db.lastsave();
    assert.ok(saved instanceof Date && saved.getTime() <= Date.now() + 1000);
    const memory = await db.memoryStats();
    for (const name of ['peak.allocated', 'keys.count', 'dataset.bytes', 'peak.percentage', 'fragmentation']) {
      assert.equal(typeof memory[name], 'number', name);
    }
  });

  it('of clients', async () => {
    const { db } = stage();
    await db.clientSetname('reporter-1');
    const own = await db.clientInfo();
    const id = await db.clientId();
    assert.deepEqual([own.id, own.name, own.db, own.multi, own.cmd], [id, 'reporter-1', 0, -1, 'client|info']);
    assert.deepEqual(types(own), types((await db.clientList({ ids: [id] }))[0]!));
    const all = await db.clientList();
    assert.ok(
      all.some((client) => client.id === id && typeof client.totMem === 'number' && typeof client.addr === 'string'),
    );
    assert.deepEqual(await db.clientList({ type: 'pubsub' }), []);
    assert.deepEqual(await db.clientTrackinginfo(), { flags: ['off'], redirect: -1, prefixes: [] });
  });

  it('of slow commands, keys and streams', async () => {
    const { db } = stage();
    await db.configSet('slowlog-log-slower-than', '0');
    await db.set('k', 'v');
    const [slow] = (await db.slowlogGet({ count: 10 })).filter(({ argv }) => argv[0]?.toUpperCase() === 'SET');
    assert.deepEqual(slow!.argv.slice(1), ['k', 'v']);
    assert.ok(slow!.time instanceof Date && typeof slow!.micros === 'number' && typeof slow!.id === 'number');
    await db.configSet('slowlog-log-slower-than', '-1');
    const { encoding, serializedlength } = await db.debugObject('k');
    assert.deepEqual([encoding, serializedlength], ['embstr', 2]);
    await db.xadd('s', '1-1', { f: 'v' });
    await db.xgroupCreate('s', 'g', '0');
    await db.xreadgroupNow('g', 'me', { s: '>' });
    const stream = await db.xinfoStream('s');
    assert.deepEqual([stream.length, stream.lastGeneratedId, stream.groups], [1, '1-1', 1]);
    assert.deepEqual(stream.firstEntry, { id: '1-1', fields: { f: 'v' } });
    const [group] = await db.xinfoGroups('s');
    assert.deepEqual([group!.name, group!.consumers, group!.pending, group!.lag], ['g', 1, 1, 0]);
    const [consumer] = await db.xinfoConsumers('s', 'g');
    assert.deepEqual([consumer!.name, consumer!.pending], ['me', 1]);
  });

  it('of commands and functions', async () => {
    const { db } = stage();
    const [get, none] = await db.commandInfo({ names: ['get', 'nosuch'] });
    assert.equal(none, null);
    assert.deepEqual((get as unknown[]).slice(0, 6), ['get', 2, ['readonly', 'fast'], 1, 1, 1]);
    await db.functionLoad(LIBRARY, { replace: true });
    const [library] = await db.functionList({ libraryName: 'reported' });
    assert.deepEqual(library, {
      library_name: 'reported',
      engine: 'LUA',
      functions: [{ name: 'f', description: null, flags: ['no-writes'] }],
    });
    const state = await db.functionStats();
    assert.deepEqual(state, { running_script: null, engines: { LUA: { libraries_count: 1, functions_count: 1 } } });
    await db.functionFlush();
  });
});
