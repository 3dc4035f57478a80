import { aList, including, matching, refused, type Script } from './script.js';

const ADD = "return redis.call('INCRBY', KEYS[1], ARGV[1])";
const LOOK = "return redis.call('GET', KEYS[1])";
const LIBRARY = `#!lua name=counters
redis.register_function('add', function(keys, args) return redis.call('INCRBY', keys[1], args[1]) end)
redis.register_function{function_name = 'look', callback = function(keys) return redis.call('GET', keys[1]) end, flags = {'no-writes'}}
`;
const sha = matching(/^[0-9a-f]{40}$/);

export const scriptingScripts: readonly Script[] = [
  [
    'scripts',
    [(db) => db.scriptFlush(), 'OK'],
    [(db) => db.eval(ADD, 'n', 5), 5],
    [(db) => db.eval(ADD, ['n'], [2]), 7],
    [(db) => db.evalRo(LOOK, 'n'), '7'],
    [(db) => db.evalRo(ADD, 'n', 1), refused('ERR')],
    [(db) => db.eval("return {1, 'two', {3.9}, false}", 'n'), [1, 'two', [3], null]],
    [(db) => db.eval('return nosuch', 'n'), refused('ERR')],
    [(db) => db.eval("return redis.error_reply('MINE of the script')", 'n'), refused('MINE')],
    [(db) => db.scriptLoad(LOOK), sha],
    [async (db) => db.scriptExists(await db.scriptLoad(ADD), 'nosuch'), [true, false]],
    [async (db) => db.evalsha(await db.scriptLoad(ADD), 'n', 1), 8],
    [async (db) => db.evalshaRo(await db.scriptLoad(LOOK), 'n'), '8'],
    [(db) => db.evalsha('ab'.repeat(20), 'n'), refused('NOSCRIPT')],
    [(db) => db.scriptKill(), refused('NOTBUSY')],
    [(db) => db.scriptHelp(), aList],
    [(db) => db.scriptFlush({ mode: 'sync' }), 'OK'],
    [async (db) => db.scriptExists('ab'.repeat(20)), [false]],
  ],
  [
    'functions',
    [(db) => db.functionFlush(), 'OK'],
    [(db) => db.functionLoad(LIBRARY), 'counters'],
    [(db) => db.functionLoad(LIBRARY), refused('ERR')],
    [(db) => db.functionLoad(LIBRARY, { replace: true }), 'counters'],
    [(db) => db.fcall('add', 'n', 5), 5],
    [(db) => db.fcall('add', ['n'], [2]), 7],
    [(db) => db.fcallRo('look', 'n'), '7'],
    [(db) => db.fcallRo('add', 'n', 1), refused('ERR')],
    [(db) => db.fcall('none', 'n'), refused('ERR')],
    [async (db) => (await db.functionList({ libraryName: 'c*' })).map((library) => library.library_name), ['counters']],
    [(db) => db.functionStats(), including({ running_script: null }), 'oneServer'],
    [
      async (db) => {
        const libraries = await db.functionDump();
        await db.functionDelete('counters');
        return [await db.functionRestore(libraries), await db.fcallRo('look', 'n')];
      },
      ['OK', '7'],
    ],
    [(db) => db.functionKill(), refused('NOTBUSY')],
    [(db) => db.functionHelp(), aList],
    [(db) => db.functionDelete('counters'), 'OK'],
    [(db) => db.functionDelete('counters'), refused('ERR')],
    [(db) => db.functionFlush({ mode: 'sync' }), 'OK'],
  ],
];
