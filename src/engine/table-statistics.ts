import { formatFixed } from '../core/double.js';

/** What DEBUG HTSTATS says of a hash table: per array of buckets, from how many chains have which length. */
export function tableStatistics(arrays: readonly (readonly number[])[]): string {
  return arrays.map((counts, i) => arrayStatistics(counts, i)).join('');
}

/** Longer chains are not told apart. */
const CHAIN_LENGTH_SHOWN_MAX = 48;

function arrayStatistics(counts: readonly number[], index: number): string {
  const heading = `Hash table ${index} stats (${index === 0 ? 'main hash table' : 'rehashing target'}):\n`;
  const buckets = counts.reduce((sum, count) => sum + count, 0);
  const elements = counts.reduce((sum, count, length) => sum + count * length, 0);
  if (elements === 0) return `${heading}No stats available for empty dictionaries\n`;
  const used = buckets - (counts[0] ?? 0);
  const average = formatFixed(elements / used, 2);
  const distribution = counts.flatMap((count, length) =>
    count > 0 && length < CHAIN_LENGTH_SHOWN_MAX
      ? [`   ${length}: ${count} (${formatFixed((count / buckets) * 100, 2)}%)\n`]
      : [],
  );
  return [
    heading,
    ` table size: ${buckets}\n`,
    ` number of elements: ${elements}\n`,
    ` different slots: ${used}\n`,
    ` max chain length: ${counts.length - 1}\n`,
    ` avg chain length (counted): ${average}\n`,
    ` avg chain length (computed): ${average}\n`,
    ' Chain length distribution:\n',
    ...distribution,
  ].join('');
}
