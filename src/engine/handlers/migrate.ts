import type { migrateCommands } from '../../commands/migrate.js';
import type { Bytes } from '../../core/bytes.js';
import { parseInteger } from '../../core/integer.js';
import { ErrorReply, OK, type Reply, replyErrors, Status } from '../../core/reply.js';
import type { Delivery, DeliveryOrder } from '../courier.js';
import type { HandlersOf } from '../handler.js';
import { NOTIFY_GENERIC } from '../notify.js';
import { dumpValue } from '../rdb/dump-payload.js';
import type { EngineSession } from '../session.js';

const NOKEY = new Status('NOKEY');
const TIMEOUT_MS = 1000;
const keyAndKeys = new ErrorReply(
  'ERR When using MIGRATE KEYS option, the key argument must be set to the empty string',
);
const connecting = new ErrorReply('IOERR error or timeout connecting to the client');
const noSockets = new ErrorReply('ERR this engine has no sockets: it cannot reach another server');
const noWaiting = new ErrorReply('ERR this engine cannot wait for another server inside a transaction or a script');

interface MigrateParams {
  host: Bytes;
  port: Bytes;
  key: Bytes;
  destinationDb: Bytes;
  timeout: Bytes;
  copy?: true;
  replace?: true;
  auth?: Bytes;
  auth2?: [Bytes, Bytes];
  keys?: Bytes[];
}

function integerOf(text: Bytes): number {
  const value = parseInteger(text);
  if (value === null) throw replyErrors.notInteger;
  return Number(value);
}

/** A RESTORE command for each key that exists. */
function restores(call: EngineSession, keys: readonly Bytes[], replace: boolean): { key: Bytes; argv: Bytes[] }[] {
  const { db, engine } = call;
  const { keyspace } = db;
  const word = engine.cluster !== null ? 'RESTORE-ASKING' : 'RESTORE';
  return keys.flatMap((key) => {
    const slot = db.lookup(key);
    if (slot < 0) return [];
    const deadline = keyspace.deadline(slot);
    const ttl = deadline === null ? 0 : Math.max(1, Math.floor(deadline - engine.now));
    const payload = dumpValue(keyspace, slot, engine.settings.limits, engine.config.flag('rdbcompression'));
    return [{ key, argv: [word, key, String(ttl), payload, ...(replace ? ['REPLACE'] : [])] }];
  });
}

/** MIGRATE's reply: an error of the other server takes precedence over one of the connection. */
function replyTo({ problem, refusal, errors }: Delivery): Reply {
  const error = refusal ?? errors.find((text) => text !== null);
  if (typeof error === 'string') return new ErrorReply(`ERR Target instance replied with error: ${error}`);
  if (problem === null) return OK;
  return problem === 'connecting' ? connecting : new ErrorReply(`IOERR error or timeout ${problem} to target instance`);
}

/** Removes the keys that have arrived at the other server. */
function removeAll(call: EngineSession, index: number, keys: readonly Bytes[]): void {
  const db = call.engine.databases[index];
  for (const key of keys) {
    db.remove(key);
    db.changed(key, NOTIFY_GENERIC, 'del');
  }
  if (keys.length > 0) call.engine.propagate(index, ['DEL', ...keys]);
}

/**
 * A key goes from here when the other server has said that it is there, and not before: whatever fails, it is in one
 * place or, where the answer was lost, in both.
 */
function migrate(call: EngineSession, params: MigrateParams): Reply {
  const { engine } = call;
  const { key, keys, auth, auth2, copy = false, replace = false } = params;
  call.argv = call.argv.map((arg, i) => (isSecret(call.argv, i) ? '(redacted)' : arg));
  if (keys !== undefined && key !== '') throw keyAndKeys;
  const timeout = integerOf(params.timeout);
  const database = integerOf(params.destinationDb);
  const sent = restores(call, keys ?? [key], replace);
  if (sent.length === 0) return NOKEY;
  const { courier } = engine;
  if (courier === null) throw noSockets;
  const order: DeliveryOrder = {
    host: params.host,
    port: params.port,
    timeoutMs: timeout <= 0 ? TIMEOUT_MS : timeout,
    database,
    auth: auth2 ?? (auth === undefined ? null : [auth]),
    commands: sent.map(({ argv }) => argv),
  };
  const index = call.db.index;
  const settle = (delivery: Delivery): Reply => {
    const { refusal, errors } = delivery;
    const arrived = refusal !== null ? [] : sent.filter((_, i) => errors[i] === null).map((one) => one.key);
    if (!copy) removeAll(call, index, arrived);
    return replyTo(delivery);
  };
  // Neither a transaction nor a script can be left in its midst, and a primary's stream does not wait: all stand still.
  if (call.inExec || engine.replication.following !== null) {
    if (courier.deliverNow === undefined) throw noWaiting;
    return settle(courier.deliverNow(order));
  }
  const reply = engine.blocking.block(call, { keys: [], type: -1, timedOut: OK, serve: () => null, timeoutMs: 0 });
  const blocked = call.waiting!;
  // Keys on their way must not change.
  engine.pauses.begin('migration', Infinity, true);
  courier.deliver(order, (delivery) => {
    const outcome = engine.asSession(call, () => settle(delivery));
    engine.pauses.end('migration');
    engine.blocking.release(blocked, outcome);
  });
  return reply;
}

/** Whether an argument is a user name or password. */
function isSecret(argv: readonly Bytes[], index: number): boolean {
  for (let i = 6; i < argv.length; i++) {
    const word = argv[i].toUpperCase();
    if (word === 'KEYS') return false;
    const count = word === 'AUTH' ? 1 : word === 'AUTH2' ? 2 : 0;
    if (index > i && index <= i + count) return true;
    i += count;
  }
  return false;
}

/** The handler of MIGRATE. */
export const migrateHandlers: HandlersOf<typeof migrateCommands> = { migrate };
