import type { Request } from '../../src/backend/backend.js';
import { conversational } from '../../src/backend/conversational.js';
import { isMergeable, noOneReply } from '../../src/backend/merge.js';
import { splitByPlace } from '../../src/backend/split.js';
import { refuseUnfit, slotOfTransaction } from '../../src/client/cluster/cluster-batch.js';
import { invalidInCluster, planOf } from '../../src/client/cluster/plan.js';
import { policyOf } from '../../src/client/command-policy.js';
import type { Spec } from '../../src/commands/spec.js';
import { commandTable } from '../../src/commands/table.js';
import { keySlot } from '../../src/core/crc16.js';
import { sampleOf } from './sample.js';
import { forAll, inBatches, onlySentinel, reasonOf, refusalOf, type Verdict, type Word, works } from './verdict.js';

/** What the clients of one server, of a failover pair, of Sentinels and of a cluster do: their own decisions, asked. */

const apart = (): (() => string) => {
  let i = 0;
  return () => `key${++i}`;
};

export interface ClientVerdicts {
  readonly server: Verdict;
  readonly sentinel: Verdict;
  readonly cluster: Verdict;
}

export function clientVerdicts(spec: Spec): ClientVerdicts {
  const request = sampleOf(spec, apart());
  const server = onConnection(request);
  if (commandTable.own(spec) === spec) return { server, sentinel: server, cluster: inCluster(request) };
  const none: Verdict = { word: '✗', reason: onlySentinel };
  return { server: none, sentinel: { word: 'sentinel' }, cluster: none };
}

function onConnection(request: Request): Verdict {
  const { name } = request.spec;
  switch (policyOf(request)) {
    case 'shared':
      return works;
    case 'blocking':
    case 'wait':
      return { word: 'own' };
    case 'session':
      return { word: '✓', reason: forAll };
    case 'refused':
      return { word: '✗', reason: reasonOf(conversational(name).message, name) };
  }
}

function inCluster(request: Request): Verdict {
  const { name } = request.spec;
  const pipeline = judged(request, () => refuseUnfit(request));
  const transaction = pipeline ?? judged(request, () => void slotOfTransaction([request]));
  return inBatches(called(request), pipeline, transaction?.word === '✗' && !request.spec.hidden ? transaction : null);

  function called(one: Request): Verdict {
    switch (planOf(one).kind) {
      case 'key':
      case 'channel':
        return works;
      case 'keys':
        return byKeys(one);
      case 'any':
        return { word: 'one' };
      case 'shards':
      case 'nodes':
        return isMergeable(one) ? { word: 'all' } : { word: '✗', reason: reasonOf(noOneReply(one), name) };
      case 'scan':
        return { word: 'in turn' };
      case 'session':
        return { word: 'all', reason: forAll };
      case 'apart':
        if (policyOf(one) === 'refused') return { word: '✗', reason: reasonOf(conversational(name).message, name) };
        return byKeys(one).word === 'together'
          ? { word: 'own', reason: 'Its keys must have one slot.' }
          : { word: 'own' };
      case 'invalid':
        return { word: '✗', reason: reasonOf(invalidInCluster(one).message, name) };
    }
  }
}

function byKeys(request: Request): Verdict {
  const verdict = judged(request, () => void splitByPlace(request, keySlot));
  if (verdict !== null) return verdict;
  const parts = splitByPlace(request, keySlot).length;
  const word: Word = parts > 1 ? 'split' : '✓';
  return { word };
}

function judged(request: Request, judge: () => void): Verdict | null {
  try {
    judge();
    return null;
  } catch (error) {
    return refusalOf(error, request.spec.name);
  }
}
