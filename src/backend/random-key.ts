import { bytesOf } from '../commands/shape.js';
import { commands } from '../commands/table.js';
import type { Bytes } from '../core/bytes.js';
import { UnsupportedError } from '../core/errors.js';
import { Random } from '../core/random.js';
import type { Reply } from '../core/reply.js';
import type { Request } from './backend.js';
import type { Lens } from './lens.js';
import { scanPages } from './scan.js';

/** How often a random key of the whole database is tried before the keys are scanned. */
const DRAWS_MAX = 16;
const SCAN_COUNT = 1000;
const random = new Random();

/**
 * A key of a view with a prefix, drawn at random: RANDOMKEY knows no prefix. Yields requests and is given their replies;
 * returns the key with its prefix, or null. Where few keys have the prefix it costs O(n) of the database.
 */
export function* drawKey(lens: Lens): Generator<Request, Bytes | null, Reply> {
  for (let draw = 0; draw < DRAWS_MAX; draw++) {
    const key = bytesOf(yield { spec: commands.randomkey, argv: ['RANDOMKEY'] });
    if (key === null) return null;
    if (lens.owns(key)) return key;
  }
  let chosen: Bytes | null = null;
  let seen = 0;
  const pages = scanPages(lens, { method: 'scan' }, { count: SCAN_COUNT });
  for (let step = pages.next(); !step.done; ) {
    const reply: Reply = yield step.value.request;
    for (const [key] of step.value.items(reply)) if (random.below(++seen) === 0) chosen = key!;
    step = pages.next(reply);
  }
  return chosen;
}

/** A batch cannot look at one reply before it sends the next command. */
export function noRandomKey(): UnsupportedError {
  return new UnsupportedError('RANDOMKEY of a view with a prefix takes several commands: not in a batch', {
    command: 'RANDOMKEY',
  });
}
