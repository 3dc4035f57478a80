import { bytesOf, itemsOf } from '../commands/shape.js';
import type { Bytes } from '../core/bytes.js';
import type { Reply } from '../core/reply.js';
import type { Request } from './backend.js';
import { rawRequest } from './install.js';
import type { Arg } from './view.js';

export interface ScanOptions {
  /** Only what matches this glob pattern. */
  match?: Arg;
  /** About how many elements a page looks at; Redis' default is 10. */
  count?: number;
}

/** One page to ask for, and how to read its reply. */
export interface ScanPage {
  readonly request: Request;
  items(reply: Reply): Generator<Bytes[]>;
}

/**
 * The pages of a SCAN-like command: yields requests, is given replies, ends when the cursor is back at 0.
 * `width` elements of a page belong together. Shared by the awaited and the synchronous iterators.
 */
export function* scanPages(
  name: string,
  head: readonly Arg[],
  options: ScanOptions & { type?: string },
  width: number,
): Generator<ScanPage, void, Reply> {
  const tail: Arg[] = [];
  if (options.match !== undefined) tail.push('MATCH', options.match);
  if (options.count !== undefined) tail.push('COUNT', options.count);
  if (options.type !== undefined) tail.push('TYPE', options.type);
  let cursor = '0';
  do {
    const request = rawRequest(name, [...head, cursor, ...tail]);
    const reply: Reply = yield { request, items: (page) => itemsOfPage(page, width) };
    cursor = bytesOf((itemsOf(reply) ?? [])[0] ?? '0') ?? '0';
  } while (cursor !== '0');
}

function* itemsOfPage(reply: Reply, width: number): Generator<Bytes[]> {
  const items = itemsOf((itemsOf(reply) ?? [])[1] ?? []) ?? [];
  for (let i = 0; i + width <= items.length; i += width) {
    yield items.slice(i, i + width).map((item) => bytesOf(item) ?? '');
  }
}
