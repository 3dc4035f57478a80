import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { inspect } from 'node:util';
import type { ClientOptions } from '../../src/client/client-options.js';
import { Secret } from '../../src/client/secret.js';
import { isClientUrl, parseUrl, type UrlArguments } from '../../src/client/url.js';
import { DataError } from '../../src/core/errors.js';
import { open } from '../../src/index.js';

/** Options with the password in the open, to compare. */
function plain(options: ClientOptions): Record<string, unknown> {
  const { password, ...rest } = options;
  return password instanceof Secret ? { ...rest, password: password.reveal() } : { ...rest };
}

const cases: [url: string, given: UrlArguments, expected: Record<string, unknown>][] = [
  ['redis://', {}, {}],
  ['redis://example.com', {}, { host: 'example.com' }],
  ['redis://example.com:7000/', {}, { host: 'example.com', port: 7000 }],
  ['redis://[::1]:7000/3', {}, { host: '::1', port: 7000, db: 3 }],
  ['valkey://h', {}, { host: 'h' }],
  ['REDIS://h', {}, { host: 'h' }],
  ['redis://:secret@h', {}, { host: 'h', password: 'secret' }],
  ['redis://me:se:cret@h', {}, { host: 'h', username: 'me', password: 'se:cret' }],
  ['redis://me@h', {}, { host: 'h', username: 'me' }],
  ['redis://me:p%40ss%2Fw@h', {}, { host: 'h', username: 'me', password: 'p@ss/w' }],
  ['redis://:p%40ss@h', { decodeComponents: false }, { host: 'h', password: 'p%40ss' }],
  ['redis://:p%40ss@h?decode_components=false', {}, { host: 'h', password: 'p%40ss' }],
  // the database: query, then path, then argument
  ['redis://h/1?db=2', { db: 3 }, { host: 'h', db: 2 }],
  ['redis://h/1', { db: 3 }, { host: 'h', db: 1 }],
  ['redis://h', { db: 3 }, { host: 'h', db: 3 }],
  ['unix:///tmp/redis.sock?db=4', {}, { path: '/tmp/redis.sock', db: 4 }],
  ['unix://:secret@/tmp/r.sock', {}, { path: '/tmp/r.sock', password: 'secret' }],
  ['redis+unix:///tmp/a%20b.sock', {}, { path: '/tmp/a b.sock' }],
  // the query wins over arguments and over the other parts of the URL
  ['redis://h?timeout=100', { timeout: 5, name: 'x' }, { host: 'h', timeout: 100, name: 'x' }],
  ['redis://:one@h?password=two', {}, { host: 'h', password: 'two' }],
  ['redis://h?socket_timeout=1.5&socket_connect_timeout=2', {}, { host: 'h', timeout: 1500, connectTimeout: 2000 }],
  [
    'redis://h?max_connections=7&client_name=me&protocol=2',
    {},
    { host: 'h', maxConnections: 7, name: 'me', protocol: 2 },
  ],
  ['rediss://h', {}, { host: 'h', tls: {} }],
  [
    'valkeys://h?rejectUnauthorized=false&servername=s',
    {},
    { host: 'h', tls: { rejectUnauthorized: false, servername: 's' } },
  ],
  [
    'rediss://h?ssl_ca_certs=/ca.pem',
    { tls: { servername: 'x' } },
    { host: 'h', tls: { caFile: '/ca.pem', servername: 'x' } },
  ],
  // several hosts
  ['redis://a,b:7000,[::1]:7001/2', {}, { hosts: ['a', 'b:7000', '[::1]:7001'], db: 2 }],
  ['redis://:secret@a,b?readFrom=replica', {}, { hosts: ['a', 'b'], password: 'secret', readFrom: 'replica' }],
  ['redis://', { hosts: ['a', 'b'] }, { hosts: ['a', 'b'] }],
  ['redis://c', { hosts: ['a', 'b'] }, { host: 'c' }],
  // Sentinels
  ['redis+sentinel://a/svc', {}, { sentinels: ['a'], service: 'svc' }],
  ['valkey+sentinel://a:1,b:2/my%20svc/3', {}, { sentinels: ['a:1', 'b:2'], service: 'my svc', db: 3 }],
  ['redis+sentinel://me:pw@a/svc', {}, { sentinels: ['a'], service: 'svc', username: 'me', password: 'pw' }],
  [
    'rediss+sentinel://a/svc?sentinelTls=no&sentinelUsername=s&discoveryTimeout=5&roleCheckInterval=6',
    {},
    {
      sentinels: ['a'],
      service: 'svc',
      tls: {},
      sentinelTls: false,
      sentinelUsername: 's',
      discoveryTimeout: 5,
      roleCheckInterval: 6,
    },
  ],
  ['redis+sentinel://a', { service: 'svc' }, { sentinels: ['a'], service: 'svc' }],
];

const wrong: [url: string, message: RegExp][] = [
  ['redis+sentinel://a', /expected a service, as in redis\+sentinel:/],
  ['redis+sentinel://a/svc/0/more', /expected a service/],
  ['redis+sentinel://a/svc/x', /expected a database number/],
  ['redis+sentinel:///svc', /'' is no address: expected host:port/],
  ['redis://a,,b', /'' is no address/],
  ['redis://a,b:99999', /'b:99999' is no address/],
  ['redis://a,b?readFrom=anyone', /'readFrom' of the URL: expected primary or preferReplica or replica/],
  ['http://h', /wrong URL: expected redis:/],
  ['redis:h', /wrong URL: expected redis:/],
  ['redis://h#part', /wrong URL/],
  ['redis://h/zero', /expected a database number/],
  ['redis://h/-1', /expected a database number/],
  ['redis://h/0/1', /expected a database number/],
  ['redis://h:port', /the port of the URL: expected a number/],
  ['redis://user:sec-ret', /the port of the URL: expected a number, as in redis:\/\/user:password@host:6379$/],
  ['redis://h:0', /port of the URL: expected 1 to 65535/],
  ['redis://h:65536', /port of the URL: expected 1 to 65535/],
  ['redis://h?colour=red', /unknown option 'colour' in the URL: expected one of db, /],
  ['redis://h?toString=1', /unknown option 'toString'/],
  ['redis://h?db=x', /option 'db' of the URL: expected a whole number/],
  ['redis://h?protocol=4', /option 'protocol' of the URL: expected 2 or 3/],
  ['redis://h?retry=often', /expected never or safe or always/],
  ['redis://:%zz@h', /password of the URL holds a malformed percent-escape/],
  ['redis://h?caFile=x', /expected rediss:/],
  ['unix://host/path', /a unix URL has no host/],
  ['unix://', /needs a path/],
];

describe('client URLs', () => {
  for (const [url, given, expected] of cases) {
    test(`${url} with ${JSON.stringify(given)}`, () => assert.deepEqual(plain(parseUrl(url, given)), expected));
  }
  for (const [url, message] of wrong) {
    test(`${url} is refused`, () =>
      assert.throws(
        () => parseUrl(url),
        (error) => error instanceof DataError && message.test(error.message),
      ));
  }

  test('open refuses what it cannot open, without the rest of the URL', () => {
    assert.throws(
      () => open('http://user:secret@h'),
      (error: Error) => /cannot open 'http:'/.test(error.message) && !/secret/.test(error.message),
    );
    assert.throws(
      () => open('redis://:secret@h?wat=1'),
      (error: Error) => /'wat'/.test(error.message) && !/secret/.test(inspect(error)),
    );
    assert.equal(isClientUrl('memory:'), false);
    assert.equal(isClientUrl('rediss://x'), true);
  });

  test('open says what it takes to those who give it something else', () => {
    const wrong = [
      [() => open({ host: 'localhost' } as never), 'expected a URL, { ring: [node, …] } or { mirror: [node, …] }'],
      [() => open('file:'), "'file:' names no folder: expected a path, as in file:./data"],
    ] as const;
    for (const [call, message] of wrong) assert.throws(call, { name: 'DataError', message });
  });

  test('the number of keys, which other clients want, is no key of a script', async () => {
    await using db = open('memory:');
    const message = "keys come as an array and without their number: eval(script, ['key'], 'argument')";
    for (const count of [0, 1]) {
      await assert.rejects(db.eval('return 1', count, 'k'), { name: 'DataError', message });
      await assert.rejects(db.fcall('f', count, 'k'), { name: 'DataError', message });
    }
    await assert.doesNotReject(db.eval('return KEYS[1]', [5]));
  });

  test('a password shows in no inspection', () => {
    const options = parseUrl('redis+sentinel://me:hush@h/svc?password=hush2&sentinelPassword=hush3');
    for (const text of [
      inspect(options, { depth: 9, showHidden: true }),
      JSON.stringify(options),
      String(options.password),
      `${options.password}`,
    ]) {
      assert.doesNotMatch(text, /hush/);
    }
    const db = open('redis://me:hush@h');
    assert.doesNotMatch(inspect(db, { depth: 9, showHidden: true }), /hush/);
  });
});
