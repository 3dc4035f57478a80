import { isOffered } from '../commands/version.js';
import type { Bytes } from '../core/bytes.js';
import type { EngineSession } from './session.js';

/** What V8 takes for a session and its sets, estimated. */
const SESSION_BYTES = 1500;
/** A watched key or a subscription: its record, and its place in the engine's map. */
const WATCH_BYTES = 100;

/** The session's line in CLIENT LIST, without a line end. */
export function clientLine(session: EngineSession): Bytes {
  const { sink, engine } = session;
  const { stats } = sink;
  const connected = stats.fd >= 0 && stats.address !== '';
  const version = engine.settings.serverVersion;
  const fields: (readonly [string, string | number])[] = [
    ['id', session.id],
    ['addr', stats.address],
    ['laddr', stats.localAddress],
    ['fd', stats.fd],
    ['name', session.name],
    ['age', seconds(engine.now) - seconds(session.createdAt)],
    ['idle', seconds(engine.now) - seconds(session.lastCommandAt)],
    ['flags', clientFlags(session)],
    ['db', session.db.index],
    ['sub', session.channels.size],
    ['psub', session.patterns.size],
    ['ssub', session.shardChannels.size],
    ['multi', session.queue?.length ?? -1],
    ...(isOffered('7.4.0', version) ? ([['watch', session.watched.length]] as const) : []),
    ['qbuf', stats.queryBufferBytes],
    ['qbuf-free', stats.queryBufferFreeBytes],
    ['argv-mem', argumentBytes(session)],
    ['multi-mem', session.queuedBytes],
    ['rbs', stats.replyBufferBytes ?? stats.outputBufferBytes],
    ['rbp', stats.outputBufferBytes],
    ['obl', stats.outputBufferBytes],
    ['oll', stats.outputListLength],
    ['omem', stats.outputListBytes],
    ['tot-mem', clientMemory(session)],
    ['events', connected ? (stats.outputBufferBytes + stats.outputListBytes > 0 ? 'rw' : 'r') : ''],
    ['cmd', session.lastCommand?.fullName ?? 'NULL'],
    ['user', session.user.name],
    ['redir', session.tracking?.redirect ?? -1],
    ['resp', session.protocol],
    ...(isOffered('7.2.0', version) ? libraryOf(session) : []),
    ...(isOffered('8.0.0', version) ? ([['io-thread', 0]] as const) : []),
    ...(isOffered('8.2.0', version) ? totalsOf(session) : []),
  ];
  return fields.map(([name, value]) => `${name}=${value}`).join(' ');
}

/** Bytes transferred over the connection, and commands given. */
function totalsOf({ sink, commandCount }: EngineSession): (readonly [string, number])[] {
  const { inputBytes = 0, outputBytes = 0 } = sink.stats;
  return [
    ['tot-net-in', inputBytes],
    ['tot-net-out', outputBytes],
    ['tot-cmds', commandCount],
  ];
}

function libraryOf({ libraryName, libraryVersion }: EngineSession): (readonly [string, string])[] {
  return [
    ['lib-name', libraryName],
    ['lib-ver', libraryVersion],
  ];
}

/** The memory of a connection in bytes: its buffers, its queue and its own state. */
export function clientMemory(session: EngineSession): number {
  const { stats } = session.sink;
  const buffers = stats.queryBufferBytes + stats.queryBufferFreeBytes + stats.outputBufferBytes + stats.outputListBytes;
  const records = session.watched.length + session.subscriptions + session.shardChannels.size;
  const kept = session.queuedBytes + records * WATCH_BYTES + prefixBytes(session) + argumentBytes(session);
  return SESSION_BYTES + buffers + kept;
}

/** The prefixes of CLIENT TRACKING. */
function prefixBytes({ tracking }: EngineSession): number {
  let bytes = 0;
  for (const prefix of tracking?.prefixes ?? []) bytes += WATCH_BYTES + prefix.length;
  return bytes;
}

/** All letters that `clientFlags` and Redis know. */
export const KNOWN_FLAGS = 'AbBcdeiIMNOPrRStTuUx';

/** The letters that CLIENT LIST has under `flags`. */
export function clientFlags(session: EngineSession): string {
  let flags = '';
  if (session.isReplica) flags += 'S';
  if (session.engine.replication.following?.session === session) flags += 'M';
  if (session.monitor) flags += 'O';
  if (session.subscribed) flags += 'P';
  if (session.queue !== null) flags += 'x';
  if (session.blocked) flags += 'b';
  if (session.tracking !== null) {
    flags += 't';
    if (session.tracking.broken) flags += 'R';
    if (session.tracking.prefixes !== null) flags += 'B';
  }
  if (session.dirtyCas) flags += 'd';
  if (session.closing) flags += 'c';
  if (session.sink.stats.address.startsWith('/')) flags += 'U';
  if (session.readsReplicas) flags += 'r';
  if (session.noEvict) flags += 'e';
  if (session.noTouch) flags += 'T';
  return flags || 'N';
}

/** The arguments of the command that runs or waits. Those that EXEC runs count with the queue. */
function argumentBytes(session: EngineSession): number {
  if (session.inExec) return 'EXEC'.length;
  const argv = session.postponed ?? session.argv;
  if (session.engine.current !== session && !session.blocked) return 0;
  return argv.reduce((sum, arg) => sum + arg.length, 0);
}

function seconds(ms: number): number {
  return Math.floor(ms / 1000);
}
