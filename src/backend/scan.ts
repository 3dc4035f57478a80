import { bytesOf, itemsOf } from '../commands/shape.js';
import type { Bytes } from '../core/bytes.js';
import type { Reply } from '../core/reply.js';
import type { Request } from './backend.js';
import { formCallOf } from './install.js';
import type { Lens } from './lens.js';
import type { Arg } from './view.js';

/** Options of iterations by SCAN. */
export interface ScanOptions {
  /** Returns only what matches this glob pattern. */
  match?: Arg;
  /** About how many elements to examine per page; Redis' default is 10. */
  count?: number;
}

/** One page to ask for, and how to read its reply. */
export interface ScanPage {
  readonly request: Request;
  items(reply: Reply): Generator<Bytes[]>;
}

/** A command of this kind: its method, what stands before the cursor, how many items belong together. */
export interface Scan {
  readonly method: 'scan' | 'hscan' | 'sscan' | 'zscan';
  readonly head?: readonly Arg[];
  readonly width?: number;
}

/**
 * The pages of a SCAN-like command: yields requests, is given replies, ends when the cursor is back at 0.
 * `width` elements of a page belong together. Shared by the awaited and the synchronous iterators.
 */
export function* scanPages(
  lens: Lens,
  scan: Scan,
  options: ScanOptions & { type?: string },
): Generator<ScanPage, void, Reply> {
  const call = formCallOf(scan.method);
  let cursor = '0';
  do {
    const request = lens.request(call, [...(scan.head ?? []), cursor, options]);
    const reply: Reply = yield { request, items: (page) => itemsOfPage(page, scan.width ?? 1) };
    cursor = bytesOf((itemsOf(reply) ?? [])[0] ?? '0') ?? '0';
  } while (cursor !== '0');
}

function* itemsOfPage(reply: Reply, width: number): Generator<Bytes[]> {
  const items = itemsOf((itemsOf(reply) ?? [])[1] ?? []) ?? [];
  for (let i = 0; i + width <= items.length; i += width) {
    yield items.slice(i, i + width).map((item) => bytesOf(item) ?? '');
  }
}
