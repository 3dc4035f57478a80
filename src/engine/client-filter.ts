import type { ClientType } from '../commands/client-filter.js';
import { asCString, type Bytes } from '../core/bytes.js';
import { ErrorReply } from '../core/reply.js';
import { clientFlags, KNOWN_FLAGS } from './client-line.js';
import type { Engine } from './engine.js';
import type { EngineSession } from './session.js';

/** What CLIENT KILL and CLIENT LIST choose connections by; all that is given must hold. */
export interface ClientFilter {
  id?: readonly number[];
  type?: ClientType;
  addr?: Bytes;
  laddr?: Bytes;
  user?: Bytes;
  skipMe?: 'yes' | 'no';
  /** Only connections at least so many seconds old. */
  maxAge?: number;
  name?: Bytes;
  /** Only connections that have been silent for so many seconds. */
  idle?: number;
  flags?: Bytes;
  libName?: Bytes;
  libVer?: Bytes;
  db?: number;
  capa?: Bytes;
  ip?: Bytes;
  notId?: readonly number[];
  notType?: ClientType;
  notAddr?: Bytes;
  notLaddr?: Bytes;
  notUser?: Bytes;
  notName?: Bytes;
  notFlags?: Bytes;
  notLibName?: Bytes;
  notLibVer?: Bytes;
  notDb?: number;
  notCapa?: Bytes;
  notIp?: Bytes;
}

/** Throws ErrorReplies for users, databases, flags and capabilities that there are not. */
export function checkFilter({ acl, databases }: Engine, filter: ClientFilter): void {
  for (const user of [filter.user, filter.notUser]) {
    if (user !== undefined && acl.user(user) === undefined)
      throw new ErrorReply(`ERR No such user '${asCString(user)}'`);
  }
  for (const db of [filter.db, filter.notDb]) {
    if (db !== undefined && db >= databases.length)
      throw new ErrorReply(`ERR DB number should be between 0 and ${databases.length - 1}`);
  }
  checkLetters('flags', KNOWN_FLAGS, filter.flags, filter.notFlags);
  checkLetters('capa', KNOWN_CAPABILITIES, filter.capa, filter.notCapa);
}

const KNOWN_CAPABILITIES = 'r';

function checkLetters(what: string, known: string, ...given: (Bytes | undefined)[]): void {
  const strange = given.find(
    (letters) => letters !== undefined && [...letters].some((letter) => !known.includes(letter)),
  );
  if (strange !== undefined)
    throw new ErrorReply(`ERR Unknown ${what} found in the provided filter: ${asCString(strange)}`);
}

/** The fact about a connection, by the name of the filter that checks it. */
type Fact = keyof ClientFilter;

/** Whether what a filter asks for is so; and what the filter that asks for the contrary is called. */
const questions: { readonly [K in Fact]?: readonly [(session: EngineSession, wanted: never) => boolean, Fact?] } = {
  id: [({ id }, ids: readonly number[]) => ids.includes(id), 'notId'],
  type: [({ type }, wanted: ClientType) => type === wanted, 'notType'],
  addr: [({ sink }, wanted: Bytes) => sink.stats.address === wanted, 'notAddr'],
  laddr: [({ sink }, wanted: Bytes) => sink.stats.localAddress === wanted, 'notLaddr'],
  user: [({ user }, wanted: Bytes) => user.name === wanted, 'notUser'],
  maxAge: [(session, seconds: number) => secondsSince(session, session.createdAt) >= seconds],
  name: [({ name }, wanted: Bytes) => name === wanted, 'notName'],
  idle: [(session, seconds: number) => secondsSince(session, session.lastCommandAt) >= seconds],
  flags: [(session, wanted: Bytes) => hasAll(clientFlags(session), wanted), 'notFlags'],
  libName: [({ libraryName }, wanted: Bytes) => libraryName === wanted, 'notLibName'],
  libVer: [({ libraryVersion }, wanted: Bytes) => libraryVersion === wanted, 'notLibVer'],
  db: [({ db }, wanted: number) => db.index === wanted, 'notDb'],
  capa: [({ redirects }, wanted: Bytes) => hasAll(redirects ? 'r' : '', wanted), 'notCapa'],
  ip: [({ sink }, wanted: Bytes) => ipOf(sink.stats.address) === wanted, 'notIp'],
};

/** Whether a connection is as the filter wants it. `caller`: who asks. */
export function fitsFilter(session: EngineSession, filter: ClientFilter, caller: EngineSession): boolean {
  if (filter.skipMe === 'yes' && session === caller) return false;
  for (const [name, [holds, contrary]] of Object.entries(questions)) {
    const wanted = filter[name as Fact];
    if (wanted !== undefined && !holds(session, wanted as never)) return false;
    const unwanted = contrary === undefined ? undefined : filter[contrary];
    if (unwanted !== undefined && holds(session, unwanted as never)) return false;
  }
  return true;
}

function hasAll(letters: string, wanted: string): boolean {
  return [...wanted].every((letter) => letters.includes(letter));
}

/** Without the port. */
function ipOf(address: string): string {
  const colon = address.lastIndexOf(':');
  return colon < 0 ? address : address.slice(0, colon).replace(/^\[(.*)\]$/, '$1');
}

/** Whole seconds. */
function secondsSince({ engine }: EngineSession, time: number): number {
  return Math.floor(engine.now / 1000) - Math.floor(time / 1000);
}
