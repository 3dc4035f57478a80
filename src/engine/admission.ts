import { arityFits, type Spec } from '../commands/spec.js';
import { asCString, type Bytes } from '../core/bytes.js';
import { ErrorReply, NO_REPLY, PENDING, QUEUED, type Reply, replyErrors, wrongArity } from '../core/reply.js';
import type { Cluster } from './cluster/cluster.js';
import { routeOf } from './cluster/routing.js';
import type { Engine } from './engine.js';
import { runsScript } from './monitors.js';
import { busyError } from './scripting/scripting.js';
import { type EngineSession, POINTER_BYTES } from './session.js';

/** At most this much of an unknown command's name and arguments is quoted in the error. */
const PREVIEW_BYTES_MAX = 128;

/** Commands that a RESP2 session with subscriptions may give. */
const subscriberCommands = new Set([
  'ping',
  'subscribe',
  'ssubscribe',
  'unsubscribe',
  'sunsubscribe',
  'psubscribe',
  'punsubscribe',
  'quit',
  'reset',
]);
/** Commands that are carried out rather than queued between MULTI and EXEC. */
const unqueued = new Set(['exec', 'discard', 'multi', 'watch', 'quit', 'reset']);
/** Commands allowed between MULTI and EXEC even when memory is full: queueing takes memory, these free some. */
const freeing = new Set(['exec', 'discard', 'quit', 'reset']);
/** First words of HTTP requests that a browser can be tricked into sending. */
const httpWords = new Set(['post', 'host:']);

const readOnlyReplica = new ErrorReply("READONLY You can't write against a read only replica.");
const primaryDown = new ErrorReply("MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.");
const replicaReads = new ErrorReply("ERR Replica can't interact with the keyspace");
const tooFewReplicas = new ErrorReply('NOREPLICAS Not enough good replicas to write.');
const notInMulti = new ErrorReply('ERR Command not allowed inside a transaction');

/**
 * Everything that is decided before a command runs: whether it exists, whether its arity is right, whether this client
 * may give it now. Returns the session if it is to be carried out at once, otherwise the reply. A refusal dooms a
 * transaction.
 */
export function admit(engine: Engine, session: EngineSession, argv: Bytes[], known?: Spec): Reply | EngineSession {
  session.lastCommandAt = engine.now;
  const spec = known === undefined ? engine.commands.lookup(argv) : engine.commands.own(known);
  if (spec === undefined || (spec.container && argv.length >= 2)) return unknown(engine, session, spec, argv);
  session.lastCommand = spec;
  const refusal = refusalOf(engine, session, spec, argv);
  if (refusal !== null) return refuse(engine, session, spec, refusal);
  if (engine.cluster !== null && !session.obeyed) {
    const elsewhere = redirected(engine.cluster, session, spec, argv);
    if (elsewhere !== null) return elsewhere;
  }
  if (engine.pause !== null && !session.obeyed && !session.isReplica && heldBack(engine, session, spec, argv)) {
    session.postponed = argv.slice();
    return PENDING;
  }
  session.spec = spec;
  if (session.queue !== null && !unqueued.has(spec.fullName)) {
    enqueue(session, spec, argv);
    return QUEUED;
  }
  return session;
}

/** Carries out an admitted command; what it took is counted for the slot of its keys, if that is wanted. */
export function carriedOut(engine: Engine, session: EngineSession, argv: Bytes[]): Reply {
  const stats = engine.cluster?.slotStats ?? null;
  if (stats === null || session.slot < 0) return engine.execute(session, session.spec, argv);
  const { slot } = session;
  const startedAt = engine.micros();
  const reply = engine.execute(session, session.spec, argv);
  stats.took(slot, engine.micros() - startedAt);
  return reply;
}

/** The redirection for these keys; null if they are served here. */
function redirected(cluster: Cluster, session: EngineSession, spec: Spec, argv: Bytes[]): ErrorReply | null {
  const { refusal, slot } = routeOf(cluster, session, spec, argv);
  session.slot = slot;
  if (spec.fullName !== 'asking') session.asking = false;
  if (refusal === null) {
    if (slot >= 0) cluster.slotStats?.received(session, argv);
    return null;
  }
  if (spec.fullName === 'exec') session.discardTransaction();
  else if (session.queue !== null) session.dirtyExec = true;
  session.engine.stats.rejected[spec.id]++;
  session.engine.stats.countError(refusal.code);
  return refusal;
}

function enqueue(session: EngineSession, spec: Spec, argv: Bytes[]): void {
  // EXEC will fail, so nothing needs to be queued.
  if (session.dirtyExec || session.dirtyCas) return;
  session.queue!.push({ spec, argv: argv.slice() });
  for (const arg of argv) session.queuedBytes += arg.length + POINTER_BYTES;
}

function unknown(engine: Engine, session: EngineSession, container: Spec | undefined, argv: Bytes[]): Reply {
  session.lastCommand = null;
  if (httpWords.has(argv[0].toLowerCase())) {
    session.close('now');
    return NO_REPLY;
  }
  return refuse(engine, session, undefined, container ? unknownSubcommand(container, argv[1]) : unknownCommand(argv));
}

function refuse(engine: Engine, session: EngineSession, spec: Spec | undefined, reply: ErrorReply): Reply {
  if (session.queue !== null) session.dirtyExec = true;
  session.slot = -1;
  if (spec) engine.stats.rejected[spec.id]++;
  if (spec?.fullName !== 'exec') {
    engine.stats.countError(reply.code);
    return reply;
  }
  // EXEC itself was refused, which ends the transaction.
  session.discardTransaction();
  if (reply.code === 'REDIRECT') {
    engine.stats.countError(reply.code);
    return reply;
  }
  engine.stats.countError('EXECABORT');
  return new ErrorReply(`EXECABORT Transaction discarded because of: ${reply.text.replace(/^ERR /, '')}`);
}

function refusalOf(engine: Engine, session: EngineSession, spec: Spec, argv: Bytes[]): ErrorReply | null {
  if (!arityFits(spec, argv.length)) return wrongArity(spec.fullName);
  if (spec.isProtected && !allowed(engine, session, spec)) return notAllowed(spec);
  if (!session.authenticated && engine.authRequired && !spec.flags.includes('no_auth')) return replyErrors.noAuth;
  if (session.queue !== null && spec.flags.includes('no_multi')) return notInMulti;
  // Commands that the primary has carried out are not judged again.
  if (session.obeyed) return null;
  const { replication } = engine;
  if (!session.user.unrestricted) {
    const refusal = engine.acl.refusal(session, spec, argv);
    if (refusal !== null) return refusal;
  }
  if (
    session.redirects &&
    engine.cluster === null &&
    replication.following !== null &&
    belongsToPrimary(session, spec, argv)
  ) {
    return new ErrorReply(`REDIRECT ${replication.following.host}:${replication.following.port}`);
  }
  if (engine.tracking.on) engine.tracking.limit();
  if (engine.settings.maxmemory > 0 && engine.pause === null && engine.scripting.busy === null && !madeRoom(engine)) {
    if (refusedWhenFull(session, spec)) return replyErrors.oom;
  }
  const denial = engine.saver.denial;
  if (denial !== null && (writes(session, spec, argv) || spec.fullName === 'ping')) return denial;
  if (replication.tooFewReplicas(engine.settings) && writes(session, spec, argv)) return tooFewReplicas;
  if (replication.readOnly && writes(session, spec, argv)) return readOnlyReplica;
  if (session.subscriberMode && !subscriberCommands.has(spec.fullName)) {
    return new ErrorReply(
      `ERR Can't execute '${spec.fullName}': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET are allowed in this context`,
    );
  }
  if (replication.mastersDown && !servesStale(session, spec)) return primaryDown;
  if (replication.loading !== null && waitsForData(session, spec, replication.loading)) return replyErrors.loading;
  if (session.isReplica && touchesKeys(spec)) return replicaReads;
  if (replication.following !== null && (spec.isWrite || runsScript(spec)))
    replication.ownKeys.note(session.db.index, spec, argv);
  const { busy } = engine.scripting;
  if (busy !== null && !spec.flags.includes('allow_busy')) return busyError(busy);
  return null;
}

/** Evictions are propagated on their own, before the effects of the command that needs the room. */
function madeRoom(engine: Engine): boolean {
  const made = engine.eviction.makeRoom();
  engine.effectQueue.send(false);
  return made;
}

/** `enable-debug-command`, `enable-module-command`: never, always, or for clients on this machine. */
function allowed(engine: Engine, session: EngineSession, spec: Spec): boolean {
  const { enableDebugCommand, enableModuleCommand } = engine.settings;
  return engine.allows(spec.fullName === 'debug' ? enableDebugCommand : enableModuleCommand, session);
}

function notAllowed(spec: Spec): ErrorReply {
  const [name] = spec.name.split(' ');
  const setting = `enable-${name.toLowerCase()}-command`;
  return new ErrorReply(
    `ERR ${name} command not allowed. If the ${setting} option is set to "local", you can run it from a local connection, ` +
      'otherwise you need to set this option in the configuration file, and then restart the server.',
  );
}

/** EXEC writes if a queued command does, and a script that states flags does if they do not say that it does not. */
function writes(session: EngineSession, spec: Spec, argv: readonly Bytes[]): boolean {
  if (spec.isWrite || statesWrites(session.engine, spec, argv)) return true;
  if (spec.fullName !== 'exec' || session.queue === null) return false;
  return session.queue.some((queued) => queued.spec.isWrite || statesWrites(session.engine, queued.spec, queued.argv));
}

function statesWrites(engine: Engine, spec: Spec, argv: readonly Bytes[]): boolean {
  return spec.flags.includes('may_replicate') && engine.scripting.flagsFor(spec, argv)?.noWrites === false;
}

/** Whether a cluster-aware client must be redirected to the primary: for reads too, unless it sent READONLY. */
function belongsToPrimary(session: EngineSession, spec: Spec, argv: readonly Bytes[]): boolean {
  const isRead = (asked: Spec): boolean => asked.isReadonly;
  const reads = isRead(spec) || (spec.fullName === 'exec' && (session.queue?.some((one) => isRead(one.spec)) ?? false));
  return writes(session, spec, argv) || (reads && !session.readsReplicas);
}

/** Whether a command may be given to a replica with stale data. */
function servesStale(session: EngineSession, spec: Spec): boolean {
  if (!spec.flags.includes('stale')) return false;
  return spec.fullName !== 'exec' || (session.queue?.every((queued) => queued.spec.flags.includes('stale')) ?? true);
}

/** Whether a command is refused while the primary's data are loading. */
function waitsForData(session: EngineSession, spec: Spec, how: 'async' | 'sync'): boolean {
  const waits = ({ flags }: Spec): boolean =>
    how === 'sync' ? !flags.includes('loading') : flags.includes('no_async_loading');
  return waits(spec) || (spec.fullName === 'exec' && (session.queue?.some((queued) => waits(queued.spec)) ?? false));
}

function touchesKeys(spec: Spec): boolean {
  return spec.isWrite || spec.isReadonly || spec.flags.includes('may_replicate');
}

function refusedWhenFull(session: EngineSession, spec: Spec): boolean {
  if (spec.denyOom) return true;
  if (session.queue === null) return false;
  if (spec.fullName === 'exec') return session.queue.some((queued) => queued.spec.denyOom);
  return !freeing.has(spec.fullName);
}

function unknownCommand(argv: Bytes[]): ErrorReply {
  let preview = '';
  for (let i = 1; i < argv.length && preview.length < PREVIEW_BYTES_MAX; i++) {
    preview += `'${asCString(argv[i], PREVIEW_BYTES_MAX - preview.length)}' `;
  }
  const name = asCString(argv[0], PREVIEW_BYTES_MAX);
  return new ErrorReply(`ERR unknown command '${name}', with args beginning with: ${preview}`);
}

function unknownSubcommand(spec: Spec, word: Bytes): ErrorReply {
  return new ErrorReply(`ERR unknown subcommand '${asCString(word, PREVIEW_BYTES_MAX)}'. Try ${spec.name} HELP.`);
}

function heldBack(engine: Engine, session: EngineSession, spec: Spec, argv: readonly Bytes[]): boolean {
  if (engine.pause!.all || mayWrite(engine, spec, argv)) return true;
  return (
    spec.fullName === 'exec' && (session.queue?.some((queued) => mayWrite(engine, queued.spec, queued.argv)) ?? false)
  );
}

/** A script that states flags is judged by them, any other by what scripts can do. */
function mayWrite(engine: Engine, spec: Spec, argv: readonly Bytes[]): boolean {
  if (spec.isWrite) return true;
  if (!spec.flags.includes('may_replicate')) return false;
  return engine.scripting.flagsFor(spec, argv)?.noWrites !== true;
}
