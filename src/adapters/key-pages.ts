import type { Redis } from '../backend/facade.js';

const PAGE_KEYS = 500;
const SCAN_COUNT = 500;

/** The keys that begin with `prefix`, a few hundred at a time, without duplicates within a page. */
export async function* keyPages(db: Redis, prefix: string): AsyncGenerator<string[]> {
  let page = new Set<string>();
  for await (const key of db.scanIter({ match: `${prefix.replace(/[\\*?[\]^]/g, '\\$&')}*`, count: SCAN_COUNT })) {
    page.add(key);
    if (page.size < PAGE_KEYS) continue;
    yield [...page];
    page = new Set();
  }
  if (page.size > 0) yield [...page];
}

/** Removes the keys that begin with `prefix`. */
export async function removeAll(db: Redis, prefix: string): Promise<void> {
  for await (const keys of keyPages(db, prefix)) await db.unlink(...keys);
}
