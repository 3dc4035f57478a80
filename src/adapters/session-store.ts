import type { Redis } from '../backend/facade.js';
import { systemClock } from '../core/clock.js';
import { keyPages, removeAll } from './key-pages.js';

/** Where sessions are kept, and for how long. */
export interface SessionStoreOptions {
  /** Put before every session id. Default `sess:`. */
  readonly prefix?: string;
  /** Seconds that a session without an expiring cookie lives after its last use. Default: a day. */
  readonly ttl?: number;
}

type Callback<T = void> = (error?: unknown, value?: T) => void;

/** The part of a session that matters to its store. */
interface SessionData {
  readonly cookie?: { readonly expires?: Date | string | null };
}

const DAY_SECONDS = 86_400;

/**
 * A store for express-session: `session({ store: sessionStore(session.Store, db), … })`. `Base` is express-session's
 * own class, so the program decides on its version. Sessions are stored as JSON and expire with their cookies, or `ttl`
 * seconds after their last use.
 */
export function sessionStore<B extends abstract new () => object>(
  Base: B,
  db: Redis,
  { prefix = 'sess:', ttl = DAY_SECONDS }: SessionStoreOptions = {},
): InstanceType<B> & SessionStore {
  /** Milliseconds that the session has left to live. */
  const life = ({ cookie }: SessionData): number => {
    const expires = cookie?.expires;
    return expires ? new Date(expires).getTime() - systemClock.now() : ttl * 1000;
  };

  class Store extends (Base as unknown as new () => object) implements SessionStore {
    get(id: string, callback: Callback<unknown>): void {
      settle(async () => {
        const text = await db.get(prefix + id);
        return text === null ? null : JSON.parse(text);
      }, callback);
    }

    set(id: string, session: object, callback?: Callback): void {
      settle(async () => {
        const px = Math.ceil(life(session));
        if (px > 0) await db.set(prefix + id, JSON.stringify(session), { px });
        else await db.unlink(prefix + id);
      }, callback);
    }

    touch(id: string, session: object, callback?: Callback): void {
      settle(async () => void (await db.pexpire(prefix + id, Math.ceil(life(session)))), callback);
    }

    destroy(id: string, callback?: Callback): void {
      settle(async () => void (await db.unlink(prefix + id)), callback);
    }

    clear(callback?: Callback): void {
      settle(() => removeAll(db, prefix), callback);
    }

    length(callback: Callback<number>): void {
      settle(async () => {
        let count = 0;
        for await (const keys of keyPages(db, prefix)) count += keys.length;
        return count;
      }, callback);
    }

    all(callback: Callback<unknown[]>): void {
      settle(async () => {
        const sessions: unknown[] = [];
        for await (const keys of keyPages(db, prefix)) {
          for (const [i, text] of (await db.mget(...keys)).entries()) {
            if (text !== null) sessions.push({ ...JSON.parse(text), id: keys[i]!.slice(prefix.length) });
          }
        }
        return sessions;
      }, callback);
    }
  }
  return new Store() as InstanceType<B> & SessionStore;
}

/** The store interface of express-session. */
export interface SessionStore {
  get(id: string, callback: Callback<unknown>): void;
  set(id: string, session: object, callback?: Callback): void;
  touch(id: string, session: object, callback?: Callback): void;
  destroy(id: string, callback?: Callback): void;
  clear(callback?: Callback): void;
  length(callback: Callback<number>): void;
  all(callback: Callback<unknown[]>): void;
}

/** An error thrown by the callback is the program's own and must not be passed back to it. */
function settle<T>(work: () => Promise<T>, callback: Callback<T> = () => {}): void {
  work().then(
    (value) => queueMicrotask(() => callback(null, value)),
    (error: unknown) => queueMicrotask(() => callback(error)),
  );
}
