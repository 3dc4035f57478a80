/** Replies larger than what the kernel takes at once, read as fast as they are written by a thread of its own. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { silentSink } from '../../src/backend/silent-sink.js';
import { Engine } from '../../src/engine/engine.js';
import { EngineAdapter } from '../../src/server/engine-adapter.js';
import { startServer } from '../../src/server/index.js';

const ELEMENT_BYTES = 1024;
const ELEMENTS = 100;
const REQUESTS = 100;
const ROUNDS = 20;
const CLIENTS = 6;
/** `*100`, then each element with its header. */
const REPLY_BYTES = 6 + ELEMENTS * ('$1024\r\n'.length + ELEMENT_BYTES + 2);

const reader = `
const { workerData, parentPort } = require('node:worker_threads');
const { connect } = require('node:net');
const { port, request, roundBytes, rounds, clients } = workerData;
let open = clients;
let total = 0;
for (let i = 0; i < clients; i++) {
  let round = 0;
  let got = 0;
  const socket = connect(port, '127.0.0.1', () => socket.write(request));
  socket.on('data', (chunk) => {
    got += chunk.length;
    total += chunk.length;
    if (got < roundBytes) return;
    got -= roundBytes;
    if (++round === rounds) socket.end();
    else socket.write(request);
  });
  socket.on('error', (error) => { throw error; });
  socket.on('close', () => { if (--open === 0) parentPort.postMessage(total); });
}`;

for (const publicSocketsOnly of [false, true]) {
  const how = publicSocketsOnly ? 'public sockets' : 'handles';
  test(`clients that drain the socket while it is being filled get every byte (${how})`, async (t) => {
    const engine = new Engine();
    const server = await startServer(new EngineAdapter(engine), { port: 0, publicSocketsOnly });
    t.after(() => server.close());
    const session = engine.connect(silentSink());
    session.call(['RPUSH', 'mylist', ...Array.from({ length: ELEMENTS }, () => 'x'.repeat(ELEMENT_BYTES))]);
    const request = '*4\r\n$6\r\nLRANGE\r\n$6\r\nmylist\r\n$1\r\n0\r\n$2\r\n99\r\n'.repeat(REQUESTS);
    const roundBytes = REQUESTS * REPLY_BYTES;
    const workerData = { port: server.port, request, roundBytes, rounds: ROUNDS, clients: CLIENTS };
    const worker = new Worker(reader, { eval: true, workerData });
    const total = await new Promise((resolve, reject) => {
      worker.once('message', resolve);
      worker.once('error', reject);
    });
    assert.equal(total, CLIENTS * ROUNDS * roundBytes);
    assert.equal(
      engine.stats.calls.reduce((a, b) => a + b),
      CLIENTS * ROUNDS * REQUESTS + 1,
    );
  });
}
