import type { clientCommands } from '../../commands/client.js';
import { helpReply } from '../../commands/help.js';
import { asCString, type Bytes } from '../../core/bytes.js';
import { parseInteger } from '../../core/integer.js';
import { ErrorReply, NO_REPLY, OK, type Reply, replyErrors, VerbatimReply } from '../../core/reply.js';
import { type ClientFilter, checkFilter, fitsFilter } from '../client-filter.js';
import { clientLine } from '../client-line.js';
import type { HandlersOf } from '../handler.js';
import type { EngineSession } from '../session.js';
import { track, trackingInfo } from './client-tracking.js';

const badName = new ErrorReply('ERR Client names cannot contain spaces, newlines or special characters.');
const noSuchClient = new ErrorReply('ERR No such client');
const badReason = new ErrorReply('ERR CLIENT UNBLOCK reason should be TIMEOUT or ERROR');
const badMode = new ErrorReply('ERR CLIENT PAUSE mode must be WRITE or ALL');
const badTimeout = new ErrorReply('ERR timeout is not an integer or out of range');
const negativeTimeout = new ErrorReply('ERR timeout is negative');
const notTracking = new ErrorReply(
  'ERR CLIENT CACHING can be called only when the client is in tracking mode with OPTIN or OPTOUT mode enabled',
);
const onlyOptIn = new ErrorReply('ERR CLIENT CACHING YES is only valid when tracking is enabled in OPTIN mode.');
const onlyOptOut = new ErrorReply('ERR CLIENT CACHING NO is only valid when tracking is enabled in OPTOUT mode.');
const twoRedirects = new ErrorReply('ERR A client can only redirect to a single other client');
const noRedirect = new ErrorReply('ERR The client ID you want redirect to does not exist');

const printable = /^[!-~]*$/;

/** CLIENT SETNAME and HELLO's SETNAME; the empty name removes it. */
export function setClientName(session: EngineSession, name: Bytes): void {
  checkClientName(name);
  session.name = name;
}

/** Throws the error for a name that no client can have. */
export function checkClientName(name: Bytes): void {
  if (!printable.test(name)) throw badName;
}

/** A 64-bit integer; anything beyond ±2^53 cannot be an id or a time. */
function integerOf(text: Bytes, error: ErrorReply): number {
  const value = parseInteger(text);
  if (value === null) throw error;
  return Number(value);
}

/** Milliseconds that must not be negative: CLIENT PAUSE, WAIT. */
export function timeoutOf(text: Bytes): number {
  const timeout = integerOf(text, badTimeout);
  if (timeout < 0) throw negativeTimeout;
  return timeout;
}

function optionalWord<W extends string>(text: Bytes | undefined, words: readonly W[], error: ErrorReply): W {
  if (text === undefined) return words[0];
  const word = words.find((candidate) => candidate === text.toLowerCase());
  if (word === undefined) throw error;
  return word;
}

/** Closes matching sessions, the caller's own only after its reply. Returns how many. */
function kill(call: EngineSession, filter: ClientFilter): number {
  const doomed = [...call.engine.sessions.values()].filter((session) => fitsFilter(session, filter, call));
  for (const session of doomed) session.close(session === call ? 'after-replies' : 'now');
  return doomed.length;
}

function describe(sessions: Iterable<EngineSession>): Reply {
  let lines = '';
  for (const session of sessions) lines += `${clientLine(session)}\n`;
  return new VerbatimReply(lines);
}

/** Handlers of CLIENT. */
export const clientHandlers: HandlersOf<typeof clientCommands> = {
  clientCaching({ tracking }, { mode }) {
    if (tracking === null) throw notTracking;
    const word = mode.toLowerCase();
    if (word !== 'yes' && word !== 'no') throw replyErrors.syntax;
    if (word === 'yes' && !tracking.optIn) throw onlyOptIn;
    if (word === 'no' && !tracking.optOut) throw onlyOptOut;
    tracking.caching = true;
    return OK;
  },

  clientCapa(call, { capabilities }) {
    // Unknown words are accepted, for clients that know more.
    if (capabilities.some((word) => word.toLowerCase() === 'redirect')) call.redirects = true;
    return OK;
  },

  clientGetname: ({ name }) => name || null,

  clientGetredir: ({ tracking }) => tracking?.redirect ?? -1,

  clientHelp: () => helpReply('client'),

  clientId: ({ id }) => id,

  clientInfo: (call) => describe([call]),

  clientKill(call, { address, ...filter }) {
    if (address !== undefined) {
      if (kill(call, { addr: address }) === 0) throw noSuchClient;
      return OK;
    }
    checkFilter(call.engine, filter);
    return kill(call, { skipMe: 'yes', ...filter });
  },

  clientList(call, { ids, notIds, ...others }) {
    const { engine } = call;
    const filter = { ...others, id: ids, notId: notIds };
    checkFilter(engine, filter);
    // Asked for by their ids, they come in the order of these.
    const asked = ids?.flatMap((id) => engine.sessions.get(id) ?? []) ?? [...engine.sessions.values()];
    return describe(asked.filter((session) => fitsFilter(session, filter, call)));
  },

  clientNoEvict(call, { mode }) {
    call.noEvict = mode === 'on';
    return OK;
  },

  clientNoTouch(call, { mode }) {
    call.noTouch = mode === 'on';
    return OK;
  },

  clientPause({ engine }, { timeout, mode }) {
    const which = optionalWord(mode, ['all', 'write'], badMode);
    const ms = timeoutOf(timeout);
    if (ms > 0) engine.pauses.begin('client', engine.now + ms, which === 'all');
    return OK;
  },

  clientReply(call, { mode }) {
    if (mode === 'on') {
      call.replyMode = 'on';
      return OK;
    }
    if (mode === 'off') call.replyMode = 'off';
    else if (call.replyMode !== 'off') call.replyMode = 'skip-next';
    return NO_REPLY;
  },

  clientSetinfo(call, { attribute, value }) {
    const name = attribute.toLowerCase();
    if (name !== 'lib-name' && name !== 'lib-ver')
      throw new ErrorReply(`ERR Unrecognized option '${asCString(attribute)}'`);
    if (!printable.test(value))
      throw new ErrorReply(`ERR ${asCString(attribute)} cannot contain spaces, newlines or special characters.`);
    if (name === 'lib-name') call.libraryName = value;
    else call.libraryVersion = value;
    return OK;
  },

  clientSetname(call, { name }) {
    setClientName(call, name);
    return OK;
  },

  clientTracking(call, { mode, redirect, prefix, ...flags }) {
    const { engine } = call;
    if (redirect !== undefined) {
      if (!engine.sessions.has(Number(redirect[0]))) throw noRedirect;
      if (redirect.length > 1) throw twoRedirects;
    }
    const word = mode.toLowerCase();
    if (word === 'on') track(call, { ...flags, redirect: Number(redirect?.[0] ?? 0), prefixes: prefix ?? [] });
    else if (word === 'off') engine.tracking.stop(call);
    else throw replyErrors.syntax;
    return OK;
  },

  clientTrackinginfo: ({ tracking }) => trackingInfo(tracking),

  clientUnblock({ engine }, { id, reason }) {
    const mode = optionalWord(reason, ['timeout', 'error'], badReason);
    const target = engine.sessions.get(integerOf(id, replyErrors.notInteger));
    return target !== undefined && engine.blocking.unblock(target, mode) ? 1 : 0;
  },

  clientUnpause({ engine }) {
    engine.pauses.end('client');
    return OK;
  },
};
