import { arityFits, type Spec } from '../commands/spec.js';
import { commandTable } from '../commands/table.js';
import { asCString, type Bytes } from '../core/bytes.js';
import { ErrorReply, NO_REPLY, PENDING, QUEUED, type Reply, replyErrors, wrongArity } from '../core/reply.js';
import type { Cluster } from './cluster/cluster.js';
import { routeOf } from './cluster/routing.js';
import type { Engine } from './engine.js';
import { runsScript } from './monitors.js';
import { busyError } from './scripting/scripting.js';
import { type EngineSession, POINTER_BYTES } from './session.js';

/** Of an unknown command's name and arguments at most this much is quoted back. */
const PREVIEW_BYTES_MAX = 128;

/** What may be given to a RESP2 session that has subscriptions. */
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
/** What is carried out, not queued, between MULTI and EXEC. */
const unqueued = new Set(['exec', 'discard', 'multi', 'watch', 'quit', 'reset']);
/** What may be given between MULTI and EXEC though memory is full: queueing takes memory, these give some back. */
const freeing = new Set(['exec', 'discard', 'quit', 'reset']);
/** First words of HTTP requests that a browser can be tricked into sending. */
const httpWords = new Set(['post', 'host:']);

/** By id: the commands that a setting must allow. */
const guarded = Uint8Array.from(commandTable.all, (spec) => (spec.flags.includes('protected') ? 1 : 0));

const readOnlyReplica = new ErrorReply("READONLY You can't write against a read only replica.");
const primaryDown = new ErrorReply("MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.");
const replicaReads = new ErrorReply("ERR Replica can't interact with the keyspace");
const tooFewReplicas = new ErrorReply('NOREPLICAS Not enough good replicas to write.');
const notInMulti = new ErrorReply('ERR Command not allowed inside a transaction');

/**
 * Everything that is decided before a command runs: does it exist, is its arity right, may this client give it now.
 * Returns the session when it is to be carried out at once, otherwise the reply. A refusal dooms a transaction.
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

/** Where the client has to go with these keys; null: it is right here. */
function redirected(cluster: Cluster, session: EngineSession, spec: Spec, argv: Bytes[]): ErrorReply | null {
  const { refusal, slot } = routeOf(cluster, session, spec, argv);
  session.slot = slot;
  if (spec.fullName !== 'asking') session.asking = false;
  if (refusal === null) return null;
  if (spec.fullName === 'exec') session.discardTransaction();
  else if (session.queue !== null) session.dirtyExec = true;
  session.engine.stats.rejected[spec.id]++;
  session.engine.stats.countError(refusal.code);
  return refusal;
}

function enqueue(session: EngineSession, spec: Spec, argv: Bytes[]): void {
  // EXEC will refuse: nothing needs to be kept.
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
  if (spec) engine.stats.rejected[spec.id]++;
  if (spec?.fullName !== 'exec') {
    engine.stats.countError(reply.code);
    return reply;
  }
  // EXEC itself refused: the transaction is over.
  session.discardTransaction();
  engine.stats.countError('EXECABORT');
  return new ErrorReply(`EXECABORT Transaction discarded because of: ${reply.text.replace(/^ERR /, '')}`);
}

function refusalOf(engine: Engine, session: EngineSession, spec: Spec, argv: Bytes[]): ErrorReply | null {
  if (!arityFits(spec, argv.length)) return wrongArity(spec.fullName);
  if (guarded[spec.id] === 1 && !allowed(engine, session, spec)) return notAllowed(spec);
  if (!session.authenticated && engine.authRequired && !spec.flags.includes('no_auth')) return replyErrors.noAuth;
  if (session.queue !== null && spec.flags.includes('no_multi')) return notInMulti;
  // What the primary has carried out is not judged again.
  if (session.obeyed) return null;
  const { replication } = engine;
  if (!session.user.unrestricted) {
    const refusal = engine.acl.refusal(session, spec, argv);
    if (refusal !== null) return refusal;
  }
  if (engine.tracking.on) engine.tracking.limit();
  if (engine.settings.maxmemory > 0 && engine.pause === null && engine.scripting.busy === null && !madeRoom(engine)) {
    if (refusedWhenFull(session, spec)) return replyErrors.oom;
  }
  const denial = engine.saver.denial;
  if (denial !== null && (writes(session, spec) || spec.fullName === 'ping')) return denial;
  if (replication.tooFewReplicas(engine.settings) && writes(session, spec)) return tooFewReplicas;
  if (replication.readOnly && writes(session, spec)) return readOnlyReplica;
  if (session.subscriberMode && !subscriberCommands.has(spec.fullName)) {
    return new ErrorReply(
      `ERR Can't execute '${spec.fullName}': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET are allowed in this context`,
    );
  }
  if (replication.mastersDown && !servesStale(session, spec)) return primaryDown;
  if (session.isReplica && touchesKeys(spec)) return replicaReads;
  if (replication.following !== null && (spec.isWrite || runsScript(spec)))
    replication.ownKeys.note(session.db.index, spec, argv);
  const { busy } = engine.scripting;
  if (busy !== null && !spec.flags.includes('allow_busy')) return busyError(busy);
  return null;
}

/** What is evicted goes out by itself, before the effects of the command that needs the room. */
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

/** EXEC writes if a queued command does. */
function writes(session: EngineSession, spec: Spec): boolean {
  return spec.isWrite || (spec.fullName === 'exec' && (session.queue?.some((queued) => queued.spec.isWrite) ?? false));
}

/** What may be given to a replica whose data are old. */
function servesStale(session: EngineSession, spec: Spec): boolean {
  if (!spec.flags.includes('stale')) return false;
  return spec.fullName !== 'exec' || (session.queue?.every((queued) => queued.spec.flags.includes('stale')) ?? true);
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
