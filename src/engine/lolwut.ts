import type { Random } from '../core/random.js';
import { KEYSPAN_VERSION } from './redis-version.js';

const LOLWUT_COLUMNS = 60;
const LOLWUT_ROWS = 12;
const COLUMNS_MAX = 200;
const ROWS_MAX = 100;

/**
 * LOLWUT's picture: a field of slashes, drawn by chance as one-line programs of old home computers did, through which
 * a span of one height runs from side to side.
 */
export function lolwut(random: Random, release: string, columns = LOLWUT_COLUMNS, rows = LOLWUT_ROWS): string {
  const width = Math.min(Math.max(columns, 1), COLUMNS_MAX);
  const height = Math.min(Math.max(rows, 1), ROWS_MAX);
  const deck = Math.floor(height / 2);
  const lines: string[] = [];
  for (let y = 0; y < height; y++) {
    let line = '';
    for (let x = 0; x < width; x++) line += y === deck ? '=' : random.below(2) === 0 ? '/' : '\\';
    lines.push(line);
  }
  return `${lines.join('\n')}\n\nkeyspan ver. ${KEYSPAN_VERSION}, Redis ver. ${release}\n`;
}
