import { bytesOf, itemsOf } from '../commands/shape.js';
import type { Bytes } from '../core/bytes.js';
import { textFromBytes } from '../core/bytes.js';
import { ConnectionError, replyErrorOf } from '../core/errors.js';
import { ErrorReply, type Reply } from '../core/reply.js';
import type { Address } from './address.js';
import type { NodeRole } from './locator.js';

/** What a node says it is. */
export interface Role {
  readonly kind: NodeRole;
  /** Of a primary: its replicas, as it sees them. */
  readonly replicas: readonly Address[];
  /** Of a replica: its primary. */
  readonly primary: Address | null;
  /** Of a replica: whether it hears its primary. */
  readonly isLinked: boolean;
}

/** Errors by which a node says that it is not the one to ask now; it did nothing of the command. */
const refusals = new Set(['READONLY', 'MASTERDOWN', 'LOADING']);

/** Whether a node refused a command because of what it is now; nothing of it was carried out. */
export function isRefusal(reply: Reply): reply is ErrorReply {
  return typeof reply === 'object' && reply instanceof ErrorReply && refusals.has(reply.code);
}

/** As `isRefusal`, or a blocked command that ended because the node was made a replica. */
export function isDemotion(reply: Reply): reply is ErrorReply {
  return isRefusal(reply) || (reply instanceof ErrorReply && /^UNBLOCKED .*instance state changed/.test(reply.text));
}

/** The role of the node, as a dialogue; null where the user may neither ask for ROLE nor for INFO. */
export function* askRole(): Generator<Bytes[][], Role | null, Reply[]> {
  const [reply] = yield [['ROLE']];
  if (!(reply instanceof ErrorReply)) return roleOf(reply ?? null);
  if (reply.code === 'LOADING') throw new ConnectionError(reply.text, { cause: replyErrorOf(reply.text) });
  const [info] = yield [['INFO', 'replication']];
  return info === undefined || info instanceof ErrorReply ? null : roleOfInfo(textOf(info));
}

/** Reads the reply of ROLE. */
export function roleOf(reply: Reply): Role | null {
  const [kind, ...rest] = itemsOf(reply) ?? [];
  switch (textOf(kind)) {
    case 'master':
      return { kind: 'primary', replicas: replicasOf(rest[1]), primary: null, isLinked: true };
    case 'slave':
      return {
        kind: 'replica',
        replicas: [],
        primary: { host: textOf(rest[0]), port: Number(rest[1]) },
        isLinked: textOf(rest[2]) === 'connected',
      };
    case 'sentinel':
      return { kind: 'sentinel', replicas: [], primary: null, isLinked: false };
    default:
      return null;
  }
}

function replicasOf(reply: Reply | undefined): Address[] {
  return (itemsOf(reply ?? null) ?? []).map((replica) => {
    const [host, port] = itemsOf(replica) ?? [];
    return { host: textOf(host), port: Number(textOf(port)) };
  });
}

/** Reads INFO replication. */
export function roleOfInfo(info: string): Role | null {
  const fields = new Map(
    info.split(/\r?\n/).map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1)] as const),
  );
  if (fields.get('role') === 'master') {
    const replicas = [...fields].flatMap(([name, value]) => {
      const found = /^slave\d+$/.test(name) ? /ip=([^,]*),port=(\d+)/.exec(value) : null;
      return found === null ? [] : [{ host: found[1]!, port: Number(found[2]) }];
    });
    return { kind: 'primary', replicas, primary: null, isLinked: true };
  }
  if (fields.get('role') !== 'slave') return null;
  const primary = { host: fields.get('master_host') ?? '', port: Number(fields.get('master_port')) };
  return { kind: 'replica', replicas: [], primary, isLinked: fields.get('master_link_status') === 'up' };
}

function textOf(reply: Reply | undefined): string {
  return textFromBytes(bytesOf(reply ?? null) ?? '');
}
