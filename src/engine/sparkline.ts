const ROWS = 4;
const LABEL_MARGIN = 1;
const fill = ['_', 'o', '#'];

export interface SparklineSample {
  value: number;
  label: string;
}

/**
 * Draws samples as columns of letters, labels written downwards below. `columns` of them side by side, then the next
 * block. The lowest sample is the floor.
 */
export function sparkline(samples: readonly SparklineSample[], columns: number): string {
  const values = samples.map(({ value }) => value);
  const min = Math.min(...values);
  const span = Math.max(...values) - min || 1;
  const steps = fill.length * ROWS;
  const blocks: string[] = [];
  for (let at = 0; at < samples.length; at += columns) {
    const part = samples.slice(at, at + columns);
    const heights = part.map(({ value }) => Math.min(steps - 1, Math.trunc(((value - min) * steps) / span)));
    const rows: string[] = [];
    for (let row = ROWS - 1; row >= 0; row--)
      rows.push(heights.map((height) => columnAt(height - row * fill.length)).join(''));
    for (let i = 0; i < LABEL_MARGIN; i++) rows.push(' '.repeat(part.length));
    const longest = Math.max(...part.map(({ label }) => label.length));
    for (let i = 0; i < longest; i++) rows.push(part.map(({ label }) => label[i] ?? ' ').join(''));
    blocks.push(rows.map((row) => `${row}\n`).join(''));
  }
  return blocks.join('\n');
}

/** What a column shows in a row: `height` steps are above the row's foot. */
function columnAt(height: number): string {
  if (height < 0) return ' ';
  return fill[height] ?? '|';
}
