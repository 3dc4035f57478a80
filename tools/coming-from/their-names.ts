import { readFileSync } from 'node:fs';

/** The public names of the packages that people come from, out of their declarations. */

const io = 'node_modules/ioredis/built';
const node = 'node_modules/@redis/client/dist/lib';
const read = (path: string): string => readFileSync(path, 'utf8');
const distinct = (names: readonly string[]): string[] => [...new Set(names)];

/** The names in a declared class, interface or type: what is private, or marked as not for use, is left out. */
function membersOf(path: string, head: RegExp): string[] {
  const text = read(path);
  const start = head.exec(text);
  if (start === null) throw new Error(`${path}: nothing matches ${head}`);
  const names: string[] = [];
  let ignored = false;
  let inDoc = false;
  for (const line of text.slice(start.index).split('\n').slice(1)) {
    // What came so far was the default of a type parameter.
    if (/^}> \{/.test(line)) names.length = 0;
    if (/^}\s*$/.test(line)) break;
    if (/^ {4}\/\*\*/.test(line)) inDoc = true;
    if (inDoc && line.includes('@ignore')) ignored = true;
    if (inDoc && line.includes('*/')) {
      inDoc = false;
      continue;
    }
    if (inDoc) continue;
    const name = /^ {4}(?:static |readonly |get |set )*(\w+)\??\s*(?:[(:<]|= )/.exec(line)?.[1];
    const hidden = /^ {4}(?:private|protected|#|constructor)/.test(line) || (name?.startsWith('_') ?? false);
    if (name !== undefined && !hidden && !ignored) names.push(name);
    if (/^ {4}\S/.test(line)) ignored = false;
  }
  return distinct(names);
}

/** The names that a module exports. */
function exportsOf(path: string, wanted: (name: string) => boolean = () => true): string[] {
  const lists = [...read(path).matchAll(/^export (?:type )?\{([^}]*)\}/gm)].flatMap(([, list]) =>
    list!.split(',').map(
      (part) =>
        part
          .replace(/\btype\b/, '')
          .trim()
          .split(' as ')
          .pop()!,
    ),
  );
  const own = [...read(path).matchAll(/^export declare (?:const|function|class) (\w+)/gm)].map(([, name]) => name!);
  return distinct([...lists, ...own]).filter((name) => name !== '' && name !== 'default' && wanted(name));
}

export interface TheirNames {
  /** Commands, as their methods are called. */
  readonly commands: readonly string[];
  /** All else, as it is written in the first column. */
  readonly others: readonly string[];
}

export function ioredisNames(): TheirNames {
  const commander = read(`${io}/utils/RedisCommander.d.ts`);
  const commands = distinct([...commander.matchAll(/^ {4}(\w+)\(/gm)].map(([, name]) => name!));
  const methods = (label: string, names: readonly string[]): string[] => names.map((name) => `${label}.${name}`);
  const options = `${io}/redis/RedisOptions.d.ts`;
  const sentinel = `${io}/connectors/SentinelConnector/index.d.ts`;
  return {
    commands,
    others: [
      ...exportsOf(`${io}/index.d.ts`).map((name) => `import { ${name} }`),
      ...methods('redis', membersOf(`${io}/Redis.d.ts`, /^declare class Redis /m)),
      ...methods('redis', membersOf(`${io}/utils/Commander.d.ts`, /^declare class Commander/m)).filter(
        (name) => name !== 'redis.options',
      ),
      ...methods('redis', membersOf(`${io}/transaction.d.ts`, /^export interface Transaction/m)),
      ...methods('pipeline', membersOf(`${io}/Pipeline.d.ts`, /^declare class Pipeline/m)),
      ...methods('stream', membersOf(`${io}/ScanStream.d.ts`, /^export default class ScanStream/m)),
      ...methods('cluster', membersOf(`${io}/cluster/index.d.ts`, /^declare class Cluster /m)),
      ...['host', 'port', 'family', 'path', 'disconnectTimeout', 'tls'].map((name) => `{ ${name} }`),
      ...membersOf(options, /^export interface CommonRedisOptions/m).map((name) => `{ ${name} }`),
      ...membersOf(`${io}/utils/Commander.d.ts`, /^export interface CommanderOptions/m).map((name) => `{ ${name} }`),
      ...membersOf(sentinel, /^export interface SentinelConnectionOptions/m)
        .filter((name) => !['tls', 'connectTimeout', 'disconnectTimeout'].includes(name))
        .map((name) => `{ ${name} }`),
      ...membersOf(`${io}/cluster/ClusterOptions.d.ts`, /^export interface ClusterOptions/m).map(
        (name) => `Cluster { ${name} }`,
      ),
      ...membersOf(`${io}/types.d.ts`, /^export interface ScanStreamOptions/m).map((name) => `scanStream { ${name} }`),
      ...ioredisEvents.map((name) => `on('${name}')`),
      ...ioredisErrors.map((name) => `error ${name}`),
    ],
  };
}

/** Declared nowhere: those that its code emits. */
const ioredisEvents = [
  ...['wait', 'connecting', 'connect', 'ready', 'error', 'close', 'reconnecting', 'end', 'select', 'drain'],
  ...['message', 'messageBuffer', 'pmessage', 'pmessageBuffer', 'smessage', 'smessageBuffer', 'monitor'],
  ...['+node', '-node', 'node error', 'refresh'],
];
const ioredisErrors = [
  ...[
    'AbortError',
    'ClusterAllFailedError',
    'InterruptError',
    'MaxRetriesPerRequestError',
    'ParserError',
    'RedisError',
  ],
];

/** The modules of commands in node-redis: where they are declared, and the object of the client that has them. */
const nodeModules: readonly (readonly [object: string, folder: string])[] = [
  ['', '@redis/client/dist/lib/commands'],
  ['json', '@redis/json/dist/lib/commands'],
  ['ft', '@redis/search/dist/lib/commands'],
  ['ts', '@redis/time-series/dist/lib/commands'],
  ['bf', '@redis/bloom/dist/lib/commands/bloom'],
  ['cms', '@redis/bloom/dist/lib/commands/count-min-sketch'],
  ['cf', '@redis/bloom/dist/lib/commands/cuckoo'],
  ['tDigest', '@redis/bloom/dist/lib/commands/t-digest'],
  ['topK', '@redis/bloom/dist/lib/commands/top-k'],
];

/** The keys of the object of commands that a module declares. */
function keysOf(folder: string): string[] {
  const text = read(`node_modules/${folder}/index.d.ts`);
  return distinct([...text.matchAll(/^ {4}(?:readonly )?(\w+): /gm)].map(([, name]) => name!));
}

const named = (object: string, name: string): string => (object === '' ? name : `${object}.${name}`);

/** The command's name in capitals, as node-redis has it too, by its method: `ft.CONFIG_GET` of `ft.configGet`. */
export function nodeRedisConstants(): ReadonlyMap<string, string> {
  const found = nodeModules.flatMap(([object, folder]) => {
    const keys = keysOf(folder);
    const constants = new Map(keys.filter(isConstant).map((key) => [key.replaceAll('_', ''), key]));
    return keys
      .filter((key) => !isConstant(key) && constants.has(key.toUpperCase()))
      .map((key) => [named(object, key), named(object.toUpperCase(), constants.get(key.toUpperCase())!)] as const);
  });
  return new Map(found);
}

const isConstant = (name: string): boolean => /^[A-Z_0-9]+$/.test(name);

export function nodeRedisNames(): TheirNames {
  const lower = (names: readonly string[]): string[] => names.filter((name) => !/^[A-Z]+$/.test(name));
  const methods = (label: string, names: readonly string[]): string[] => lower(names).map((name) => `${label}.${name}`);
  const options = (label: string, path: string, head: RegExp): string[] =>
    membersOf(`${node}/${path}`, head).map((name) => `${label} { ${name} }`);
  const errors = [...read(`${node}/errors.d.ts`).matchAll(/^export declare class (\w+)/gm)].map(([, name]) => name!);
  return {
    commands: nodeModules.flatMap(([object, folder]) =>
      keysOf(folder)
        .filter((name) => /^[a-z]/.test(name))
        .map((name) => named(object, name)),
    ),
    others: [
      ...exportsOf('node_modules/@redis/client/dist/index.d.ts').map((name) => `import { ${name} }`),
      ...methods('client', membersOf(`${node}/client/index.d.ts`, /^export default class RedisClient/m)),
      ...methods(
        'multi',
        membersOf(`${node}/client/multi-command.d.ts`, /^export default class RedisClientMultiCommand/m),
      ),
      ...methods('pool', membersOf(`${node}/client/pool.d.ts`, /^export declare class RedisClientPool/m)),
      ...methods('cluster', membersOf(`${node}/cluster/index.d.ts`, /^export default class RedisCluster/m)),
      ...methods('sentinel', membersOf(`${node}/sentinel/index.d.ts`, /^export default class RedisSentinel</m)),
      ...options('createClient', 'client/index.d.ts', /^export interface RedisClientOptions/m),
      ...['connectTimeout', 'reconnectStrategy', 'socketTimeout', 'tls', 'host', 'port', 'path', 'keepAlive'].map(
        (name) => `socket { ${name} }`,
      ),
      ...options('createClientPool', 'client/pool.d.ts', /^export interface RedisPoolOptions/m),
      ...options('createCluster', 'cluster/index.d.ts', /^export interface RedisClusterOptions/m),
      ...options('createSentinel', 'sentinel/types.d.ts', /^export interface RedisSentinelOptions/m),
      ...nodeRedisEvents.map((name) => `on('${name}')`),
      ...errors.map((name) => `error ${name}`),
    ],
  };
}

/** Declared nowhere: those that its code emits. */
const nodeRedisEvents = [
  ...['connect', 'ready', 'error', 'end', 'reconnecting', 'invalidate', 'sharded-channel-moved'],
  ...['node-connect', 'node-ready', 'node-error', 'node-reconnecting', 'node-disconnect'],
  ...['topology-change', 'client-error'],
];
