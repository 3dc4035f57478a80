import type { Engine } from './engine.js';
import type { InfoLines } from './info.js';
import type { Keyspace } from './keyspace.js';

/** Nothing is kept while values grow and shrink: all keys are looked at, which INFO alone must not take long for. */
const UNASKED_KEYS_MAX = 100_000;

/** By type number, as `Keyspace.typeOf` has them. Streams are not told. */
const names = ['strings_sizes', 'lists_items', 'sets_items', 'zsets_items', 'hashes_items'];
const units = ['', 'K', 'M', 'G', 'T'];

/**
 * How many values have how many bytes or elements, in powers of two, for each database and type. O(keys); with many
 * keys only if it was asked for by name.
 */
export function keysizesSection({ databases }: Engine, asked: boolean): InfoLines {
  const count = databases.reduce((sum, { keyspace }) => sum + keyspace.size, 0);
  if (!asked && count > UNASKED_KEYS_MAX) return [];
  return databases
    .filter(({ keyspace }) => keyspace.size > 0)
    .flatMap(({ index, keyspace }) =>
      sizesOf(keyspace).flatMap((sizes, type): InfoLines => {
        const parts = [...sizes.entries()].filter(([, many]) => many > 0).map(([bin, many]) => `${label(bin)}=${many}`);
        return parts.length === 0 ? [] : [[`db${index}_distrib_${names[type]}`, parts.join(',')]];
      }),
    );
}

/** By type, how many values are in each bin: none, 1, 2–3, 4–7 … */
function sizesOf(keyspace: Keyspace): number[][] {
  const bins = names.map((): number[] => []);
  keyspace.table.forEach((slot) => {
    const type = keyspace.typeOf(slot);
    const sizes = bins[type];
    if (sizes === undefined) return;
    const size = type === 0 ? keyspace.stringLength(slot) : keyspace.collection(slot).size;
    const bin = size === 0 ? 0 : Math.floor(Math.log2(size)) + 1;
    while (sizes.length <= bin) sizes.push(0);
    sizes[bin]!++;
  });
  return bins;
}

function label(bin: number): string {
  if (bin === 0) return '0';
  const power = bin - 1;
  return `${2 ** (power % 10)}${units[Math.floor(power / 10)]}`;
}
