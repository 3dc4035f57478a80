import type { Backend } from './backend/backend.js';
import { Redis } from './backend/facade.js';
import type { ViewOptions } from './backend/view.js';
import { DataError } from './core/errors.js';
import { mirrorOf, ringOf } from './late-group.js';
import type { OpenOptions } from './open.js';
import type { MirrorOptions } from './sharding/mirror.js';
import type { NodeInput } from './sharding/node.js';
import type { RingOptions } from './sharding/ring.js';

/** What every way to name a node may say beside it. */
export interface NodePlace {
  /** For messages, events, `nodes` and the placing of keys; the node's number (`0`, `1` …) unless given. */
  readonly name?: string;
  /** Its share of the keys, 1 unless given. */
  readonly weight?: number;
}

/** A node by its URL, with what `open` would take. */
export interface UrlNode extends Omit<OpenOptions, 'name'>, NodePlace {
  readonly url: string;
}

/** A Redis of whatever view: only what is behind it counts. */
export type AnyRedis = Pick<Redis, 'close' | 'connect' | 'destroy' | 'stats'>;

/** A node that is there already. It is left open when the whole is closed. */
export interface OpenNode extends NodePlace {
  readonly redis: AnyRedis | Backend;
}

/**
 * A node of a ring or mirror: a URL, a URL with options, an open Redis (which stays its owner's to close), or another ring
 * or mirror.
 */
export type NodeSource = string | AnyRedis | UrlNode | OpenNode | (RingSource & NodePlace) | (MirrorSource & NodePlace);

/** Keys spread over nodes by consistent hashing. */
export interface RingSource extends RingOptions, Pick<ViewOptions, 'as' | 'integers'> {
  readonly ring: readonly NodeSource[];
}

/** The same data at every node. */
export interface MirrorSource extends MirrorOptions, Pick<ViewOptions, 'as' | 'integers'> {
  readonly mirror: readonly NodeSource[];
}

/** Opens the backend of a URL. */
export type OpenUrl = (url: string, options?: OpenOptions) => Backend;

/** The backend of a ring. Throws DataError for nodes that cannot be. */
export function openRingBackend({ ring, ...options }: RingSource, openUrl: OpenUrl): Backend {
  return ringOf(nodeInputs(ring, openUrl), options);
}

/** The backend of a mirror. Throws DataError for nodes that cannot be. */
export function openMirrorBackend({ mirror, ...options }: MirrorSource, openUrl: OpenUrl): Backend {
  return mirrorOf(nodeInputs(mirror, openUrl), options);
}

/** What is behind each node that was named in any of the ways. Throws DataError for what names none. */
export function nodeInputs(sources: readonly NodeSource[], openUrl: OpenUrl): NodeInput[] {
  if (!Array.isArray(sources)) throw new DataError('expected a URL, { ring: [node, …] } or { mirror: [node, …] }');
  return (sources as readonly NodeSource[]).map((source) => inputOf(source, openUrl));
}

function inputOf(source: NodeSource, openUrl: OpenUrl): NodeInput {
  if (typeof source === 'string') return { backend: openUrl(source) };
  if (source instanceof Redis) return { backend: source.backend, owned: false };
  const { name, weight } = source as NodePlace;
  const place = { ...(name === undefined ? {} : { name }), ...(weight === undefined ? {} : { weight }) };
  if ('redis' in source) {
    return {
      ...place,
      backend: source.redis instanceof Redis ? source.redis.backend : (source.redis as Backend),
      owned: false,
    };
  }
  if ('ring' in source) return { ...place, backend: openRingBackend(source, openUrl) };
  if ('mirror' in source) return { ...place, backend: openMirrorBackend(source, openUrl) };
  if ('url' in source && typeof source.url === 'string') {
    const { url, name: _name, weight: _weight, ...options } = source;
    return { ...place, backend: openUrl(url, options) };
  }
  throw new DataError('a node is a URL, { url }, { redis }, { ring }, { mirror } or an open Redis');
}
