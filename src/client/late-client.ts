import type { CallOptions, Lease } from '../backend/backend.js';
import { LazyBackend } from '../backend/lazy-backend.js';
import { DataError } from '../core/errors.js';
import type { PushReply } from '../core/reply.js';
import { cacheSettings } from './cache-options.js';
import type { ClientBackend as LoadedClient } from './client-backend.js';
import { type ClientOptions, connectionSettings } from './client-options.js';
import { idleStats } from './client-stats.js';
import { topologyOf } from './topology.js';

const capabilities = { transactions: true, blocking: true, pubsub: true } as const;

/**
 * A server as a backend. Commands share one connection; those that block, and conversations (WATCH, subscriptions),
 * get connections of their own from a pool. Nothing is loaded or connected before the first command.
 */
export class ClientBackend extends LazyBackend<LoadedClient> {
  /** Throws DataError for options that do not fit together. */
  constructor(options: ClientOptions = {}) {
    checkOptions(options);
    super(
      capabilities,
      () => loadClient(options),
      () => idleStats(options),
    );
  }

  /** @internal Only once it is loaded. */
  get pool(): LoadedClient['pool'] {
    return this.loaded!.pool;
  }

  /** A connection of one's own. Connecting is tried again until the deadline of the call. */
  async reserve(onPush?: (push: PushReply) => void, options?: CallOptions): Promise<Lease> {
    return await (await this.load()).reserve(onPush, options);
  }
}

/** The client itself. */
export async function loadClient({ pool, ...options }: ClientOptions): Promise<LoadedClient> {
  const [{ ClientBackend }, own] = await Promise.all([import('./client-backend.js'), pool?.load()]);
  return new ClientBackend(own === undefined ? options : { ...options, pool: own });
}

function checkOptions(options: ClientOptions): void {
  const { pool, readFrom = 'primary', cache = false } = options;
  const settings = pool?.settings ?? connectionSettings(options);
  const topology = pool === undefined ? topologyOf(options, settings) : pool.topology;
  if (topology === null && readFrom !== 'primary') throw new DataError('readFrom needs several hosts, or Sentinels');
  if (cache === false) return;
  cacheSettings(cache === true ? {} : cache);
  if (settings.protocol !== 3 || readFrom !== 'primary')
    throw new DataError('a cache needs RESP3, and reads from the primary');
}
