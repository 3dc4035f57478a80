import { ErrorReply } from '../core/reply.js';
import { functionCommands } from './function.js';
import {
  keysOfScript,
  keysRead,
  keysWritten,
  scriptArgs,
  scriptKeys,
  unknownRead,
  unknownUse,
} from './script-terms.js';
import {
  anyReply,
  bool,
  bytes,
  command,
  copyKeys,
  late,
  list,
  manyBytes,
  ok,
  optional,
  text,
  VALKEY_ONLY,
  word,
} from './words.js';

const shared = { group: 'scripting', acl: ['scripting'] } as const;
const running = ['noscript', 'stale', 'skip_monitor', 'no_mandatory_keys', 'movablekeys'] as const;
const reading = ['readonly', ...running] as const;
const ofScript = 'Depends on the script.';

const badFlush = 'ERR SCRIPT FLUSH only support SYNC|ASYNC option';
const anyMode = optional(word('mode', ['ASYNC', 'SYNC'], badFlush));

/** More than one word is answered like an unknown one. */
const flushMode: typeof anyMode = {
  ...anyMode,
  parse(cursor, params) {
    if (cursor.end - cursor.at > 1) throw new ErrorReply(badFlush);
    anyMode.parse(cursor, params);
  },
};

/** EVAL and SCRIPT: scripts that clients bring along. */
export const scriptingCommands = {
  ...functionCommands,
  eval: () =>
    command({
      ...shared,
      name: 'EVAL',
      since: '2.6.0',
      summary:
        'Runs a Lua script, atomically. The keys (one, or an array; no count) are its KEYS, the other arguments its ARGV.',
      complexity: ofScript,
      flags: [...running, 'may_replicate'],
      args: [bytes('script'), scriptKeys(), scriptArgs],
      keySpecs: unknownUse,
      findKeys: keysOfScript(unknownUse),
      reply: anyReply,
      follow: copyKeys,
    }),
  evalRo: () =>
    command({
      ...shared,
      name: 'EVAL_RO',
      since: '7.0.0',
      summary: 'Runs a Lua script that may only read.',
      complexity: ofScript,
      flags: reading,
      args: [bytes('script'), scriptKeys(), scriptArgs],
      keySpecs: unknownRead,
      findKeys: keysOfScript(unknownRead),
      reply: anyReply,
      forms: [{ method: 'evalRo', reply: anyReply }],
    }),
  evalsha: () =>
    command({
      ...shared,
      name: 'EVALSHA',
      since: '2.6.0',
      summary: 'Runs a script that is loaded already, by its SHA-1; an error NOSCRIPT if it is not.',
      complexity: ofScript,
      flags: [...running, 'may_replicate'],
      args: [bytes('sha1'), late(scriptKeys()), scriptArgs],
      keySpecs: [keysWritten],
      findKeys: keysOfScript([keysWritten]),
      reply: anyReply,
      follow: copyKeys,
    }),
  evalshaRo: () =>
    command({
      ...shared,
      name: 'EVALSHA_RO',
      since: '7.0.0',
      summary: 'Runs a known script that may only read, by its SHA-1.',
      complexity: ofScript,
      flags: reading,
      args: [bytes('sha1'), late(scriptKeys()), scriptArgs],
      keySpecs: [keysRead],
      findKeys: keysOfScript([keysRead]),
      reply: anyReply,
      forms: [{ method: 'evalshaRo', reply: anyReply }],
    }),
  script: () =>
    command({
      ...shared,
      name: 'SCRIPT',
      since: '2.6.0',
      summary: 'Holds the commands for known scripts.',
      complexity: 'Depends on the subcommand.',
      flags: [],
      acl: [],
      args: [],
      container: true,
      reply: anyReply,
    }),
  scriptDebug: () =>
    command({
      ...shared,
      name: 'SCRIPT DEBUG',
      since: '3.2.0',
      summary: 'Would turn on a debugger for scripts; there is none.',
      complexity: 'O(1)',
      flags: ['noscript'],
      args: [bytes('mode')],
      reply: ok,
      hidden: true,
    }),
  scriptExists: () =>
    command({
      ...shared,
      name: 'SCRIPT EXISTS',
      since: '2.6.0',
      summary: 'Returns for each SHA-1 whether its script is loaded.',
      complexity: 'O(n) of the SHA-1s',
      flags: ['noscript'],
      args: [manyBytes('sha1')],
      reply: list(bool),
      request: 'all_shards',
      response: 'agg_logical_and',
    }),
  scriptFlush: () =>
    command({
      ...shared,
      name: 'SCRIPT FLUSH',
      since: '2.6.0',
      summary: 'Forgets all scripts.',
      complexity: 'O(n) of the scripts',
      flags: ['noscript'],
      args: [flushMode],
      reply: ok,
      request: 'all_nodes',
      response: 'all_succeeded',
    }),
  scriptHelp: () =>
    command({
      ...shared,
      name: 'SCRIPT HELP',
      since: '5.0.0',
      summary: 'Lists the subcommands of SCRIPT.',
      complexity: 'O(1)',
      flags: ['loading', 'stale'],
      args: [],
      reply: list(text),
    }),
  scriptKill: () =>
    command({
      ...shared,
      name: 'SCRIPT KILL',
      since: '2.6.0',
      summary: 'Ends the script that runs, if it has not written.',
      complexity: 'O(1)',
      flags: ['noscript', 'allow_busy'],
      args: [],
      reply: ok,
      request: 'all_shards',
      response: 'one_succeeded',
    }),
  scriptShow: () =>
    command({
      ...shared,
      name: 'SCRIPT SHOW',
      since: VALKEY_ONLY,
      summary: 'Returns the source of a script that is known, by its SHA-1.',
      complexity: 'O(1)',
      flags: ['noscript'],
      args: [bytes('sha1')],
      reply: text,
    }),
  scriptLoad: () =>
    command({
      ...shared,
      name: 'SCRIPT LOAD',
      since: '2.6.0',
      summary: 'Keeps a script for EVALSHA and returns its SHA-1.',
      complexity: 'O(n) of its length',
      flags: ['noscript', 'stale'],
      args: [bytes('script')],
      reply: text,
      request: 'all_nodes',
      response: 'all_succeeded',
    }),
};
