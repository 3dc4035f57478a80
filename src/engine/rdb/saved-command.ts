import type { Bytes } from '../../core/bytes.js';
import type { Engine } from '../engine.js';
import type { Keyspace } from '../keyspace.js';
import { dumpValue } from './dump-payload.js';
import type { RdbWriter } from './rdb-writer.js';

/** Writes a command as a log of changes has it. */
export function writeCommand(out: RdbWriter, argv: readonly Bytes[]): void {
  out.text(`*${argv.length}\r\n`);
  for (const word of argv) {
    out.text(`$${word.length}\r\n`);
    out.text(word);
    out.text('\r\n');
  }
}

/** Writes the command that makes a key what it is. O(n). */
export function writeKeyAsCommand(engine: Engine, out: RdbWriter, keyspace: Keyspace, slot: number): void {
  const payload = dumpValue(keyspace, slot, engine.settings.limits, engine.config.flag('rdbcompression'));
  const deadline = keyspace.deadline(slot);
  const end = deadline === null ? '0' : String(Math.trunc(deadline));
  writeCommand(out, ['RESTORE', keyspace.keyOf(slot), end, payload, ...(deadline === null ? [] : ['ABSTTL'])]);
}
