import { formCall } from '../../src/backend/form-call.js';
import { savingCommands } from '../../src/commands/saving.js';
import type { Spec } from '../../src/commands/spec.js';
import { commands, commandTable } from '../../src/commands/table.js';
import { isOffered, NEWEST_VERSION, serverVersions } from '../../src/commands/version.js';
import { Random } from '../../src/core/random.js';
import { ErrorReply, type Reply } from '../../src/core/reply.js';
import { Engine } from '../../src/engine/engine.js';
import { EngineBackend } from '../../src/engine/engine-backend.js';
import { argvFor } from '../../test/laws/words.js';
import { onlySentinel, type Verdict, works } from './verdict.js';

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
    const none: Verdict = { word: '✗', reason: onlySentinel };
    return { embedded: none, sync: none, serve: none };
  }
  const error = constantError(spec);
  const embedded = error === null ? works : lacking(spec, error);
  const waits = spec.forms.length > 0 && spec.forms.every((form) => formCall(spec, form).blocking);
  return {
    embedded,
    sync: waits ? { word: '✗', reason: 'It may have to wait, and so cannot return at once.' } : embedded,
    serve: saving.has(spec.name) ? works : served(spec, embedded),
  };
}

/** What an engine can only do with somewhere to save to, which `keyspan serve` has. */
const saving = new Set<string>(
  Object.keys(savingCommands).map((key) => commands[key as keyof typeof savingCommands].name),
);
const toSave = '`file:` and `keyspan serve`: `memory:` has nowhere to save to.';

function lacking(spec: Spec, error: string): Verdict {
  if (saving.has(spec.name)) return { word: '✓', reason: toSave };
  const [first] = error.split(/\. |, otherwise/);
  return { word: 'off', reason: `As it comes, it answers \`${first}\`.` };
}

const servedVersion = new Engine().settings.serverVersion;

function served(spec: Spec, embedded: Verdict): Verdict {
  if (isOffered(spec.since, servedVersion)) return embedded;
  const version = serverVersions.find((one) => isOffered(spec.since, one))!;
  return { word: 'off', reason: `Served with \`--server-version ${version}\` or later.` };
}

/** Errors that tell of what happened before, not of what the engine is. */
const passing = /^NOTBUSY |not found|can be called only|wrong number of arguments|syntax error|not an integer/;

/** The error that a new engine answers whatever the arguments are; null if it ever answers something else. */
function constantError(spec: Spec): string | null {
  if (spec.hidden || spec.keySpecs.length > 0 || spec.flags.includes('blocking') || spec.name === 'SHUTDOWN')
    return null;
  const random = new Random(7);
  let common: string | null = null;
  for (let i = 0; i < ATTEMPTS; i++) {
    const backend = new EngineBackend(new Engine({ serverVersion: NEWEST_VERSION }));
    let reply: Reply;
    try {
      reply = backend.callNow({ spec, argv: argvFor(spec, random) });
    } catch {
      return null;
    } finally {
      void backend.close();
    }
    if (!(reply instanceof ErrorReply)) return null;
    if (passing.test(reply.text)) continue;
    common ??= reply.text;
    if (reply.text !== common) return null;
  }
  return common;
}
