#!/usr/bin/env node
import { NEWEST_VERSION, releases } from '../commands/version.js';
import { systemMessageWithPath } from '../core/system-message.js';
import { KEYSPAN_VERSION } from '../engine/redis-version.js';
import { ConfigError } from './redis-conf.js';
import { serve } from './serve.js';
import { start } from './start.js';

const help = `keyspan ${KEYSPAN_VERSION}: Redis ${releases[NEWEST_VERSION]} in TypeScript

Usage
  keyspan start                                    a server on 127.0.0.1:6379, or the first free port after it
  keyspan serve [config-file] [--directive value]  a server from a redis.conf, a single - reads it from standard input
  keyspan copy <from> <to> [option ...]            copies keys between URLs or RDB files: see keyspan copy --help
  keyspan rdb inspect <file>                       keys, types, sizes and TTLs in an RDB file
  keyspan --help | --version

Examples
  keyspan serve --port 7777 --maxmemory 100mb
  keyspan serve /etc/redis.conf --loglevel verbose
  keyspan serve --unixsocket /tmp/keyspan.sock --port 0

Every directive of redis.conf is known. Those that have no meaning here are accepted and reported by CONFIG GET.
`;

async function run([command, ...args]: readonly string[]): Promise<number | null> {
  // The other commands have a help of their own.
  if (['serve', 'start'].includes(command ?? '') && ['--help', '-h'].includes(args[0] ?? '')) {
    console.log(help);
    return 0;
  }
  switch (command) {
    case 'serve':
      await serve(args);
      return null;
    case 'start':
      if (args.length > 0) return misused(`start takes no arguments, not '${args[0]}'`);
      await start();
      return null;
    case 'copy': {
      const { copyCommand } = await import('./copy-command.js');
      return await copyCommand(args);
    }
    case 'rdb': {
      const { rdbCommand } = await import('./rdb-inspect.js');
      return rdbCommand(args);
    }
    case '--version':
    case '-v':
      console.log(`keyspan ${KEYSPAN_VERSION} (Redis ${releases[NEWEST_VERSION]})`);
      return 0;
    case '--help':
    case '-h':
    case 'help':
      console.log(help);
      return 0;
    case undefined:
      return misused('a command is missing');
    default:
      return misused(`unknown command '${command}'`);
  }
}

function misused(problem: string): number {
  console.error(`keyspan: ${problem}\nTry keyspan --help.`);
  return 1;
}

/** Reports what a user can fix as a message without a stack trace. */
function report(error: unknown): void {
  // An error without a code is not the operating system's but a bug in this program.
  const isTheirs = error instanceof ConfigError || typeof (error as NodeJS.ErrnoException).code === 'string';
  console.error(isTheirs ? `keyspan: ${systemMessageWithPath(error)}` : error);
}

try {
  const code = await run(process.argv.slice(2));
  if (code !== null) process.exitCode = code;
} catch (error) {
  report(error);
  process.exitCode = 1;
}
