import { readFileSync } from 'node:fs';

/** The public names of the packages that people come from, out of their declarations. */

const io = 'node_modules/ioredis/built';
const node = 'node_modules/@redis/client/dist/lib';
const read = (path: string): string => readFileSync(path, 'utf8');
const distinct = (names: readonly string[]): string[] => [...new Set(names)];

/** The names in a declared class, interface or type: what is private, or marked as not for use, is left out. */
export function membersOf(path: string, head: RegExp): string[] {
  const text = read(path);
  const start = head.exec(text);
  if (start === null) throw new Error(`${path}: nothing matches ${head}`);
  const names: string[] = [];
  let ignored = false;
  let inDoc = false;
  for (const line of text.slice(start.index).split('\n').slice(1)) {
    if (/^}/.test(line)) break;
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
    list!.split(',').map((part) => part.replace(/\btype\b/, '').trim().split(' as ').pop()!),
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
  ...['AbortError', 'ClusterAllFailedError', 'InterruptError', 'MaxRetriesPerRequestError', 'ParserError', 'RedisError'],
];

export function nodeRedisNames(): TheirNames {
  const index = read(`${node}/commands/index.d.ts`);
  const commands = distinct([...index.matchAll(/^ {4}(?:readonly )?([a-z]\w*): /gm)].map(([, name]) => name!));
  const modules = (name: string): string[] =>
    [...read(`node_modules/@redis/${name}/dist/lib/commands/index.d.ts`).matchAll(/^ {4}(?:readonly )?([a-z]\w*): /gm)].map(
      ([, one]) => one!,
    );
  const bloom = (name: string): string[] =>
    [
      ...read(`node_modules/@redis/bloom/dist/lib/commands/${name}/index.d.ts`).matchAll(
        /^ {4}(?:readonly )?([a-z]\w*): /gm,
      ),
    ].map(([, one]) => one!);
  const lower = (names: readonly string[]): string[] => names.filter((name) => !/^[A-Z]+$/.test(name));
  const methods = (label: string, names: readonly string[]): string[] => lower(names).map((name) => `${label}.${name}`);
  const options = (label: string, path: string, head: RegExp): string[] =>
    membersOf(`${node}/${path}`, head).map((name) => `${label} { ${name} }`);
  const errors = [...read(`${node}/errors.d.ts`).matchAll(/^export declare class (\w+)/gm)].map(([, name]) => name!);
  return {
    commands: [
      ...commands,
      ...modules('json').map((name) => `json.${name}`),
      ...modules('search').map((name) => `ft.${name}`),
      ...modules('time-series').map((name) => `ts.${name}`),
      ...bloom('bloom').map((name) => `bf.${name}`),
      ...bloom('count-min-sketch').map((name) => `cms.${name}`),
      ...bloom('cuckoo').map((name) => `cf.${name}`),
      ...bloom('t-digest').map((name) => `tDigest.${name}`),
      ...bloom('top-k').map((name) => `topK.${name}`),
    ].filter((name, i, all) => all.indexOf(name) === i),
    others: [
      ...exportsOf('node_modules/@redis/client/dist/index.d.ts').map((name) => `import { ${name} }`),
      ...methods('client', membersOf(`${node}/client/index.d.ts`, /^export default class RedisClient/m)),
      ...methods('multi', membersOf(`${node}/client/multi-command.d.ts`, /^export default class RedisClientMultiCommand/m)),
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
  ...['connect', 'ready', 'error', 'end', 'reconnecting', 'invalidate', 'sharded-channel-moved', 'server'],
  ...['node-connect', 'node-ready', 'node-error', 'node-reconnecting', 'node-disconnect'],
  ...['topology-change', 'client-error'],
];
