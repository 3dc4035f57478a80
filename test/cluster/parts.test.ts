import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { rawRequest } from '../../src/backend/install.js';
import { refuseUnfit } from '../../src/client/cluster/cluster-batch.js';
import { seedsOf } from '../../src/client/cluster/cluster-options.js';
import { isClusterUrl, parseClusterUrl } from '../../src/client/cluster/cluster-url.js';
import { readCursor, writeCursor } from '../../src/client/cluster/scan-cursor.js';
import { parseNodeLine } from '../../src/commands/cluster-reply.js';
import { CrossSlotError, DataError, ReplyError, UnsupportedError } from '../../src/core/errors.js';
import { open } from '../../src/index.js';

const urls: readonly (readonly [url: string, host: string, port: number, more: object])[] = [
  ['redis+cluster://a:1', 'a', 1, { hosts: [] }],
  ['redis+cluster://a', 'a', 6379, { hosts: [] }],
  [
    'redis+cluster://a:1,b:2,c/',
    'a',
    1,
    {
      hosts: [
        { host: 'b', port: 2 },
        { host: 'c', port: 6379 },
      ],
    },
  ],
  ['rediss+cluster://u@[::1]:7000/0', '::1', 7000, { username: 'u', tls: {} }],
  [
    'valkey+cluster://a?readFrom=nearest&refreshInterval=5&redirectsMax=3&timeout=9',
    'a',
    6379,
    {
      readFrom: 'nearest',
      refreshInterval: 5,
      redirectsMax: 3,
      timeout: 9,
    },
  ],
  ['redis://a:1', 'a', 1, { hosts: [] }],
];

describe('the URL of a cluster', () => {
  for (const [url, host, port, more] of urls) {
    it(url, () => {
      const options = parseClusterUrl(url) as Record<string, unknown>;
      assert.deepEqual([options.host, options.port], [host, port]);
      for (const [name, value] of Object.entries(more)) assert.deepEqual(options[name], value, name);
    });
  }

  for (const url of [
    'redis+cluster://a/1',
    'redis+cluster://a?readFrom=all',
    'redis+cluster://a?nosuch=1',
    'redis+cluster://a:x',
  ]) {
    it(`${url} is refused`, () => assert.throws(() => open(url), DataError));
  }

  it('may leave the nodes to the options', () => {
    const hosts = ['b:2', { host: 'c', port: 3, db: 0 }];
    assert.deepEqual(seedsOf(parseClusterUrl('redis://', { hosts })), [
      { host: 'b', port: 2 },
      { host: 'c', port: 3 },
    ]);
    assert.deepEqual(seedsOf(parseClusterUrl('redis+cluster://a:1,b:2', { hosts })), [
      { host: 'a', port: 1 },
      { host: 'b', port: 2 },
      { host: 'c', port: 3 },
    ]);
    assert.deepEqual(seedsOf(parseClusterUrl('redis+cluster://')), [{ host: 'localhost', port: 6379 }]);
  });

  it('is told from others', () => {
    assert.ok(isClusterUrl('redis+cluster://a') && isClusterUrl('VALKEYS+CLUSTER://a'));
    assert.ok(!isClusterUrl('redis://a') && !isClusterUrl('memory:') && !isClusterUrl('constructor:'));
    assert.throws(() => open('redis://a', { readFrom: 'nearest' }), DataError);
  });
});

describe('the cursor of a scan over a cluster', () => {
  for (const place of [
    { slot: 0, end: 0, mark: 0, cursor: 0n },
    { slot: 16_383, end: 16_384, mark: 2 ** 18 - 1, cursor: 2n ** 64n - 1n },
    { slot: 5461, end: 10_923, mark: 77, cursor: 123_456n },
  ]) {
    it(`holds ${place.slot}…${place.end} at ${place.cursor}`, () => {
      const text = writeCursor(place);
      assert.notEqual(text, '0');
      assert.deepEqual(readCursor(text), place);
    });
  }

  it('begins with 0, and is nothing but digits', () => {
    assert.deepEqual(readCursor('0'), { slot: 0, end: 0, mark: 0, cursor: 0n });
    for (const text of ['', 'x', '-1', '1'.repeat(61)]) assert.throws(() => readCursor(text), ReplyError);
  });
});

describe('a line of CLUSTER NODES', () => {
  it('has ten fields', () => {
    const line =
      '07c37df myhost::1:30004@31004,name slave,fail? e7d1eec 1 1426238317239 4 disconnected 0-1 5 [93-<-292f8b]';
    assert.deepEqual(parseNodeLine(line), {
      id: '07c37df',
      ip: 'myhost::1',
      port: 30_004,
      flags: ['slave', 'fail?'],
      master: 'e7d1eec',
      pingSent: 1,
      pongRecv: 1_426_238_317_239,
      configEpoch: 4,
      linkState: 'disconnected',
      slots: [
        [0, 1],
        [5, 5],
      ],
    });
    const bare = parseNodeLine('a :0@0 noflags - 0 0 0 connected');
    assert.deepEqual([bare.ip, bare.port, bare.flags, bare.master, bare.slots], ['', 0, [], null, []]);
  });
});

describe('pipelines and transactions of a cluster', () => {
  for (const [command, error] of [
    ['SUBSCRIBE news', UnsupportedError],
    ['WATCH a', UnsupportedError],
    ['MULTI', UnsupportedError],
    ['INFO', UnsupportedError],
    ['SELECT 1', UnsupportedError],
    ['RENAME a b', CrossSlotError],
  ] as const) {
    it(`${command} is refused before anything is sent`, () => {
      const [name, ...args] = command.split(' ') as [string, ...string[]];
      assert.throws(() => refuseUnfit(rawRequest(name, args)), error);
    });
  }

  it('what has its keys in one slot, or may be split, is not refused', () => {
    refuseUnfit(rawRequest('RENAME', ['{a}1', '{a}2']));
    refuseUnfit(rawRequest('MGET', ['a', 'b']));
    refuseUnfit(rawRequest('DBSIZE', []));
  });
});
