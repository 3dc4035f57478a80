/** The program as a user runs it: files, options, faults, signals. */
import assert from 'node:assert/strict';
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { readConfig } from '../../src/cli/redis-conf.js';
import { Config } from '../../src/engine/config.js';
import { defaultSettings } from '../../src/engine/settings.js';
import { findRedis } from '../../tools/redis-binary.js';
import { freePort, keyspanCommand, requireRedis, startKeyspan } from '../support/redis.js';
import { RespClient } from '../support/resp-client.js';
import { until } from '../support/until.js';

let folder = '';
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'keyspan-cli-'));
});
after(() => rmSync(folder, { recursive: true, force: true }));

/** Runs the program to its end. `words` follow the program's name; `serve` is one of them. */
function run(...words: string[]): Promise<{ code: number; out: string; err: string }> {
  const command = keyspanCommand();
  const [program, ...args] = [...command.slice(0, -1), ...words];
  return new Promise((resolve) => {
    execFile(program!, args, { cwd: folder, timeout: 10_000 }, (error, out, err) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : error ? -1 : 0, out, err });
    });
  });
}

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

function exitOf(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve) => child.once('exit', (code) => resolve(code)));
}

async function reachable(port: number): Promise<RespClient> {
  for (let i = 0; ; i++) {
    try {
      return await RespClient.connect(port);
    } catch (error) {
      if (i === 200) throw error;
      await sleep(25);
    }
  }
}

describe('keyspan, the program', () => {
  it('tells its version and how to use it', async () => {
    const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
    assert.equal((await run('--version')).out, `keyspan ${version} (Redis 8.4.0)\n`);
    const help = await run('--help');
    assert.equal(help.code, 0);
    assert.match(help.out, /keyspan serve \[config-file\]/);
    for (const words of [['help'], ['-h'], ['serve', '--help'], ['start', '-h']]) {
      assert.deepEqual(await run(...words), help, words.join(' '));
    }
    for (const words of [[], ['nosuch'], ['start', 'x']]) {
      const { code, err } = await run(...words);
      assert.equal(code, 1);
      assert.match(err, /^keyspan: .*\nTry keyspan --help\.\n$/);
    }
  });

  const faults: [title: string, words: () => string[], message: RegExp][] = [
    [
      'a file that is not there',
      () => ['nosuch.conf'],
      /^keyspan: can't open config file 'nosuch\.conf': No such file or directory\n$/,
    ],
    [
      'an unknown directive',
      () => [file('a.conf', 'port 1\n\n# c\n fooo bar\n')],
      /^keyspan: .*a\.conf, line 4: 'fooo bar': Bad directive or wrong number of arguments\n$/,
    ],
    [
      'unbalanced quotes',
      () => [file('b.conf', 'logfile "x\n')],
      /^keyspan: .*b\.conf, line 1: 'logfile "x': Unbalanced quotes in configuration line\n$/,
    ],
    [
      'a wrong value',
      () => [file('c.conf', 'maxmemory lots\n')],
      /^keyspan: .*c\.conf, line 1: 'maxmemory lots': argument must be a memory value\n$/,
    ],
    [
      'too many words',
      () => [file('d.conf', 'hz 1 2\n')],
      /^keyspan: .*d\.conf, line 1: 'hz 1 2': wrong number of arguments\n$/,
    ],
    [
      'a wrong option',
      () => ['--port', 'x'],
      /^keyspan: command line: 'port "x"': argument couldn't be parsed into an integer\n$/,
    ],
    [
      'a word before the options',
      () => [file('g.conf', ''), 'stray'],
      /^keyspan: command line: '"stray"': Bad directive or wrong number of arguments\n$/,
    ],
    [
      'an option that was taken as a value',
      () => ['--port', '--loglevel', 'verbose'],
      /^keyspan: command line: 'port "--loglevel" "verbose"': wrong number of arguments\n$/,
    ],
    [
      'an option after --save without a value',
      () => ['--save', '--port', '--bla', '--loglevel', 'verbose'],
      /^keyspan: command line: 'port "--bla"': argument couldn't be parsed into an integer\n$/,
    ],
    [
      'an option without its value',
      () => ['--port', '1', '--hz'],
      /^keyspan: command line: 'hz': wrong number of arguments\n$/,
    ],
    [
      'a folder that is not there',
      () => ['--dir', '/nosuch/folder'],
      /^keyspan: command line: 'dir "\/nosuch\/folder"': No such file or directory\n$/,
    ],
    [
      'an include that is not there',
      () => [file('e.conf', 'include nosuch.conf\n')],
      /can't open config file 'nosuch\.conf'/,
    ],
    [
      'a line of an included file',
      () => {
        const part = file('piece.conf', '# one\nhz x\n');
        return [file('h.conf', `include ${part}\n`)];
      },
      /^keyspan: .*piece\.conf, line 2: 'hz x': argument couldn't be parsed into an integer\n$/,
    ],
    ['a single dash', () => ['-p', '7000'], /^keyspan: directives begin with two dashes, not '-p'\n$/],
    ['nothing to listen on', () => ['--port', '0'], /^keyspan: nothing to listen on: .*\n$/],
    [
      'a socket that cannot be made',
      () => ['--port', '0', '--unixsocket', '/nosuch/folder/sock', '--logfile', 'away'],
      /^keyspan: Could not listen on \/nosuch\/folder\/sock: Permission denied\n$/,
    ],
    [
      'an address of another machine',
      () => ['--port', '7001', '--bind', '192.0.2.1', '--logfile', 'away'],
      /^keyspan: Could not listen on 192\.0\.2\.1:7001: Cannot assign requested address\n$/,
    ],
    [
      'a certificate that is not there',
      () => [
        '--port',
        '0',
        '--tls-port',
        '7001',
        '--tls-cert-file',
        'no.crt',
        '--tls-key-file',
        'no.key',
        '--logfile',
        'away',
      ],
      /^keyspan: .*no\.crt.*\n$/,
    ],
    [
      'a user with a wrong rule',
      () => [file('f.conf', 'user bob on >secret ~* +@nosuch\n')],
      /Error in user declaration '\+@nosuch': Unknown command or category name in ACL\n$/,
    ],
  ];
  for (const [title, words, message] of faults) {
    it(`says what is wrong with ${title}, and ends`, async () => {
      const { code, out, err } = await run('serve', ...words());
      assert.equal(code, 1);
      assert.equal(out, '');
      assert.match(err, message);
      assert.equal(err.split('\n').length, 2, 'one line');
    });
  }

  it('reads a file with includes and options after it, logs, writes a pid file, ends on SIGTERM', async () => {
    const port = await freePort();
    file('part1.conf', 'maxmemory-policy allkeys-lru\n');
    file('part2.conf', 'hz 33\n');
    const conf = file(
      'g.conf',
      `port ${port}\ninclude part*.conf\nrequirepass "a b"\nloglevel debug\nlogfile log\npidfile pid\nunixsocket sock\n`,
    );
    const [program, ...args] = [...keyspanCommand(), conf, '--hz', '44', '--save', '', '--loglevel', 'notice'];
    const child = spawn(program!, args, { cwd: folder, stdio: 'ignore' });
    const exit = exitOf(child);
    const client = await reachable(port);
    assert.equal(await client.value('AUTH', 'a b'), 'OK');
    assert.deepEqual(await client.value('CONFIG', 'GET', 'hz'), ['hz', '44']);
    assert.deepEqual(await client.value('CONFIG', 'GET', 'maxmemory-policy'), ['maxmemory-policy', 'allkeys-lru']);
    assert.equal(readFileSync(join(folder, 'pid'), 'utf8'), `${child.pid}\n`);
    assert.equal(existsSync(join(folder, 'sock')), true);
    client.close();
    child.kill('SIGTERM');
    assert.equal(await exit, 0);
    assert.equal(existsSync(join(folder, 'pid')), false);
    const lines = readFileSync(join(folder, 'log'), 'utf8').trimEnd().split('\n');
    for (const line of lines) assert.match(line, /^\d+:M \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d\.\d{3} [*#] \S/);
    assert.match(
      lines.join('\n'),
      /# Received SIGTERM scheduling shutdown\.\.\.\n.*# User requested shutdown\.\.\.\n.*bye bye/,
    );
  });

  it('SHUTDOWN ends it, a taken port is told', async (t) => {
    const server = await startKeyspan();
    t.after(() => server.stop());
    const { code, err } = await run('serve', '--port', String(server.port), '--loglevel', 'warning');
    assert.equal(code, 1);
    assert.match(err, /^keyspan: Could not listen on .*: Address already in use\n$/);
    const client = await RespClient.connect(server.port);
    client.write([['SHUTDOWN', 'NOSAVE']]);
    await client.read(1, 1000);
    await until(() => !server.alive(), 'the server to end');
    assert.equal(client.replies.length, 0);
  });

  it('CONFIG SET port moves it', async (t) => {
    const server = await startKeyspan();
    t.after(() => server.stop());
    const client = await RespClient.connect(server.port);
    const port = await freePort();
    assert.equal(await client.value('CONFIG', 'SET', 'port', String(port)), 'OK');
    const moved = await reachable(port);
    assert.equal(await moved.value('PING'), 'PONG');
    assert.match(String(await client.value('INFO', 'server')), new RegExp(`tcp_port:${port}\r`));
    moved.close();
    client.close();
  });
});

describe('CONFIG REWRITE', () => {
  const text = [
    '# a comment',
    '',
    '',
    '',
    'maxmemory 100mb',
    '  # another',
    'save 900 1',
    'save 300 10',
    'save 60 10000',
    'hash-max-ziplist-value 70',
    'HZ 20',
    'hz 21',
    'requirepass "se\\x00cret"',
    'notify-keyspace-events KEA',
    'client-output-buffer-limit pubsub 1mb 2mb 60',
    'loglevel warning',
    'appendfilename "x.aof"',
    'unixsocketperm 700',
    'maxmemory-clients 5%',
    'latency-tracking-info-percentiles 50 99',
    'include empty.conf',
    'min-slaves-max-lag 11',
    'rdbcompression yes',
  ].join('\n');

  const changes = [
    ['maxmemory', '1gb', 'save', '5 6', 'timeout', '7', 'list-max-listpack-size', '-1', 'masterauth', 'pass"word'],
    [
      'hz',
      '10',
      'latency-tracking',
      'no',
      'slowlog-log-slower-than',
      '-1',
      'notify-keyspace-events',
      '',
      'proto-max-bulk-len',
      '5000001',
    ],
  ];

  it('writes what the real server writes, but for the order of new lines', async (t) => {
    if (!(await requireRedis(t))) return;
    file('empty.conf', '');
    const theirs = file('theirs.conf', text);
    const port = await freePort();
    const real = await startRealWith(theirs, port);
    t.after(async () => {
      const exit = exitOf(real);
      real.kill('SIGKILL');
      await exit;
    });
    const client = await reachable(port);
    assert.equal(await client.value('AUTH', 'se\x00cret'), 'OK');
    const config = new Config({ ...defaultSettings(), serverVersion: '8.4' });
    const here = process.cwd();
    process.chdir(folder);
    readConfig(config, file('ours.conf', text), `port ${port}\nbind 127.0.0.1`);
    process.chdir(here);
    config.put('dir', folder);
    let ours = text;
    for (const change of changes) {
      assert.equal(config.set(pairsOf(change), false), null);
      assert.equal(await client.value('CONFIG', 'SET', ...change), 'OK');
      assert.equal(await client.value('CONFIG', 'REWRITE'), 'OK');
      ours = config.rewrite(ours);
      assert.deepEqual(partsOf(ours), partsOf(readFileSync(theirs, 'latin1')));
    }
    client.close();
  });

  it('keeps what it does not understand as a comment, and says everything when asked to', () => {
    const config = new Config(defaultSettings());
    const kept = config.rewrite('nosuch 1\n"unbalanced\nuser default on\nhz 10\n');
    assert.match(kept, /^# \?\?\? nosuch 1\n# \?\?\? "unbalanced\nuser default on\nhz 10\n/);
    assert.match(config.rewrite('', true), /\nmaxmemory-samples 5\n/);
  });
});

async function startRealWith(conf: string, port: number): Promise<ChildProcess> {
  const redis = (await findRedis())!;
  return spawn(redis.server, [conf, '--port', String(port), '--bind', '127.0.0.1'], {
    cwd: folder,
    env: redis.env,
    stdio: 'ignore',
  });
}

function pairsOf(flat: readonly string[]): [string, string][] {
  return flat.flatMap((name, i) => (i % 2 === 0 ? [[name, flat[i + 1]!] as [string, string]] : []));
}

/** The lines that were there, in order, and the new ones, sorted. The user's line is another matter. */
function partsOf(text: string): { old: string[]; added: string[] } {
  const lines = text.split('\n').filter((line) => !line.startsWith('user default'));
  const at = lines.indexOf('# Generated by CONFIG REWRITE');
  return {
    old: lines.slice(0, at),
    added: lines
      .slice(at + 1)
      .filter((line) => line !== '')
      .sort(),
  };
}
