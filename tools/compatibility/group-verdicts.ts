import type { Backend, Request } from '../../src/backend/backend.js';
import { conversational } from '../../src/backend/conversational.js';
import { keysOf } from '../../src/backend/split.js';
import { policyOf } from '../../src/client/command-policy.js';
import type { Spec } from '../../src/commands/spec.js';
import { commandTable } from '../../src/commands/table.js';
import type { Reply } from '../../src/core/reply.js';
import { Mirror } from '../../src/sharding/mirror.js';
import { Ring } from '../../src/sharding/ring.js';
import { type Way, wayOf } from '../../src/sharding/writes.js';
import { type DrawKey, sampleOf } from './sample.js';
import { inBatches, onlySentinel, refusalOf, type Verdict } from './verdict.js';

/** What rings and mirrors do: they are given each command, and their nodes write down what they are asked. */

const NODES = 3;

/** A node that answers everything with a number and tells what it was asked; it refuses what a client refuses. */
class Witness implements Backend {
  readonly capabilities = { transactions: true, blocking: true, pubsub: true };
  readonly asked: Request[] = [];

  async call(request: Request): Promise<Reply> {
    if (policyOf(request) === 'refused') throw conversational(request.spec.name);
    this.asked.push(request);
    return request.spec.name === 'PING' ? 'PONG' : 0;
  }

  async batch(requests: readonly Request[]): Promise<Reply[]> {
    return await Promise.all(requests.map((request) => this.call(request)));
  }

  transaction(requests: readonly Request[]): Promise<Reply> {
    return this.batch(requests);
  }

  lease(): Promise<never> {
    return Promise.reject(new Error('a witness holds no conversations'));
  }

  async close(): Promise<void> {}
}

type Give = (group: Ring | Mirror, request: Request) => Promise<unknown>;

const call: Give = (group, request) => group.call(request);
const batch: Give = (group, request) => group.batch([request]);
const transaction: Give = (group, request) => group.transaction([request]);

export interface GroupVerdicts {
  readonly ring: Verdict;
  readonly mirror: Verdict;
}

export async function groupVerdicts(spec: Spec): Promise<GroupVerdicts> {
  if (commandTable.own(spec) !== spec) {
    const none: Verdict = { word: '✗', reason: onlySentinel };
    return { ring: none, mirror: none };
  }
  const [ring, mirror] = await Promise.all([verdictOf(spec, ringOf), verdictOf(spec, mirrorOf)]);
  return { ring, mirror };
}

const ringOf = (nodes: Witness[]): Ring => new Ring(nodes.map((backend) => ({ backend })));
const mirrorOf = (nodes: Witness[]): Mirror =>
  new Mirror(
    nodes.map((backend) => ({ backend })),
    { health: { interval: 0 } },
  );

async function verdictOf(spec: Spec, make: (nodes: Witness[]) => Ring | Mirror): Promise<Verdict> {
  const [called, piped, together] = await Promise.all([call, batch, transaction].map((give) => seen(spec, make, give)));
  const isSpread = ['split', 'all', 'in turn'].includes(called!.word);
  const inTransaction = together!.word === '✗' || isSpread ? together! : null;
  return inBatches(called!, piped!, called!.word === '✗' ? null : inTransaction);
}

/** Carries the command out at a group of witnesses; what they saw tells how it went. */
async function seen(spec: Spec, make: (nodes: Witness[]) => Ring | Mirror, give: Give): Promise<Verdict> {
  const nodes = Array.from({ length: NODES }, () => new Witness());
  const group = make(nodes);
  const request = sampleOf(spec, group instanceof Ring ? keysApart(group) : keys());
  try {
    await give(group, request);
  } catch (error) {
    const refusal = refusalOf(error, spec.name);
    const reached = nodes.some(({ asked }) => asked.length > 0);
    if (refusal !== null && !(reached && refusal.reason?.startsWith('unexpected'))) return refusal;
  } finally {
    group.destroy();
  }
  return judge(request, nodes, group instanceof Mirror);
}

function judge(request: Request, nodes: readonly Witness[], isMirror: boolean): Verdict {
  const { spec } = request;
  const reached = nodes.filter(({ asked }) => asked.length > 0);
  const heads = reached.filter(({ asked }) => sameWords(asked[0]!, request));
  if (spec.args.some(({ name }) => name === 'cursor') && keysOf(request).length === 0) return { word: 'in turn' };
  if (isMirror) return mirrored(request, heads.length);
  if (heads.length > 1) return { word: 'all' };
  if (reached.length > 1) return { word: 'split' };
  return { word: keysOf(request).length > 0 || spec.name.includes('PUBLISH') ? '✓' : 'one' };
}

const ways: Readonly<Record<Exclude<Way, 'everywhere'>, string>> = {
  copied: 'What it does to its keys cannot be told beforehand: the keys are copied from the first node.',
  followed: 'The others are told what it did at the first.',
  waited: 'It waits at one node; what it was served is taken away at the others.',
};

function mirrored(request: Request, heads: number): Verdict {
  const { spec } = request;
  if (spec.isReadonly || !(spec.isWrite || spec.follow !== undefined)) return { word: heads === NODES ? 'all' : 'one' };
  const way = wayOf(request);
  return way === 'everywhere' ? { word: 'all' } : { word: 'follow', reason: ways[way] };
}

function sameWords(one: Request, other: Request): boolean {
  return one.argv.length === other.argv.length && one.argv.every((word, i) => word === other.argv[i]);
}

const keys = (): DrawKey => {
  let i = 0;
  return () => `key${++i}`;
};

/** Keys that live at one node after the other. */
function keysApart(ring: Ring): DrawKey {
  let drawn = 0;
  let next = 0;
  return () => {
    for (;;) {
      const key = `key${++next}`;
      if (ring.nodeOf(key)!.index !== drawn % NODES) continue;
      drawn++;
      return key;
    }
  };
}
