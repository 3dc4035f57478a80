const BAR_CELLS = 24;
const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];

export function sizeText(bytes: number): string {
  const power = bytes < 1024 ? 0 : Math.min(units.length - 1, Math.floor(Math.log2(bytes) / 10));
  return `${(bytes / 1024 ** power).toFixed(power === 0 ? 0 : 1)} ${units[power]}`;
}

/** Progress as one line: bar, percentage, count, rate and remaining time. */
export function progressLine(done: number, total: number, seconds: number): string {
  const share = total <= 0 ? 1 : Math.min(1, done / total);
  const filled = Math.round(share * BAR_CELLS);
  const rate = seconds > 0 ? done / seconds : 0;
  const left = rate > 0 ? Math.ceil(Math.max(0, total - done) / rate) : null;
  const bar = '#'.repeat(filled) + '-'.repeat(BAR_CELLS - filled);
  const rest = left === null ? '' : `, ${left} s left`;
  return `[${bar}] ${Math.floor(share * 100)} %  ${done} of ${total} keys, ${Math.round(rate)}/s${rest}`;
}
