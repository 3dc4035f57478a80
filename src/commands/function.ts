import type { Bytes } from '../core/bytes.js';
import { ErrorReply } from '../core/reply.js';
import { keysOfScript, scriptArgs, scriptKeys, unknownRead, unknownUse } from './script-terms.js';
import type { Term } from './term.js';
import {
  anyReply,
  bytes,
  command,
  copyKeys,
  fields,
  flag,
  late,
  list,
  nullable,
  ok,
  option,
  optional,
  options,
  payload,
  strictEnd,
  text,
  word,
} from './words.js';

const shared = { group: 'scripting', since: '7.0.0', acl: ['scripting'] } as const;
const running = ['noscript', 'stale', 'skip_monitor', 'no_mandatory_keys', 'movablekeys'] as const;
const onShards = { request: 'all_shards', response: 'all_succeeded' } as const;

const badCount = new ErrorReply('ERR Bad number of keys provided');
const badPolicy = 'ERR Wrong restore policy given, value should be either FLUSH, APPEND or REPLACE.';
const noPattern = new ErrorReply('ERR library name argument was not given');

/** `[REPLACE]` before the code: the last argument is always the code, whatever it says. */
const replace: Term<{ replace?: true }> = {
  name: 'replace',
  type: 'boolean',
  doc: { name: 'replace', type: 'pure-token', token: 'REPLACE', optional: true },
  min: 0,
  max: 1,
  optional: true,
  parse(cursor, params) {
    while (cursor.at < cursor.end) {
      const option = cursor.argv[cursor.at++];
      if (option.toUpperCase() !== 'REPLACE') throw new ErrorReply(`ERR Unknown option given: ${option}`);
      params.replace = true;
    }
  },
  print(params, out) {
    if (params.replace === true) out.push('REPLACE');
  },
};

const listing = options([option('LIBRARYNAME', 'libraryName', bytes('libraryName')), flag('WITHCODE', 'withCode')]);

/** Each option is allowed once; a repetition counts as unknown. */
const listOptions: typeof listing = {
  ...listing,
  parse(cursor, params: { libraryName?: Bytes; withCode?: true }) {
    while (cursor.at < cursor.end) {
      const word = cursor.argv[cursor.at++];
      if (!params.withCode && word.toUpperCase() === 'WITHCODE') params.withCode = true;
      else if (params.libraryName === undefined && word.toUpperCase() === 'LIBRARYNAME') {
        if (cursor.at >= cursor.end) throw noPattern;
        params.libraryName = cursor.argv[cursor.at++];
      } else throw new ErrorReply(`ERR Unknown argument ${word}`);
    }
  },
};

/** FUNCTION and FCALL: libraries of functions that the server keeps. */
export const functionCommands = {
  fcall: () =>
    command({
      ...shared,
      name: 'FCALL',
      summary: 'Calls a function of a loaded library with keys and arguments.',
      complexity: 'Depends on the function.',
      flags: [...running, 'may_replicate'],
      args: [bytes('functionName'), late(scriptKeys(badCount)), scriptArgs],
      keySpecs: unknownUse,
      findKeys: keysOfScript(unknownUse),
      reply: anyReply,
      follow: copyKeys,
    }),
  fcallRo: () =>
    command({
      ...shared,
      name: 'FCALL_RO',
      summary: 'Calls a function that may only read.',
      complexity: 'Depends on the function.',
      flags: ['readonly', ...running],
      args: [bytes('functionName'), late(scriptKeys(badCount)), scriptArgs],
      keySpecs: unknownRead,
      findKeys: keysOfScript(unknownRead),
      reply: anyReply,
      forms: [{ method: 'fcallRo', reply: anyReply }],
    }),
  function: () =>
    command({
      ...shared,
      name: 'FUNCTION',
      summary: 'Holds the commands for libraries of functions.',
      complexity: 'Depends on the subcommand.',
      flags: [],
      acl: [],
      args: [],
      container: true,
      reply: anyReply,
    }),
  functionDelete: () =>
    command({
      ...shared,
      ...onShards,
      name: 'FUNCTION DELETE',
      summary: 'Removes a library and its functions.',
      complexity: 'O(1)',
      flags: ['write', 'noscript'],
      args: [bytes('libraryName')],
      reply: ok,
    }),
  functionDump: () =>
    command({
      ...shared,
      name: 'FUNCTION DUMP',
      summary: 'Returns all libraries in one payload, for FUNCTION RESTORE.',
      complexity: 'O(n) of the libraries',
      flags: ['noscript'],
      args: [],
      reply: payload,
    }),
  functionFlush: () =>
    command({
      ...shared,
      ...onShards,
      name: 'FUNCTION FLUSH',
      summary: 'Removes all libraries.',
      complexity: 'O(n) of the functions',
      flags: ['write', 'noscript'],
      args: [
        strictEnd(
          optional(word('mode', ['ASYNC', 'SYNC'], 'ERR FUNCTION FLUSH only supports SYNC|ASYNC option')),
          'subcommand',
        ),
      ],
      reply: ok,
    }),
  functionHelp: () =>
    command({
      ...shared,
      name: 'FUNCTION HELP',
      summary: 'Lists the subcommands of FUNCTION.',
      complexity: 'O(1)',
      flags: ['loading', 'stale'],
      args: [],
      reply: list(text),
    }),
  functionKill: () =>
    command({
      ...shared,
      name: 'FUNCTION KILL',
      summary: 'Ends the function that runs, if it has not written.',
      complexity: 'O(1)',
      flags: ['noscript', 'allow_busy'],
      args: [],
      reply: ok,
      request: 'all_shards',
      response: 'one_succeeded',
    }),
  functionList: () =>
    command({
      ...shared,
      name: 'FUNCTION LIST',
      summary: 'Describes the libraries and their functions.',
      complexity: 'O(n) of the functions',
      flags: ['noscript'],
      args: [listOptions],
      reply: list(fields({ functions: list(fields({ flags: list(text) })) })),
      tips: ['nondeterministic_output_order'],
    }),
  functionLoad: () =>
    command({
      ...shared,
      ...onShards,
      name: 'FUNCTION LOAD',
      summary: 'Makes a library of its source, whose first line names it: `#!lua name=mylib`. Returns the name.',
      complexity: 'O(n) of its length, and what its code does',
      flags: ['write', 'denyoom', 'noscript'],
      args: [replace, bytes('code')],
      arity: -3,
      reply: text,
    }),
  functionRestore: () =>
    command({
      ...shared,
      ...onShards,
      name: 'FUNCTION RESTORE',
      summary: 'Makes the libraries of a payload of FUNCTION DUMP.',
      complexity: 'O(n) of the payload',
      flags: ['write', 'denyoom', 'noscript'],
      args: [
        bytes('payload'),
        strictEnd(optional(word('policy', ['FLUSH', 'APPEND', 'REPLACE'], badPolicy)), 'subcommand'),
      ],
      reply: ok,
    }),
  functionStats: () =>
    command({
      ...shared,
      name: 'FUNCTION STATS',
      summary: 'Says which function runs, and how many there are.',
      complexity: 'O(1)',
      flags: ['noscript', 'allow_busy'],
      args: [],
      reply: fields({ running_script: nullable(fields({})), engines: fields(() => fields({})) }),
      request: 'all_shards',
      response: 'special',
      tips: ['nondeterministic_output'],
    }),
};
