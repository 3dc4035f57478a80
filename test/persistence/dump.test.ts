import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { crc64 } from '../../src/core/crc64.js';
import { ErrorReply, Status } from '../../src/core/reply.js';
import { Engine } from '../../src/engine/engine.js';
import type { EngineSession } from '../../src/engine/session.js';
import { findRedis } from '../../tools/redis-binary.js';
import { type RunningServer, requireRedis, startRedis } from '../support/redis.js';
import { RespClient } from '../support/resp-client.js';
import { collectingSink, encoded } from '../support/side-by-side.js';
import { encodingCommands, randomCommands } from './dataset.js';

function newSession(): EngineSession {
  return new Engine({ seed: 1, settings: { enableDebugCommand: 'yes' } }).connect(collectingSink([]));
}

function keysOf(session: EngineSession): string[] {
  return (session.call(['KEYS', '*']) as string[]).sort();
}

/** What a reply says, whatever its class. */
function said(reply: unknown): unknown {
  if (reply instanceof Status || reply instanceof ErrorReply) return reply.text;
  return Array.isArray(reply) ? reply.map(said) : reply;
}

const DEFAULTS =
  'rdbcompression yes list-max-listpack-size -2 hash-max-listpack-entries 512 zset-max-listpack-entries 128'.split(' ');

/** `body` with version and checksum. */
function payloadOf(body: string, version = 10): string {
  const bytes = Buffer.from(`${body}${String.fromCharCode(version & 255, version >> 8)}`, 'latin1');
  const sum = Buffer.alloc(8);
  sum.writeBigUInt64LE(crc64(bytes));
  return Buffer.concat([bytes, sum]).toString('latin1');
}

describe('payloads and a real server', () => {
  let server: RunningServer | null = null;
  let client: RespClient;
  before(async () => {
    if ((await findRedis()) === null) return;
    server = await startRedis();
    client = await RespClient.connect(server.port);
  });
  after(async () => {
    client?.close();
    await server?.stop();
  });

  /** Runs commands on both sides from empty. */
  async function fill(commands: readonly string[][], settings: readonly string[] = []): Promise<EngineSession> {
    await client.pipeline([
      ['FLUSHALL'],
      ['CONFIG', 'SET', ...DEFAULTS],
      ['CONFIG', 'SET', ...(settings.length > 0 ? settings : DEFAULTS)],
    ]);
    const session = newSession();
    if (settings.length > 0) session.call(['CONFIG', 'SET', ...settings]);
    for (const command of commands) {
      session.call([...command]);
      await client.value(...command);
    }
    assert.equal(
      said(session.call(['DEBUG', 'DIGEST'])),
      await client.value('DEBUG', 'DIGEST'),
      'the same data to begin with',
    );
    return session;
  }

  for (const [title, commands, settings] of [
    ['every encoding', encodingCommands(), []],
    ['every encoding, uncompressed', encodingCommands(), ['rdbcompression', 'no']],
    ['lists of counted nodes', encodingCommands(), ['list-max-listpack-size', '3']],
    ['random data', randomCommands(7, 400), []],
    [
      'other random data',
      randomCommands(8, 400),
      ['hash-max-listpack-entries', '2000', 'zset-max-listpack-entries', '0'],
    ],
  ] as const) {
    test(`${title}: theirs restored here, ours restored there`, async (t) => {
      if (!(await requireRedis(t))) return;
      const session = await fill(commands, settings);
      for (const key of keysOf(session)) {
        const digest = await client.value('DEBUG', 'DIGEST-VALUE', key);
        const encoding = await client.value('OBJECT', 'ENCODING', key);
        const theirs = (await client.value('DUMP', key)) as string;
        const ours = session.call(['DUMP', key]) as string;
        if (settings.includes('rdbcompression' as never) && !/table|many|hll|append|stream:nodes/.test(key)) {
          assert.equal(Buffer.from(ours, 'latin1').toString('hex'), Buffer.from(theirs, 'latin1').toString('hex'), key);
        }
        assert.equal(said(session.call(['RESTORE', 'copy', '0', theirs, 'REPLACE'])), 'OK', key);
        assert.equal(await client.value('RESTORE', 'copy', '0', Buffer.from(ours, 'latin1'), 'REPLACE'), 'OK', key);
        if (key !== 'ttl' && !(await hasTtl(key))) {
          assert.deepEqual(said(session.call(['DEBUG', 'DIGEST-VALUE', 'copy'])), digest, key);
          assert.deepEqual(await client.value('DEBUG', 'DIGEST-VALUE', 'copy'), digest, key);
        }
        const restored = session.call(['OBJECT', 'ENCODING', 'copy']);
        assert.equal(restored, await client.value('OBJECT', 'ENCODING', 'copy'), `${key} was ${encoding}`);
        if (restored === 'stream') {
          for (const argv of [
            ['XINFO', 'STREAM', 'copy'],
            ['XPENDING', 'copy', 'g1'],
            ['XINFO', 'GROUPS', 'copy'],
            ['XRANGE', 'copy', '-', '+'],
          ]) {
            const reply = encoded(session.call([...argv]), 2);
            assert.equal(reply, (await client.send(...argv)).raw, `${argv.join(' ')} of ${key}`);
          }
        }
      }
    });
  }

  async function hasTtl(key: string): Promise<boolean> {
    return (await client.value('PTTL', key)) !== -1;
  }

  test('options and errors as they say them', async (t) => {
    if (!(await requireRedis(t))) return;
    const session = await fill([
      ['SET', 'k', 'v'],
      ['RPUSH', 'l', 'a'],
    ]);
    const good = session.call(['DUMP', 'k']) as string;
    const script: string[][] = [
      ['DUMP', 'nothing'],
      ['RESTORE', 'k', '0', good],
      ['RESTORE', 'k', 'x', 'rubbish'],
      ['RESTORE', 'n', 'x', 'rubbish'],
      ['RESTORE', 'n', '-1', 'rubbish'],
      ['RESTORE', 'n', '0', 'rubbish'],
      ['RESTORE', 'n', '0', ''],
      ['RESTORE', 'n', '0', good, 'FREQ', '1', 'IDLETIME', '1'],
      ['RESTORE', 'n', '0', good, 'FREQ', '256'],
      ['RESTORE', 'n', '0', good, 'IDLETIME', '-1'],
      ['RESTORE', 'n', '0', good, 'IDLETIME'],
      ['RESTORE', 'n', '0', good, 'IDLETIME', 'x'],
      ['RESTORE', 'n', '0', good, 'NONSENSE'],
      ['RESTORE', 'n', '0', payloadOf('\x63abc')],
      ['RESTORE', 'n', '0', payloadOf('\x00\x01v', 11)],
      ['RESTORE', 'n', '0', payloadOf('\x00\x01v', 6)],
      ['RESTORE', 'n', '0', payloadOf('\x00\x81\xff\xff\xff\xff\xff\xff\xff\xf7')],
      ['RESTORE', 'set', '0', payloadOf('\x02\x02\x01a\x01a')],
      ['RESTORE', 'empty', '0', payloadOf('\x02\x00')],
      ['EXISTS', 'n', 'set', 'empty'],
      ['RESTORE', 'n', '1', good, 'ABSTTL', 'REPLACE'],
      ['EXISTS', 'n'],
      ['RESTORE', 'n', '4102444800000', good, 'absttl', 'replace'],
      ['PEXPIRETIME', 'n'],
      ['RESTORE', 'l', '0', good, 'REPLACE'],
      ['GET', 'l'],
      ['CONFIG', 'SET', 'maxmemory-policy', 'allkeys-lru'],
      ['RESTORE', 'used', '0', good, 'IDLETIME', '1000'],
      ['OBJECT', 'IDLETIME', 'used'],
      ['CONFIG', 'SET', 'maxmemory-policy', 'allkeys-lfu'],
      ['RESTORE', 'used', '0', good, 'FREQ', '100', 'REPLACE'],
      ['OBJECT', 'FREQ', 'used'],
      ['CONFIG', 'SET', 'maxmemory-policy', 'noeviction'],
    ];
    for (const argv of script) {
      const ours = said(session.call([...argv]));
      const reply = await client.send(...argv.map((arg) => Buffer.from(arg, 'latin1')));
      const theirs = reply.raw.startsWith('-') ? reply.raw.slice(1, -2) : await contentOf(reply);
      assert.deepEqual(ours, theirs, JSON.stringify(argv));
    }
  });

  async function contentOf(reply: { raw: string }): Promise<unknown> {
    const { raw } = reply;
    if (raw.startsWith('$-1') || raw.startsWith('_')) return null;
    if (raw.startsWith(':')) return Number(raw.slice(1));
    if (raw.startsWith('$')) return raw.slice(raw.indexOf('\r\n') + 2, -2);
    return raw.slice(1, -2);
  }
});

describe('payloads that are no payloads', () => {
  /** RESTORE of a body that is right in form; says what came of it. */
  function restore(session: EngineSession, body: string): unknown {
    return said(session.call(['RESTORE', 'broken', '0', payloadOf(body), 'REPLACE']));
  }

  function bodies(): [key: string, body: string][] {
    const session = newSession();
    const commands = encodingCommands().filter((command) => command.join('').length < 8000);
    for (const command of commands) session.call([...command]);
    return keysOf(session).map((key) => [key, (session.call(['DUMP', key]) as string).slice(0, -10)]);
  }

  test('cut at every byte: an error each time, nothing made, no memory lost', () => {
    const session = newSession();
    const { engine } = session;
    const used = engine.meter.used;
    for (const [key, body] of bodies()) {
      for (let length = 0; length < Math.min(body.length, 700); length++) {
        assert.equal(restore(session, body.slice(0, length)), 'ERR Bad data format', `${key} at ${length}`);
      }
    }
    assert.equal(session.call(['DBSIZE']), 0);
    assert.equal(engine.meter.used, used);
  });

  test('every bit flipped: a value or an error, and memory is accounted for', () => {
    const session = newSession();
    const { engine } = session;
    session.call(['RESTORE', 'broken', '0', payloadOf('\x00\x01v')]);
    session.call(['DEL', 'broken']);
    const used = engine.meter.used;
    let accepted = 0;
    for (const [key, body] of bodies()) {
      const bytes = Buffer.from(body, 'latin1');
      for (let bit = 0; bit < Math.min(bytes.length, 300) * 8; bit++) {
        bytes[bit >> 3]! ^= 1 << (bit & 7);
        const answer = restore(session, bytes.toString('latin1'));
        bytes[bit >> 3]! ^= 1 << (bit & 7);
        assert.match(String(answer), /^(OK|ERR Bad data format)$/, `${key} bit ${bit}`);
        if (answer === 'OK') accepted++;
        session.call(['DEL', 'broken']);
      }
    }
    assert.ok(accepted > 0);
    assert.ok(Math.abs(engine.meter.used - used) < 4096, `${engine.meter.used - used} bytes are left`);
  });
});
