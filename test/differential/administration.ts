/** Users, libraries of functions and cached scripts for the fuzz: few of each, so that they are met again. */
import { createHash } from 'node:crypto';
import type { Values } from './values.js';

/** What an episode may make; each begins without them. */
export const users: readonly string[] = ['ann', 'bob', 'carl'];

const rules = [
  ...['on', 'off', 'nopass', 'resetpass', 'reset', 'resetkeys', 'resetchannels', 'allkeys', 'allchannels'],
  ...['allcommands', 'nocommands', 'sanitize-payload', 'skip-sanitize-payload', 'clearselectors'],
  ...['>secret', '<secret', '<unknown', '#short', `#${'ab'.repeat(32)}`, `!${'ab'.repeat(32)}`],
  ...['~*', '~a*', '~str:*', '%R~r*', '%W~w*', '%RW~both*', '%X~x', '%R', '~', '&*', '&news:*'],
  ...['+@all', '-@all', '+@read', '-@write', '+@hash', '-@dangerous', '+@nosuch', '-@stream', '+@fast', '-@admin'],
  ...[
    '+get',
    '+set',
    '-get',
    '+config|get',
    '-config|set',
    '+config',
    '-config',
    '+select|0',
    '+nosuch',
    '+acl|whoami',
  ],
  ...['+GET', '+@READ', '-client|kill', '+client', '+xadd', '-debug', '+memory|usage', '+script|load'],
  ...['(+get ~sel*)', '(+@all %R~only*)', '(+nosuch)', '(~a* ~b*', 'word', ''],
];

const scripts = [
  'return 1',
  "return redis.call('GET', KEYS[1])",
  "return redis.call('SET', KEYS[1], ARGV[1])",
  'return {KEYS[1], ARGV[1], #KEYS, #ARGV}',
  "#!lua flags=no-writes\nreturn redis.call('SET', KEYS[1], 'x')",
  "return redis.error_reply('MINE of this script')",
  'return nosuchglobal',
  'syntax error',
];

/** One function each: the order of several is that of a hash table. */
const libraries = [
  "#!lua name=first\nredis.register_function('f1', function(keys, args) return redis.call('GET', keys[1]) end)",
  "#!lua name=first\nredis.register_function('f1', function(keys, args) return {keys[1], args[1]} end)",
  "#!lua name=second\nredis.register_function{function_name='f2', callback=function(keys, args) return #keys end, flags={'no-writes'}, description='counts'}",
  "#!lua name=third\nredis.register_function('f3', function(keys, args) return redis.call('SET', keys[1], args[1]) end)",
  "#!lua name=third\nredis.register_function('f1', function() return 'another of this name' end)",
  '#!lua name=empty\nreturn 1',
  '#!lua name=wrong\nredis.register_function(',
  "#!lua name=bad-name\nredis.register_function('f1', function() end)",
  '#!js name=first\n1',
  '#!lua\nreturn 1',
  "redis.register_function('f1', function() end)",
];

const shas = [...scripts.map((source) => createHash('sha1').update(source).digest('hex')), 'ab'.repeat(20), 'short'];

export const administrationMakers: Record<string, (values: Values) => string | string[]> = {
  user: (v) => v.pick([...users, ...users, 'nobody']),
  aclrule: (v) => v.pick(rules),
  category: (v) => v.pick(['read', 'HASH', 'dangerous', 'stream', 'scripting', 'blocking', 'geo', 'nosuch']),
  smallscript: (v) => v.pick(scripts),
  scriptsha: (v) => (v.chance(0.1) ? v.pick(shas).toUpperCase() : v.pick(shas)),
  library: (v) => v.pick(libraries),
  libname: (v) => v.pick(['first', 'second', 'third', 'none']),
  libglob: (v) => v.pick(['*', 'f*', 'second', '']),
  fname: (v) => v.pick(['f1', 'f2', 'f3', 'F1', 'none']),
};
