import type { Backend } from './backend/backend.js';
import { Redis } from './backend/facade.js';
import { LazyBackend } from './backend/lazy-backend.js';
import type { ViewOptions } from './backend/view.js';
import { isClientUrl, parseUrl, type UrlArguments } from './client/url.js';
import { DataError } from './core/errors.js';
import { Engine, type EngineOptions } from './engine/engine.js';
import { EngineBackend } from './engine/engine-backend.js';

/** How `open` makes an engine in the process, or a client of a server; each takes what concerns it. */
export interface OpenOptions extends EngineOptions, ViewOptions, UrlArguments {}

const whole = { transactions: true, blocking: true, pubsub: true } as const;

/**
 * Opens a Redis by URL and returns its API. Nothing is connected before the first command.
 *
 * - `memory:` is an engine of its own in this process, empty at the start and gone with `close()`.
 * - `file:./data` is an engine in this process whose data live in that folder, written as they change and loaded by the
 *   first command. One process at a time may have it open. `close()` writes what is left. Needs Node.
 * - `redis://[user[:password]@]host[:port][/db][?option=value]` is a server; `rediss://` speaks TLS; `unix:///path` goes by
 *   a unix socket; `valkey://`, `valkeys://` and `redis+unix://` are other names of these. `options` are what the URL does
 *   not say. The client is loaded by its first command.
 *
 * Throws DataError for any other URL and for options that the URL cannot have.
 */
export function open(url = 'memory:', options: OpenOptions = {}): Redis {
  const { as, integers, signal } = options;
  const view = { ...(as && { as }), ...(integers && { integers }), ...(signal && { signal }) };
  return new Redis(openBackend(url, options), view) as Redis;
}

/** The backend of a URL, for the nodes of a ring or mirror as for `open`. */
export function openBackend(url: string, options: OpenOptions = {}): Backend {
  if (isClientUrl(url)) return openClient(url, options);
  if (url.startsWith('file:')) return openFolder(url, options);
  if (url !== 'memory:') {
    throw new DataError(`cannot open '${schemeOf(url)}': expected memory:, file:, redis://, rediss:// or unix://`);
  }
  const engine = new Engine(options);
  engine.startCron();
  return new EngineBackend(engine);
}

function openFolder(url: string, options: OpenOptions): Backend {
  return new LazyBackend(whole, async () => {
    const { FolderBackend, folderOf } = await import('./persistence/folder-backend.js');
    return FolderBackend.open(folderOf(url), options);
  });
}

function openClient(url: string, { as, integers, signal, ...rest }: OpenOptions): Backend {
  const options = parseUrl(url, rest);
  return new LazyBackend(whole, async () => {
    const { ClientBackend } = await import('./client/client-backend.js');
    return new ClientBackend(options);
  });
}

/** The scheme alone: the rest of a URL may hold a password. */
function schemeOf(url: string): string {
  const colon = url.indexOf(':');
  return colon < 0 ? url : url.slice(0, colon + 1);
}
