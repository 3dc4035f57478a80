import { readFileSync } from 'node:fs';
import type { Observed } from './observed-replies.js';

const FILE = 'tools/reference/recorded-replies.json';

/** What real servers were seen to answer to what the engine is not: a Sentinel, a node with a cluster bus. */
export function recordedReplies(): ReadonlyMap<string, Observed> {
  return new Map(Object.entries(JSON.parse(readFileSync(FILE, 'utf8')) as Record<string, Observed>));
}
