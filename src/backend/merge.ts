import { itemsOf } from '../commands/shape.js';
import type { ResponsePolicy } from '../commands/spec.js';
import { ClosedError, UnsupportedError } from '../core/errors.js';
import type { Random } from '../core/random.js';
import { ErrorReply, type Reply, SetReply } from '../core/reply.js';
import type { Request } from './backend.js';
import type { Part } from './split.js';

/** Merges several replies into one, by the command's response policy. An error among them becomes the reply. */

type Number64 = number | bigint;

/**
 * The reply to a request from those of its parts (`splitByPlace`), in the order of the parts: sums and the like where
 * the policy says so, else one array with the items in the places of their keys.
 */
export function mergeParts(request: Request, parts: readonly Part<unknown>[], replies: readonly Reply[]): Reply {
  const failed = replies.find((reply) => reply instanceof ErrorReply);
  if (failed !== undefined) return failed;
  if (parts.length === 1) return replies[0]!;
  const { response } = request.spec;
  return response === undefined ? byPosition(parts, replies) : aggregate(response, request, replies);
}

function byPosition(parts: readonly Part<unknown>[], replies: readonly Reply[]): Reply {
  const all: Reply[] = [];
  parts.forEach(({ keys }, i) => {
    const items = itemsOf(replies[i]!) ?? [];
    keys.forEach((key, at) => {
      all[key] = items[at] ?? null;
    });
  });
  return all;
}

/**
 * The reply to a command that went to all nodes or shards: by its policy (DBSIZE is a sum, FLUSHALL is done when all
 * have done it, SCRIPT KILL when one has); lists without a policy are joined (KEYS), of other replies one that
 * is not null is drawn by `random`, or is the first (RANDOMKEY). Throws UnsupportedError where no one reply could stand for all (INFO).
 */
export function mergeNodes(request: Request, replies: readonly Reply[], random?: Random): Reply {
  const { response } = request.spec;
  if (replies.length === 0) throw new ClosedError(`no node is there for ${request.spec.name}`);
  if (response === 'one_succeeded') return replies.find((reply) => !(reply instanceof ErrorReply)) ?? replies[0]!;
  if (response === 'special') throw new UnsupportedError(noOneReply(request), { command: request.spec.name });
  const failed = replies.find((reply) => reply instanceof ErrorReply);
  if (failed !== undefined) return failed;
  if (response !== undefined) return aggregate(response, request, replies);
  const lists = replies.map(itemsOf);
  if (lists.every((items) => items !== null)) {
    const joined = lists.flat();
    return replies[0] instanceof SetReply ? new SetReply(joined) : joined;
  }
  const present = replies.filter((reply) => reply !== null);
  return present[random?.below(present.length) ?? 0] ?? null;
}

/** Whether the replies of several nodes can be merged. */
export function isMergeable({ spec }: Request): boolean {
  return spec.response !== 'special';
}

export function noOneReply({ spec }: Request): string {
  return `${spec.name} has a reply of its own from each node: ask one of \`nodes\``;
}

function aggregate(policy: ResponsePolicy, request: Request, replies: readonly Reply[]): Reply {
  switch (policy) {
    case 'all_succeeded':
    case 'one_succeeded':
      return replies[0]!;
    case 'agg_sum':
      return fold(replies, sum);
    case 'agg_min':
      return fold(replies, (a, b) => (a < b ? a : b));
    case 'agg_max':
      return fold(replies, (a, b) => (a > b ? a : b));
    case 'agg_logical_and':
      return fold(replies, (a, b) => (Number(a) !== 0 && Number(b) !== 0 ? 1 : 0));
    case 'agg_logical_or':
      return fold(replies, (a, b) => (Number(a) !== 0 || Number(b) !== 0 ? 1 : 0));
    case 'special':
      throw new UnsupportedError(noOneReply(request), { command: request.spec.name });
  }
}

/** Item by item where the replies are lists (SCRIPT EXISTS). */
function fold(replies: readonly Reply[], combine: (a: Number64, b: Number64) => Number64): Reply {
  return replies.reduce((left, right) => {
    const lefts = itemsOf(left);
    const rights = itemsOf(right);
    if (lefts === null || rights === null) return combine(left as Number64, right as Number64);
    return lefts.map((item, i) => combine(item as Number64, rights[i] as Number64));
  });
}

/** Exact: beyond 2^53 it becomes a bigint. */
function sum(a: Number64, b: Number64): Number64 {
  const total = Number(a) + Number(b);
  return Number.isSafeInteger(total) ? total : BigInt(a) + BigInt(b);
}
