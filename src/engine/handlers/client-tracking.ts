import { asCString, type Bytes } from '../../core/bytes.js';
import { ErrorReply, MapReply, type Reply, SetReply } from '../../core/reply.js';
import type { EngineSession } from '../session.js';
import type { TrackingState } from '../tracking.js';

const prefixWithoutBcast = new ErrorReply('ERR PREFIX option requires BCAST mode to be enabled');
const switchesBcast = new ErrorReply(
  "ERR You can't switch BCAST mode on/off before disabling tracking for this client, and then re-enabling it with " +
    'a different mode.',
);
const bcastWithOptions = new ErrorReply('ERR OPTIN and OPTOUT are not compatible with BCAST');
const bothOptions = new ErrorReply("ERR You can't specify both OPTIN mode and OPTOUT mode");
const switchesOptions = new ErrorReply(
  "ERR You can't switch OPTIN/OPTOUT mode before disabling tracking for this client, and then re-enabling it with " +
    'a different mode.',
);

interface TrackingRequest {
  redirect: number;
  prefixes: readonly Bytes[];
  bcast?: true;
  optIn?: true;
  optOut?: true;
  noLoop?: true;
}

/** CLIENT TRACKING ON. Throws ErrorReplies for options that conflict with each other or with those in effect. */
export function track(call: EngineSession, request: TrackingRequest): void {
  const { redirect, prefixes, bcast = false, optIn = false, optOut = false, noLoop = false } = request;
  const before = call.tracking;
  if (!bcast && prefixes.length > 0) throw prefixWithoutBcast;
  if (before !== null && (before.prefixes !== null) !== bcast) throw switchesBcast;
  if (bcast && (optIn || optOut)) throw bcastWithOptions;
  if (optIn && optOut) throw bothOptions;
  if (before !== null && ((optIn && before.optOut) || (optOut && before.optIn))) throw switchesOptions;
  if (bcast) checkOverlaps(prefixes, [...(before?.prefixes ?? [])].sort());
  const wanted = prefixes.length === 0 ? [''] : [...prefixes];
  call.engine.tracking.start(call, { redirect, optIn, optOut, noLoop }, bcast ? wanted : null);
}

function overlap(a: Bytes, b: Bytes): boolean {
  return a.startsWith(b) || b.startsWith(a);
}

function checkOverlaps(prefixes: readonly Bytes[], known: readonly Bytes[]): void {
  prefixes.forEach((prefix, i) => {
    const old = known.find((other) => overlap(prefix, other));
    if (old !== undefined) throw overlapping(prefix, `an existing prefix '${asCString(old)}'`);
    const twin = prefixes.slice(i + 1).find((other) => overlap(prefix, other));
    if (twin !== undefined) throw overlapping(prefix, `another provided prefix '${asCString(twin)}'`);
  });
}

function overlapping(prefix: Bytes, other: string): ErrorReply {
  return new ErrorReply(
    `ERR Prefix '${asCString(prefix)}' overlaps with ${other}. Prefixes for a single client must not overlap.`,
  );
}

/** CLIENT TRACKINGINFO. */
export function trackingInfo(state: TrackingState | null): Reply {
  if (state === null) return new MapReply(['flags', new SetReply(['off']), 'redirect', -1, 'prefixes', []]);
  const flags = ['on'];
  if (state.prefixes !== null) flags.push('bcast');
  if (state.optIn) flags.push('optin', ...(state.caching ? ['caching-yes'] : []));
  if (state.optOut) flags.push('optout', ...(state.caching ? ['caching-no'] : []));
  if (state.noLoop) flags.push('noloop');
  if (state.broken) flags.push('broken_redirect');
  const prefixes = [...(state.prefixes ?? [])].sort();
  return new MapReply(['flags', new SetReply(flags), 'redirect', state.redirect, 'prefixes', prefixes]);
}
