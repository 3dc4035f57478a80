import type { replicationCommands } from '../../commands/replication.js';
import { asCString, type Bytes } from '../../core/bytes.js';
import { parseInteger } from '../../core/integer.js';
import { splitArguments } from '../../core/quoted-arguments.js';
import { ErrorReply, NO_REPLY, OK, type Reply, replyErrors, Status } from '../../core/reply.js';
import type { HandlersOf } from '../handler.js';
import { roleReply } from '../replication/report.js';
import type { EngineSession } from '../session.js';
import { readInteger } from './late-integer.js';

const wrongPort = new ErrorReply('ERR Invalid master port');
const noFailover = new ErrorReply('ERR No failover in progress.');
const wrongTimeout = new ErrorReply('ERR FAILOVER timeout must be greater than 0');
const failingOver = new ErrorReply('ERR REPLICAOF not allowed while failing over.');
const asReplica = new ErrorReply('ERR Command is not valid when client is a replica.');
const inCluster = new ErrorReply('ERR REPLICAOF not allowed in cluster mode.');
const clusterFailover = new ErrorReply(
  'ERR FAILOVER not allowed in cluster mode. Use CLUSTER FAILOVER command instead.',
);
const noSockets = new ErrorReply('ERR this engine has no sockets: it cannot follow another server');
const noFilter = new ErrorReply('ERR Missing rdb-filter-only values');
const notZeroOrOne = new ErrorReply('ERR value is out of range, value must between 0 and 1');
const alreadyFollowing = new Status('OK Already connected to specified master');

const PORT_MAX = 65_535;
const ADDRESS_LENGTH_MAX = 255;

/** How far a replica's append-only file is on its disk; told right before how far the replica is. */
function learnLogged({ replica }: EngineSession, text: Bytes): void {
  const offset = parseInteger(text);
  if (replica !== null && offset !== null) replica.loggedOffset = Math.max(replica.loggedOffset, Number(offset));
}

function follow(call: EngineSession, host: Bytes, port: Bytes): Reply {
  const { engine } = call;
  const { replication } = engine;
  if (engine.cluster !== null) throw inCluster;
  if (replication.failover.running) throw failingOver;
  if (host.toLowerCase() === 'no' && port.toLowerCase() === 'one') {
    replication.becomePrimary();
    return OK;
  }
  if (call.isReplica) throw asReplica;
  const number = parseInteger(port);
  if (typeof number !== 'number' || number < 0 || number > PORT_MAX) throw wrongPort;
  const { following } = replication;
  if (following !== null && following.host.toLowerCase() === host.toLowerCase() && following.port === number)
    return alreadyFollowing;
  if (replication.opener === null) throw noSockets;
  replication.follow(host, number);
  return OK;
}

/** FAILOVER [TO host port [FORCE]] [ABORT] [TIMEOUT milliseconds], in any order. */
function failover({ engine }: EngineSession, args: readonly Bytes[]): Reply {
  const { replication } = engine;
  if (engine.cluster !== null) throw clusterFailover;
  if (args.length === 1 && args[0].toLowerCase() === 'abort') {
    if (!replication.failover.running) throw noFailover;
    replication.failover.abort('Failover manually aborted');
    return OK;
  }
  let timeout = 0;
  let target: { host: Bytes; port: number } | null = null;
  let force = false;
  for (let i = 0; i < args.length; i++) {
    const word = args[i].toLowerCase();
    if (word === 'timeout' && i + 1 < args.length && timeout === 0) {
      timeout = Number(readInteger(args[++i]));
      if (timeout <= 0) throw wrongTimeout;
    } else if (word === 'to' && i + 2 < args.length && target === null) {
      target = { host: args[i + 1], port: Number(readInteger(args[i + 2])) };
      i += 2;
    } else if (word === 'force' && !force) {
      force = true;
    } else {
      throw replyErrors.syntax;
    }
  }
  replication.failover.start({ target, force, deadline: timeout === 0 ? 0 : engine.now + timeout });
  return OK;
}

/** One fact that a replica tells. NO_REPLY: the command is not answered at all. */
function learn(call: EngineSession, option: Bytes, value: Bytes): typeof NO_REPLY | null {
  const { replication } = call.engine;
  switch (option.toLowerCase()) {
    case 'listening-port':
      replication.greet(call).listeningPort = Number(readInteger(value));
      return null;
    case 'ip-address':
      if (value.length >= ADDRESS_LENGTH_MAX) {
        throw new ErrorReply(`ERR REPLCONF ip-address provided by replica instance is too long: ${value.length} bytes`);
      }
      replication.greet(call).announcedAddress = value;
      return null;
    case 'capa':
      if (value.toLowerCase() === 'eof') replication.greet(call).endsByMark = true;
      else if (value.toLowerCase() === 'psync2') replication.greet(call).takesNewId = true;
      return null;
    case 'ack': {
      const offset = parseInteger(value);
      if (call.isReplica && offset !== null) replication.acknowledge(call, Number(offset));
      return NO_REPLY;
    }
    case 'getack':
      replication.following?.answer();
      return NO_REPLY;
    case 'rdb-only': {
      const only = Number(readInteger(value));
      if (only !== 0 && only !== 1) throw notZeroOrOne;
      replication.greet(call).dataOnly = only === 1;
      return null;
    }
    case 'rdb-filter-only':
      learnFilter(call, value);
      return null;
  }
  throw new ErrorReply(`ERR Unrecognized REPLCONF option: ${asCString(option)}`);
}

function learnFilter(call: EngineSession, value: Bytes): void {
  const parts = splitArguments(value);
  if (parts === null) throw noFilter;
  const replica = call.engine.replication.greet(call);
  replica.wantsKeys = false;
  replica.wantsFunctions = false;
  for (const part of parts) {
    if (part.toLowerCase() !== 'functions') {
      throw new ErrorReply(`ERR Unsupported rdb-filter-only option: ${asCString(part)}`);
    }
    replica.wantsFunctions = true;
  }
}

/** Handlers of the commands between primaries and replicas. */
export const replicationHandlers: HandlersOf<typeof replicationCommands> = {
  failover: (call, { args }) => failover(call, args),

  psync(call, { replicationId, offset, rest }) {
    const failover = rest[0]?.toLowerCase() === 'failover';
    return call.engine.replication.sync(call, { id: replicationId, offset: parseInteger(offset), failover });
  },

  replconf(call, { args }) {
    if (args.length % 2 !== 0) throw replyErrors.syntax;
    for (let i = 0; i < args.length; i += 2) {
      if (args[i].toLowerCase() === 'ack' && args[i + 2]?.toLowerCase() === 'fack') learnLogged(call, args[i + 3]);
      if (learn(call, args[i], args[i + 1]) === NO_REPLY) return NO_REPLY;
    }
    return OK;
  },

  replicaof: (call, { host, port }) => follow(call, host, port),

  role: ({ engine }) => roleReply(engine),

  slaveof: (call, { host, port }) => follow(call, host, port),

  sync: (call) => call.engine.replication.sync(call, null),
};
