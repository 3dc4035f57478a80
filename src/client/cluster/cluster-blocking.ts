import type { CallOptions, Request } from '../../backend/backend.js';
import { conversational } from '../../backend/conversational.js';
import { keysOf, splitByPlace } from '../../backend/split.js';
import { commands } from '../../commands/table.js';
import { millisNow } from '../../core/clock.js';
import { keySlot } from '../../core/crc16.js';
import { ClosedError, ConnectionError } from '../../core/errors.js';
import { ErrorReply, type Reply } from '../../core/reply.js';
import { policyOf } from '../command-policy.js';
import type { LeaseHost } from './cluster-lease.js';
import type { ClusterNode } from './cluster-node.js';
import { pause } from './pause.js';

const REDIRECTS_MAX = 16;
const WAIT_MS = 50;
const elsewhere = /^(MOVED|ASK|TRYAGAIN|CLUSTERDOWN|LOADING|READONLY|UNBLOCKED) /;

/**
 * A command that waits at the node of its keys, on a connection of its own. Where its slot moves away, or its node is no
 * primary any more, it goes on waiting where the slot is then. Lost with its connection it may have taken an element:
 * then only what may be repeated is. `patience` is for how many milliseconds a node is looked for.
 */
export async function blockInCluster(
  host: LeaseHost,
  request: Request,
  options: CallOptions,
  patience: number,
): Promise<Reply> {
  const { name } = request.spec;
  if (policyOf(request) === 'refused') throw conversational(name);
  splitByPlace(request, keySlot);
  const slot = keySlot(keysOf(request)[0] ?? '');
  let asked: ClusterNode | null = null;
  let troubleUntil = 0;
  for (let turn = 0; ; turn++) {
    const node: ClusterNode = asked ?? (await host.primaryOf(slot, { timeout: patience, ...options }));
    const reply = await attempt(node, request, options, asked !== null);
    asked = null;
    if (!(reply instanceof ErrorReply || reply instanceof ConnectionError)) return reply;
    if (reply instanceof ErrorReply && !elsewhere.test(reply.text)) return reply;
    const code = reply instanceof ErrorReply ? reply.code : '';
    if (code === 'MOVED' && turn < REDIRECTS_MAX) {
      host.noteMoved((reply as ErrorReply).text, node);
      continue;
    }
    if (code === 'ASK' && turn < REDIRECTS_MAX) {
      asked = host.nodeOf((reply as ErrorReply).text, node);
      continue;
    }
    if (troubleUntil === 0) troubleUntil = millisNow() + (patience || Number.POSITIVE_INFINITY);
    if (millisNow() >= troubleUntil) {
      if (reply instanceof ErrorReply) return reply;
      throw reply;
    }
    await host.refresh().catch(() => {});
    await pause(WAIT_MS);
  }
}

/** The reply, or the error by which it was lost if it may be given again. */
async function attempt(
  node: ClusterNode,
  request: Request,
  options: CallOptions,
  asking: boolean,
): Promise<Reply | ConnectionError> {
  try {
    if (!asking) return await node.backend.call(request, options);
    const lease = await node.backend.lease(undefined, options);
    try {
      lease.call({ spec: commands.asking, argv: ['ASKING'] }, options).catch(() => {});
      return await lease.call(request, options);
    } finally {
      lease.release();
    }
  } catch (error) {
    // A node that has left the cluster ends its conversations.
    const lost =
      error instanceof ClosedError && node.isGone
        ? new ConnectionError(`${request.spec.name} had no reply: ${node.name} is gone`, {
            command: request.spec.name,
            applied: error.applied,
            cause: error,
          })
        : error;
    if (!(lost instanceof ConnectionError)) throw lost;
    const mayRepeat = options.retry === 'always' || (options.retry !== 'never' && request.spec.isReadonly);
    if (lost.applied === 'no' || mayRepeat) return lost;
    throw lost;
  }
}
