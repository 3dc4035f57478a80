import { DataError } from '../core/errors.js';
import type { CacheOptions } from './caching.js';

const defaults = { entriesMax: 10_000, bytesMax: 67_108_864, ttl: 0 } as const;

/** The options of a cache with nothing left open. Throws DataError for those that no cache can have. */
export function cacheSettings(options: CacheOptions) {
  const { mode = 'default', prefixes = [] } = options;
  const limits = {
    entriesMax: options.entriesMax ?? defaults.entriesMax,
    bytesMax: options.bytesMax ?? defaults.bytesMax,
    ttl: options.ttl ?? defaults.ttl,
  };
  for (const [name, value] of Object.entries(limits)) {
    if (!(Number.isFinite(value) && value >= 0)) throw new DataError(`the cache's ${name} is a number of at least 0`);
  }
  if (mode !== 'default' && mode !== 'broadcast')
    throw new DataError("the cache's mode: expected default or broadcast");
  if (mode === 'default' && prefixes.length > 0) throw new DataError("the cache's prefixes are for the mode broadcast");
  return { mode, prefixes, limits };
}
