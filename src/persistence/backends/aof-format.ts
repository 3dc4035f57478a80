import { silentSink } from '../../backend/silent-sink.js';
import { allocBytes, type Bytes, writeBytes } from '../../core/bytes.js';
import { DataError } from '../../core/errors.js';
import { ErrorReply } from '../../core/reply.js';
import type { Engine } from '../../engine/engine.js';
import { dumpValue } from '../../engine/rdb/dump-payload.js';
import type { EngineSession } from '../../engine/session.js';
import { CommandReader } from '../aof/command-reader.js';
import type { ByteFormat } from './byte-backend.js';

/** Commands that recreate the data, like a log without a base: `redis-cli --pipe` accepts them, too. */
export const aofFormat: ByteFormat = {
  extension: 'aof',
  *encode(engine) {
    for (const source of engine.scripting.functionSources())
      yield commandBytes(['FUNCTION', 'LOAD', 'REPLACE', source]);
    for (const { index, keyspace } of engine.databases) {
      if (keyspace.size === 0) continue;
      yield commandBytes(['SELECT', String(index)]);
      for (let slot = keyspace.table.slotAfter(0); slot >= 0; slot = keyspace.table.slotAfter(slot)) {
        const payload = dumpValue(keyspace, slot, engine.settings.limits, engine.config.flag('rdbcompression'));
        const deadline = keyspace.deadline(slot);
        const at = deadline === null ? '0' : String(Math.trunc(deadline));
        yield commandBytes([
          'RESTORE',
          keyspace.keyOf(slot),
          at,
          payload,
          'REPLACE',
          ...(deadline === null ? [] : ['ABSTTL']),
        ]);
      }
    }
  },
  decode(engine, chunks, progress) {
    const session = engine.connect(silentSink('embedded:0'));
    const reader = new CommandReader(chunks);
    try {
      for (let argv = reader.next(); argv !== null; argv = reader.next()) {
        carryOut(engine, session, argv, reader.validUpTo);
        progress?.(reader.validUpTo);
      }
    } finally {
      session.end();
    }
  },
};

function carryOut(engine: Engine, session: EngineSession, argv: Bytes[], offset: number): void {
  const reply = engine.call(session, argv);
  if (reply instanceof ErrorReply) throw new DataError(`the command before offset ${offset} fails: ${reply.text}`);
}

function commandBytes(argv: readonly Bytes[]): Uint8Array {
  const text = `*${argv.length}\r\n${argv.map((word) => `$${word.length}\r\n${word}\r\n`).join('')}`;
  const bytes = allocBytes(text.length);
  writeBytes(bytes, text, 0);
  return bytes;
}
