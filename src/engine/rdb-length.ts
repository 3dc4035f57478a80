import type { Engine } from './engine.js';
import type { Keyspace } from './keyspace.js';
import { RdbWriter } from './rdb/rdb-writer.js';
import { saveValue } from './rdb/save-value.js';

/** How many bytes the value of a slot takes in a snapshot. O(n). */
export function rdbLength({ config, settings }: Engine, keyspace: Keyspace, slot: number): number {
  const out = new RdbWriter(config.flag('rdbcompression'));
  saveValue(out, keyspace, slot, settings.limits);
  return out.length;
}
