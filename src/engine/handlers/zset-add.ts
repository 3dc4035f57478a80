import type { Bytes } from '../../core/bytes.js';
import { ErrorReply, type Reply } from '../../core/reply.js';
import type { Database } from '../database.js';
import { NOTIFY_ZSET } from '../notify.js';
import { ADDED, UPDATED, type ZSetValue } from '../values/zset.js';
import { doubleReply } from './double-reply.js';

const notNumber = new ErrorReply('ERR resulting score is not a number (NaN)');

/** ZADD's flags. */
export interface AddRules {
  readonly nx?: true;
  readonly xx?: true;
  readonly gt?: true;
  readonly lt?: true;
  readonly ch?: true;
}

/** ZADD without INCR. Returns how many members are new; with `ch`, new or changed. */
export function addMembers(
  db: Database,
  key: Bytes,
  pairs: readonly (readonly [number, Bytes])[],
  rules: AddRules,
): number {
  const existing = db.zsetForWrite(key);
  if (existing === null && rules.xx) return 0;
  const zset = existing ?? db.addZset(key);
  zset.expect(pairs.length);
  if (existing === null && pairs[0][1].length > db.engine.settings.limits.zsetMaxListpackValue) zset.enlarge();
  const plain = !(rules.nx || rules.xx || rules.gt || rules.lt);
  let added = 0;
  let updated = 0;
  for (let i = 0; i < pairs.length; i++) {
    const score = pairs[i][0];
    const member = pairs[i][1];
    if (!plain && isPrevented(zset.score(member), score, rules)) continue;
    const outcome = zset.add(member, score);
    if (outcome === ADDED) added++;
    else if (outcome === UPDATED) updated++;
  }
  if (added + updated > 0) db.changed(key, NOTIFY_ZSET, 'zadd', added + updated);
  return rules.ch ? added + updated : added;
}

/** ZINCRBY and ZADD INCR. Returns the sum, null if a rule prevented it. */
export function incrementMember(
  db: Database,
  key: Bytes,
  [increment, member]: readonly [number, Bytes],
  rules: AddRules,
): Reply {
  const existing: ZSetValue | null = db.zsetForWrite(key);
  const old = existing === null ? null : existing.score(member);
  if (old === null ? rules.xx : rules.nx) return null;
  const score = old === null ? increment : old + increment;
  if (Number.isNaN(score)) throw notNumber;
  if (isPrevented(old, score, rules)) return null;
  const outcome = (existing ?? db.addZset(key)).add(member, score);
  if (outcome === ADDED || outcome === UPDATED) db.changed(key, NOTIFY_ZSET, 'zincr');
  return doubleReply(db.engine, score);
}

function isPrevented(old: number | null, score: number, { nx, xx, gt, lt }: AddRules): boolean {
  if (old === null) return xx === true;
  return nx === true || (gt === true && score <= old) || (lt === true && score >= old);
}
