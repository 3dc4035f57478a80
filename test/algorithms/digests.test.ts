/** SHA-1, SHA-256, CRC-16 and CRC-64 against published vectors, Node's own SHA-1 and SHA-256, and the server's slots and dump checksums. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, it } from 'node:test';
import { bytesFromArray } from '../../src/core/bytes.js';
import { crc16, keySlot } from '../../src/core/crc16.js';
import { Crc64, crc64 } from '../../src/core/crc64.js';
import { Random } from '../../src/core/random.js';
import { sha1, sha1Hex } from '../../src/core/sha1.js';
import { sha256, sha256Hex } from '../../src/core/sha256.js';
import { withRedis } from './oracle.js';

const random = new Random(99);
const noise = (length: number): Uint8Array => Uint8Array.from({ length }, () => random.below(256));

describe('digests', () => {
  it('SHA-1 equals the platform for every length around the block size', () => {
    for (let length = 0; length < 200; length++) {
      const message = noise(length);
      const expected = createHash('sha1').update(message).digest();
      assert.deepEqual(Buffer.from(sha1(message)), expected);
      assert.equal(sha1Hex(bytesFromArray(message)), expected.toString('hex'));
    }
  });

  it('SHA-256 equals the platform for every length around the block size, and the published digests', () => {
    for (let length = 0; length < 200; length++) {
      const message = noise(length);
      const expected = createHash('sha256').update(message).digest();
      assert.deepEqual(Buffer.from(sha256(message)), expected);
      assert.equal(sha256Hex(bytesFromArray(message)), expected.toString('hex'));
    }
    const published = [
      ['', 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
      ['abc', 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'],
      [
        'abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq',
        '248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1',
      ],
      ['a'.repeat(1_000_000), 'cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0'],
    ] as const;
    for (const [message, digest] of published) assert.equal(sha256Hex(message), digest);
  });

  it('CRC-16 and CRC-64 have their check values', () => {
    assert.equal(crc16('123456789'), 0x31c3);
    assert.equal(crc64(Buffer.from('123456789')), 0xe9c6d914c4b8d9can);
    assert.equal(crc64(Buffer.from('123456789'), 9), 0n);
  });

  it('CRC-64 is the same in one piece, in parts and written out', () => {
    const message = noise(1000);
    const whole = crc64(message);
    for (const cut of [1, 7, 8, 9, 500, 999]) {
      const running = new Crc64().update(message, 0, cut).update(message, cut);
      assert.equal(running.value(), whole);
      const out = new Uint8Array(10);
      running.writeTo(out, 1);
      assert.equal(new DataView(out.buffer).getBigUint64(1, true), whole);
    }
  });

  it('slots equal CLUSTER KEYSLOT', (t) =>
    withRedis(
      t,
      async (redis) => {
        const keys = [
          '',
          'foo',
          '{foo}bar',
          'x{foo}y',
          '{}foo',
          'foo{}{bar}',
          '{{bar}}',
          '{bar',
          'bar}',
          '}{bar}',
          '{a}{b}',
          '\xff\0{\xfe}',
        ];
        for (let i = 0; i < 200; i++) keys.push(bytesFromArray(noise(random.below(30))));
        for (const key of keys)
          assert.equal(await redis.value('CLUSTER', 'KEYSLOT', key), keySlot(key), JSON.stringify(key));
      },
      ['--cluster-enabled', 'yes'],
    ));

  it('checksums equal those at the end of DUMP', (t) =>
    withRedis(t, async (redis) => {
      for (let i = 0; i < 50; i++) {
        await redis.send('SET', 'k', Buffer.from(noise(random.below(300))));
        const dump = Buffer.from((await redis.value('DUMP', 'k')) as string, 'latin1');
        assert.equal(crc64(dump, 0, dump.length - 8), dump.readBigUInt64LE(dump.length - 8));
      }
    }));
});
