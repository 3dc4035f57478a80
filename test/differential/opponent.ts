/** The real servers that the fuzz compares with: how each is started, what is spoken with it, and which version we are meanwhile. */
import type { ServerVersion } from '../../src/commands/version.js';
import { type RunningServer, startNewer, startRedis } from '../support/redis.js';
import { newerCommands, olderCommands, valkeyCommands } from './commands.js';
import type { Template } from './template.js';
import { newerTunables, tunables } from './values.js';

export type OpponentName = '7.0' | '8.0' | 'valkey-8.1';

export interface Opponent {
  /** What keyspan is meanwhile. */
  readonly serverVersion: ServerVersion;
  /** Spoken beside the commands that all of them have. */
  readonly commands: readonly Template[];
  /** What is not sent, because the server answers otherwise by intent; its beginning, in upper case. */
  readonly unspoken?: RegExp;
  /** MULTI and WATCH in a transaction end it. */
  readonly strictTransactions?: boolean;
  /** Words that stand for the same; both servers' texts are put so. */
  readonly wording?: Wording;
  /** Thresholds of encodings that episodes change. */
  readonly tunables: typeof tunables;
  start(): Promise<RunningServer>;
}

export type Wording = readonly (readonly [said: RegExp, meant: string])[];

/** Line ends in an error of a script go out as they are, which breaks the protocol. */
const brokenErrors = 'EVAL[^]*\\bERROR\\([^]*(\r\n|\\\\R|\\\\N)';

/** Each is a difference that Valkey wants, or has from the Redis 7.2.4 that it began with. */
const valkeyUnspoken = new RegExp(
  [
    brokenErrors,
    // Granted where there is no cluster.
    'READONLY|READWRITE',
    // Commands of its own.
    'ACL CAT|COMMAND (LIST|COUNT)',
    // Integers are not shared once the key stands in the value's own allocation.
    'OBJECT REFCOUNT',
    // Words behind the last argument are not looked at.
    'CLIENT (UNBLOCK|PAUSE) \\S+ \\S+ \\S',
    // A string whose time is over is not kept at all.
    'SET [^]* (EX|PX)AT (?!4102444800)',
    // Streams without entries have no last one.
    'XREAD [^]*BLOCK [^]* \\+',
    // It asks how much memory there is.
    'XAUTOCLAIM [^]*COUNT \\d{9}',
    // The end may be left out.
    'BITCOUNT \\S* \\S*$',
    // The lag is counted as before Redis 7.2.6.
    'XINFO GROUPS|XINFO STREAM .*FULL',
    // An offset below zero is none in a skip list.
    'Z\\w*(RANGE|LEX)\\w*( .*)? LIMIT -',
  ]
    .map((line) => `^(${line})`)
    .join('|'),
);

const valkeyWording: Wording = [
  [/^valkey$/, 'redis'],
  [/^8\.1\.1$/, '7.4.5'],
  [/^NOSCRIPT No matching script\.$/, 'NOSCRIPT No matching script. Please use EVAL.'],
  [/Wrong number of args calling command from script/, 'Wrong number of args calling Redis command from script'],
  [/Unknown command called from script/, 'Unknown Redis command called from script'],
  [/Lua redis lib command arguments must be strings/, 'Command arguments must be strings'],
  [/an ID or '\$'/, "an ID, '+', or '$$'"],
  // Scripts write what is no number without a sign.
  [/-nan\b/g, 'nan'],
  // The form of a string depends on the length of its key too.
  [/^raw$/, 'embstr'],
  // ZADD prepares for long members, added or not.
  [/^skiplist$/, 'listpack'],
  [/^-0$/, '0'],
  // A key whose time to live is set to what is over.
  [/^expired$/, 'del'],
  [/^(__keyevent@\d+__:)expired$/, '$1del'],
  [/This instance is not configured to use an ACL file/, 'This Redis instance is not configured to use an ACL file'],
  [/(have a|in the) configuration/g, '$1 Redis configuration'],
];

export const opponents: Readonly<Record<OpponentName, Opponent>> = {
  '7.0': { serverVersion: '7.0', commands: olderCommands, tunables, start: () => startRedis() },
  '8.0': {
    serverVersion: '8.0',
    commands: newerCommands,
    tunables: newerTunables,
    unspoken: new RegExp(`^${brokenErrors}`),
    start: () => startNewer(),
  },
  // Valkey went its own way from 7.2 on, and has most of what came with 7.4.
  'valkey-8.1': {
    serverVersion: '7.4',
    commands: valkeyCommands,
    tunables: newerTunables,
    unspoken: valkeyUnspoken,
    strictTransactions: true,
    wording: valkeyWording,
    start: () => startNewer('valkey'),
  },
};
