import type { Spec } from '../../src/commands/spec.js';
import { commandTable } from '../../src/commands/table.js';
import { isOffered } from '../../src/commands/version.js';
import { Random } from '../../src/core/random.js';
import { ErrorReply, type Reply } from '../../src/core/reply.js';
import { Engine } from '../../src/engine/engine.js';
import { EngineBackend } from '../../src/engine/engine-backend.js';
import { argvFor } from '../../test/laws/words.js';
import { reasonOf, type Verdict, works } from './verdict.js';

/** What the engine does, in the process and behind sockets: it is asked. */

/** So many argument lists must have one and the same error before the command counts as refused. */
const ATTEMPTS = 60;

export interface EngineVerdicts {
  readonly embedded: Verdict;
  readonly sync: Verdict;
  readonly serve: Verdict;
}

export function engineVerdicts(spec: Spec): EngineVerdicts {
  if (commandTable.own(spec) !== spec) {
    const none: Verdict = { word: '✗', reason: 'only a Sentinel knows it' };
    return { embedded: none, sync: none, serve: none };
  }
  const error = constantError(spec);
  const embedded: Verdict = error === null ? works : { word: '✗', reason: `answers \`${error}\` in an engine by itself` };
  const waits = spec.flags.includes('blocking') && spec.forms.length > 0;
  return { embedded, sync: waits && error === null ? { word: '✗', reason: waiting } : embedded, serve: served(spec) };
}

const waiting = 'has to wait, and cannot return at once';

function served(spec: Spec): Verdict {
  const version = new Engine().serverVersion;
  return isOffered(spec.since, version)
    ? works
    : { word: '✓', reason: `with \`--server-version ${spec.since.split('.').slice(0, 2).join('.')}\` or later` };
}

/** The error that a new engine answers whatever the arguments are; null if it ever answers something else. */
function constantError(spec: Spec): string | null {
  if (spec.hidden || spec.keySpecs.length > 0 || spec.flags.includes('blocking') || spec.name === 'SHUTDOWN') return null;
  const random = new Random(7);
  let common: string | null = null;
  for (let i = 0; i < ATTEMPTS; i++) {
    const backend = new EngineBackend(new Engine());
    let reply: Reply;
    try {
      reply = backend.callNow({ spec, argv: argvFor(spec, random) });
    } catch {
      return null;
    } finally {
      void backend.close();
    }
    if (!(reply instanceof ErrorReply)) return null;
    if (/wrong number of arguments|syntax error|not an integer/.test(reply.text)) continue;
    common ??= reply.text;
    if (reply.text !== common) return null;
  }
  return common === null ? null : reasonOf(common, spec.name);
}
