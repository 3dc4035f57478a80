import { LazyBackend } from '../../backend/lazy-backend.js';
import { DataError } from '../../core/errors.js';
import { cacheSettings } from '../cache-options.js';
import { type ClusterOptions, seedsOf } from './cluster-options.js';
import { idleClusterStats } from './cluster-stats.js';

const capabilities = { transactions: true, blocking: true, pubsub: true, manyNodes: true } as const;

/**
 * A cluster as a backend: each command goes to the node that serves its keys, wherever that is at the time. Nothing is
 * loaded or connected before the first command; then one node tells of the others.
 */
export class ClusterBackend extends LazyBackend {
  /** Throws DataError for options that do not fit together. */
  constructor(options: ClusterOptions = {}) {
    checkOptions(options);
    const load = async () => {
      const { ClusterBackend } = await import('./cluster-backend.js');
      return new ClusterBackend(options);
    };
    super(capabilities, load, () => idleClusterStats(options));
  }
}

function checkOptions(options: ClusterOptions): void {
  const { protocol = 3, readFrom = 'primary', cache = false } = options;
  seedsOf(options);
  if (cache === false) return;
  cacheSettings(cache === true ? {} : cache);
  if (protocol !== 3 || readFrom !== 'primary') throw new DataError('a cache needs RESP3, and reads from the primary');
}
