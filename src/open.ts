import type { Backend } from './backend/backend.js';
import { Redis } from './backend/facade.js';
import { LazyBackend } from './backend/lazy-backend.js';
import type { TextView, ViewOptions, ViewWith } from './backend/view.js';
import { idleStats } from './client/client-stats.js';
import { idleClusterStats } from './client/cluster/cluster-stats.js';
import type { ClusterArguments } from './client/cluster/cluster-url.js';
import { isClusterUrl, parseClusterUrl } from './client/cluster/cluster-url.js';
import { isClientUrl, parseUrl, type UrlArguments } from './client/url.js';
import { DataError } from './core/errors.js';
import { fromNode } from './core/node-modules.js';
import { checkEngineOptions, type EngineOptions } from './engine/engine-options.js';
import { idleEngineStats } from './engine/engine-stats.js';
import { openMemory } from './open-memory.js';
import { type MirrorSource, openMirrorBackend, openRingBackend, type RingSource } from './open-nodes.js';

/** How `open` makes an engine in the process, or a client of a server; each takes what concerns it. */
export interface OpenOptions
  extends EngineOptions,
    Omit<ViewOptions, 'codec'>,
    Omit<UrlArguments, 'readFrom'>,
    Pick<ClusterArguments, 'readFrom' | 'refreshInterval' | 'redirectsMax'> {
  /** The server is a node of a cluster: its other nodes are found and used too. */
  clustering?: boolean;
}

/** What leaves replies as text and numbers: most calls, for which the compiler need not work out a view. */
type PlainView = { as?: 'text'; integers?: 'number' };

const whole = { transactions: true, blocking: true, pubsub: true } as const;
const ofMany = { ...whole, manyNodes: true } as const;

/**
 * Opens a Redis by URL and returns its API. Nothing is connected before the first command.
 *
 * - `memory:` is an engine of its own in this process, empty at the start and gone with `close()`.
 * - `file:./data` is an engine in this process whose data live in that folder, written as they change and loaded by the
 *   first command. One process at a time may have it open. `close()` writes what is left. Needs Node.
 * - `redis+cluster://host:port[,host:port…]` is a cluster, of which some nodes are named; so is `redis://host:port` with the
 *   option `clustering: true`. `rediss+cluster://` speaks TLS.
 * - `redis://[user[:password]@]host[:port][/db][?option=value]` is a server; `rediss://` speaks TLS; `unix:///path` goes by
 *   a unix socket; `valkey://`, `valkeys://` and `redis+unix://` are other names of these. `redis://a,b,c` is a failover
 *   pair: several hosts of which one is the primary, wherever it is at the time. `redis+sentinel://a,b,c/service[/db]` is
 *   the primary that these Sentinels know by that name. `options` are what the URL does not say. The client is loaded by its first command.
 *
 * Throws DataError for any other URL and for options that the URL cannot have.
 */
export function open(url?: string, options?: OpenOptions & PlainView): Redis;
export function open<const O extends OpenOptions>(url: string, options: O): Redis<ViewWith<TextView, O>>;
/**
 * Opens a ring, `{ ring: [node, …] }`, whose keys are spread over the nodes by consistent hashing, or a mirror,
 * `{ mirror: [node, …] }`, which keeps the same data at all of them. A node is a URL, `{ url, name, weight, … }`, another
 * `{ ring }` or `{ mirror }`, or an open Redis, which stays its owner's to close. `redis.nodes` has each node's own API,
 * `redis.each` gives a command to all.
 */
export function open(source: (RingSource | MirrorSource) & PlainView): Redis;
export function open<const S extends RingSource | MirrorSource>(source: S): Redis<ViewWith<TextView, S>>;
export function open(source: string | RingSource | MirrorSource = 'memory:', options: OpenOptions = {}): unknown {
  if (typeof source !== 'string') {
    const { as, integers } = source;
    const backend = 'ring' in source ? openRingBackend(source, openBackend) : openMirrorBackend(source, openBackend);
    return new Redis(backend, { ...(as && { as }), ...(integers && { integers }) });
  }
  const url = source;
  const { as, integers, signal, prefix } = options;
  const view = {
    ...(as && { as }),
    ...(integers && { integers }),
    ...(signal && { signal }),
    ...(prefix && { prefix }),
  };
  return new Redis(openBackend(url, options), view);
}

/** The backend of a URL, for the nodes of a ring or mirror as for `open`. */
export function openBackend(url: string, options: OpenOptions = {}): Backend {
  if (isClusterUrl(url) || (options.clustering && isClientUrl(url))) return openCluster(url, options);
  if (isClientUrl(url)) return openClient(url, options);
  if (url.startsWith('file:')) return openFolder(url, options);
  if (url !== 'memory:') {
    throw new DataError(
      `cannot open '${schemeOf(url)}': expected memory:, file:, redis://, rediss://, redis+sentinel://, redis+cluster:// or unix://`,
    );
  }
  return openMemory(options);
}

function openFolder(url: string, options: OpenOptions): Backend {
  if (/^file:\/*$/.test(url)) throw new DataError("'file:' names no folder: expected a path, as in file:./data");
  checkEngineOptions(options);
  const load = async (): Promise<Backend> => {
    const { FolderBackend, folderOf } = await fromNode('file:', () => import('./persistence/folder-backend.js'));
    return FolderBackend.open(folderOf(url), options);
  };
  return new LazyBackend(whole, load, idleEngineStats);
}

function openCluster(url: string, { as, integers, signal, clustering, ...rest }: OpenOptions): Backend {
  const options = parseClusterUrl(url, rest);
  const load = async (): Promise<Backend> => {
    const { ClusterBackend } = await fromNode(schemeOf(url), () => import('./client/cluster/cluster-backend.js'));
    return new ClusterBackend(options);
  };
  return new LazyBackend(ofMany, load, () => idleClusterStats(options));
}

function openClient(url: string, { as, integers, signal, readFrom, ...rest }: OpenOptions): Backend {
  if (readFrom === 'nearest') throw new DataError("readFrom: 'nearest' needs a cluster");
  const options = parseUrl(url, { ...rest, ...(readFrom && { readFrom }) });
  const load = async (): Promise<Backend> => {
    const { loadClient } = await fromNode(schemeOf(url), () => import('./client/late-client.js'));
    return await fromNode(schemeOf(url), () => loadClient(options));
  };
  return new LazyBackend(whole, load, () => idleStats(options));
}

/** The scheme alone: the rest of a URL may hold a password. */
function schemeOf(url: string): string {
  const colon = url.indexOf(':');
  return colon < 0 ? url : url.slice(0, colon + 1);
}
