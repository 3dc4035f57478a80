import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { formCalls } from '../../src/backend/install.js';
import type { Redis } from '../../src/index.js';
import { batchBehaviour } from './batches.js';
import { conversationBehaviour } from './conversations.js';
import { dataBehaviour } from './data.js';
import { hashScripts } from './hashes.js';
import { keyScripts } from './keys.js';
import { listScripts } from './lists.js';
import { newerScripts } from './newer.js';
import { pubsubBehaviour } from './pubsub.js';
import { expectValue, type Need, refused, type Script } from './script.js';
import { scriptingScripts } from './scripting.js';
import { connectionScripts, pubsubScripts, serverScripts } from './server.js';
import { geoScripts, setScripts } from './sets.js';
import { sortedSetScripts } from './sorted-sets.js';
import { streamScripts } from './streams.js';
import { stringScripts } from './strings.js';

export interface Opened {
  db: Redis;
  close(): Promise<void>;
}

/** Opens a Redis of its own for a test; what it holds may be thrown away. */
export type Open = () => Promise<Opened>;

const groups: Readonly<Record<string, readonly Script[]>> = {
  strings: stringScripts,
  hashes: hashScripts,
  lists: listScripts,
  sets: setScripts,
  'sorted sets': sortedSetScripts,
  geo: geoScripts,
  streams: streamScripts,
  scripting: scriptingScripts,
  keys: keyScripts,
  connection: connectionScripts,
  'pub/sub': pubsubScripts,
  server: serverScripts,
  'newer commands': newerScripts,
};

/** Methods that no script calls, and why. */
const elsewhere: readonly (readonly [pattern: RegExp, reason: string])[] = [
  [/^(save|bgsave|bgrewriteaof)$/, 'they write files where the server runs'],
  [/^client(Capa|NoTouch|Setinfo)$/, 'they are compared with newer servers'],
  [/^sentinel/, 'only a Sentinel answers them, and has tests of its own'],
  [/^(replicaof|slaveof)$/, 'they would make the server a copy of another one'],
  [/^(cluster[A-Z]|asking$|readonly$|readwrite$)/, 'what concerns clusters has tests of its own'],
];

export interface SuiteOptions {
  /**
   * What the backend cannot do, and the code (or the name) of the error that says so: each call that needs it must be
   * refused with that, and is reported as not applicable.
   */
  readonly cannot?: Readonly<Partial<Record<Need, string>>>;
}

/** The whole façade over a backend: every method at least once, and what holds for all of them. */
export function facadeSuite(title: string, open: Open, { cannot = {} }: SuiteOptions = {}): void {
  describe(`façade over ${title}`, () => {
    const called = new Set<string>();
    let inapplicable = 0;
    let opened: Opened;
    before(async () => {
      opened = await open();
    });
    beforeEach(() => opened.db.flushall());
    after(() => opened.close());

    for (const [group, scripts] of Object.entries(groups)) {
      describe(group, () => {
        for (const [name, ...steps] of scripts) {
          it(name, async () => {
            const db = noting(opened.db, called);
            for (const [call, expected, need] of steps) {
              const error = need === undefined ? undefined : cannot[need];
              if (error !== undefined) inapplicable++;
              expectValue(await outcome(() => call(db)), error === undefined ? expected : refused(error));
            }
          });
        }
      });
    }

    batchBehaviour(() => opened.db);
    dataBehaviour(() => opened.db);
    pubsubBehaviour(() => opened.db, open);
    conversationBehaviour(() => opened.db, open, cannot);

    it('every method was called', (t) => {
      if (inapplicable > 0) t.diagnostic(`${inapplicable} calls are not applicable and were refused`);
      const methods = formCalls().map(({ form }) => form.method);
      const missed = methods.filter((name) => !called.has(name) && !elsewhere.some(([pattern]) => pattern.test(name)));
      assert.deepEqual(missed, []);
    });
  });
}

/** What a call gives, or the error that it ends with. */
async function outcome(call: () => unknown): Promise<unknown> {
  try {
    return await call();
  } catch (error) {
    return error;
  }
}

/** The same database, noting which methods are called. */
function noting(db: Redis, called: Set<string>): Redis {
  return new Proxy(db, {
    get(target, name) {
      called.add(String(name));
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? (value as (...args: unknown[]) => unknown).bind(target) : value;
    },
  });
}
