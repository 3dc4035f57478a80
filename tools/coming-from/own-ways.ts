import { dataExamples } from './data-examples.js';
import type { Example } from './example.js';
import { serverExamples } from './server-examples.js';

interface OwnWay {
  readonly example: Example;
  readonly difference: string;
}

const run = (difference: string, ...lines: string[]): OwnWay => ({ example: { how: 'run', lines }, difference });
const shown = (difference: string, line: string): OwnWay => ({ example: { how: 'shown', lines: [line] }, difference });
/** A command there that is a method of another name here. */
const as = (method: string, difference = `\`${method}\``): OwnWay => ({
  example: (dataExamples[method] ?? serverExamples[method])!,
  difference,
});

const listen = "await db.subscribe('news', (message) => console.log(message));";
const ended = 'ends one, or all; a subscription has `close()` too';

/** What has a face of its own here, or another name than the command's. */
export const ownWays: Readonly<Record<string, OwnWay>> = {
  call: run('any command, by its name', "await db.call('SET', 'k', 'v'); // 'OK'"),
  callBuffer: run(
    'a view with bytes',
    "await db.set('k', 'v');",
    "await db.with({ as: 'bytes' }).call('GET', 'k'); // bytes of 'v'",
  ),
  command: as('commandInfo', 'a method for each subcommand: `commandInfo` `commandDocs` …'),
  discard: run('of the batch', "const batch = db.multi().incr('k');", 'batch.discard();', 'batch.length; // 0'),
  exec: run('of the batch', "await db.multi().incr('k').exec(); // [1]"),
  failover: shown('by name', "db.call('FAILOVER')"),
  hello: shown('the handshake says it: `protocol`, `name`, `password`', 'open(redis, { protocol: 2 })'),
  multi: run('same', "await db.multi().incr('k').exec(); // [1]"),
  watch: run(
    'on a reserved connection, repeated if a watched key changed',
    "await db.transaction((watched) => watched.multi().incr('k').exec(), 'k'); // [1]",
  ),
  unwatch: run(
    'of a reserved connection',
    'await using own = await db.reserve();',
    "await own.watch('k');",
    'await own.unwatch();',
    "await other.set('k', 'v');",
    "await own.multi().get('k').exec(); // ['v']",
  ),
  subscribe: run('with its listener; the client can do everything else too', listen),
  unsubscribe: run(ended, listen, "await db.unsubscribe('news');"),
  psubscribe: run('as `subscribe`', "await db.psubscribe('news.*', (message) => console.log(message));"),
  punsubscribe: run(ended, "await db.psubscribe('n*', () => {});", "await db.punsubscribe('n*');"),
  ssubscribe: run('as `subscribe`', "await db.ssubscribe('news', (message) => console.log(message));"),
  sunsubscribe: run(ended, "await db.ssubscribe('news', () => {});", "await db.sunsubscribe('news');"),
  monitor: shown('an async iterable', 'db.monitor()'),
  quit: run('`close`: waits for replies that are due', 'const client = open(redis);', 'await client.close();'),
  reset: run('a connection that is given back is reset', 'const own = await db.reserve();', 'own.release();'),
  shutdown: shown('by name', "db.call('SHUTDOWN', 'NOSAVE')"),
  sync: shown('only with `openConnection`', "openConnection(redis).sendCommand('SYNC')"),
  psync: shown('only with `openConnection`', "openConnection(redis).sendCommand('PSYNC', '?', -1)"),
  replconf: shown('by name', "db.call('REPLCONF', 'GETACK', '*')"),
  pfdebug: shown('by name', "db.call('PFDEBUG', 'ENCODING', 'p')"),
  pfselftest: shown('by name', "db.call('PFSELFTEST')"),

  functionListWithCode: run(
    'an option',
    'await db.functionFlush();',
    'await db.functionList({ withCode: true }); // []',
  ),
  geoRadiusWith: as('georadiusDetails'),
  geoRadiusRoWith: as('georadiusRoDetails'),
  geoRadiusByMemberWith: as('georadiusbymemberDetails'),
  geoRadiusByMemberRoWith: as('georadiusbymemberRoDetails'),
  geoSearchWith: as('geosearchDetails'),
  hRandFieldCountWithValues: as('hrandfieldWithValues'),
  hScanNoValues: run(
    'values come along; `hkeys` has fields alone',
    "await db.hset('h', 'a', 1);",
    "await db.hkeys('h'); // ['a']",
  ),
  lcsIdxWithMatchLen: as('lcsIdx', '`lcsIdx` has lengths'),
  moduleLoad: shown('by name', "db.call('MODULE LOAD', '/path/to/module.so')"),
  moduleUnload: shown('by name', "db.call('MODULE UNLOAD', 'name')"),
  restoreAsking: shown('by name', "db.call('RESTORE-ASKING', 'k', 0, 'payload')"),
  scriptDebug: shown('by name', "db.call('SCRIPT DEBUG', 'NO')"),
  xAddNoMkStream: as('xaddIfExists'),
  xAutoClaimJustId: as('xautoclaimIds'),
  xClaimJustId: as('xclaimIds'),
  zRandMemberCountWithScores: as('zrandmemberWithScores'),
};
