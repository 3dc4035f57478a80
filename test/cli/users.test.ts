/** Users in configuration and files, as the program reads and writes them. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { readConfig } from '../../src/cli/redis-conf.js';
import { Config } from '../../src/engine/config.js';
import { defaultSettings } from '../../src/engine/settings.js';
import { startKeyspan } from '../support/redis.js';
import { RespClient } from '../support/resp-client.js';

const folder = mkdtempSync(join(tmpdir(), 'keyspan-users-'));
after(() => rmSync(folder, { recursive: true, force: true }));

test('a user of the configuration can log in', async (t) => {
  const server = await startKeyspan({ args: ['--user', 'bob', 'on', '>pw', '~b*', '+get', '--user', 'eve', 'off'] });
  t.after(() => server.stop());
  const client = await RespClient.connect(server.port);
  assert.equal((await client.send('AUTH', 'bob', 'pw')).raw, '+OK\r\n');
  assert.equal((await client.send('GET', 'b')).raw, '$-1\r\n');
  assert.match((await client.send('GET', 'a')).raw, /^-NOPERM/);
  assert.match((await client.send('AUTH', 'eve', 'pw')).raw, /^-WRONGPASS/);
  client.close();
});

test('a file of users is read at the start, written and read again', async (t) => {
  const file = join(folder, 'users.acl');
  writeFileSync(file, 'user bob on nopass ~b* +@all\n', { mode: 0o600 });
  const server = await startKeyspan({ args: ['--aclfile', file] });
  t.after(() => server.stop());
  const client = await RespClient.connect(server.port);
  assert.deepEqual(await client.value('ACL', 'USERS'), ['bob', 'default']);
  await client.send('ACL', 'SETUSER', 'carol', 'on', 'nopass', '(%R~c* +get)');
  assert.equal((await client.send('ACL', 'SAVE')).raw, '+OK\r\n');
  assert.deepEqual(readFileSync(file, 'latin1').split('\n'), [
    'user bob on nopass ~b* resetchannels +@all',
    'user carol on nopass resetchannels -@all (%R~c* resetchannels -@all +get)',
    'user default on nopass ~* &* +@all',
    '',
  ]);
  assert.equal(statSync(file).mode & 0o777, 0o600, 'who may read it stays as it was');
  writeFileSync(file, 'user dave off\n');
  assert.equal((await client.send('ACL', 'LOAD')).raw, '+OK\r\n');
  assert.deepEqual(await client.value('ACL', 'USERS'), ['dave', 'default']);
  writeFileSync(file, 'user dave nosuch\n');
  assert.match((await client.send('ACL', 'LOAD')).raw, /^-ERR .*users\.acl:1: Syntax error\. WARNING: ACL errors/);
  rmSync(file);
  assert.match((await client.send('ACL', 'LOAD')).raw, /^-ERR Error loading ACLs, opening file .*: No such file/);
  client.close();
});

test('what cannot be used keeps the server from starting', async () => {
  const file = join(folder, 'wrong.acl');
  writeFileSync(file, 'user bob nosuch\n');
  const faults: [args: string[], message: RegExp][] = [
    [['--aclfile', file], /ACL errors: .*wrong\.acl:1: Syntax error/],
    [['--aclfile', join(folder, 'absent')], /opening file .*absent': No such file or directory/],
    [['--aclfile', file, '--user', 'bob', 'on'], /use one of them/],
    [['--user', 'bob', 'on', '--user', 'bob', 'off'], /Duplicate user found/],
    [['--user', 'bob', '(+get'], /Unmatched parenthesis/],
  ];
  for (const [args, message] of faults) await assert.rejects(startKeyspan({ args }), message);
});

test('CONFIG REWRITE puts the users of now in the places of their lines', () => {
  const old = '# people\nuser bob on\nhz 10\nuser carol on\nuser dave on\n';
  const config = new Config(defaultSettings());
  readConfig(config, null, old);
  assert.deepEqual(config.users, [
    ['bob', 'on'],
    ['carol', 'on'],
    ['dave', 'on'],
  ]);
  const lines = (users: string[] | null): string[] =>
    config
      .rewrite(old, false, users)
      .split('\n')
      .filter((line) => line.startsWith('user '));
  assert.deepEqual(lines(null), ['user bob on', 'user carol on', 'user dave on']);
  assert.deepEqual(lines(['user eve off']), ['user eve off']);
  assert.deepEqual(lines(['user a on', 'user b on', 'user c on', 'user d on']), [
    'user a on',
    'user b on',
    'user c on',
    'user d on',
  ]);
  assert.deepEqual(lines([]), []);
});
