import type { Bytes } from './bytes.js';

/** A command as append-only files and replication streams hold it: an array of bulk strings. O(length). */
export function formatCommand(argv: readonly Bytes[]): Bytes {
  let text = `*${argv.length}\r\n`;
  for (const arg of argv) text += `$${arg.length}\r\n${arg}\r\n`;
  return text;
}
