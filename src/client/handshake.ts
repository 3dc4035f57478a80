import { type Bytes, bytesFromText } from '../core/bytes.js';
import { AuthError, ConnectionError, type KeyspanError, replyErrorOf } from '../core/errors.js';
import { ErrorReply, MapReply, type Reply } from '../core/reply.js';
import { addressOf, type ConnectionSettings, type Credentials } from './client-options.js';
import type { NodeRole } from './locator.js';
import { askRole } from './role.js';

/** What the handshake found out. */
export interface Greeting {
  protocol: 2 | 3;
  /** CLIENT ID; 0 where the server does not tell. */
  id: number;
  version: string;
  /** The server tells of keys that are changed. */
  tracks?: boolean;
}

/** From this version on the server wants to know which library speaks. */
const SETINFO_SINCE = [7, 2] as const;

/**
 * The first words of a connection, as a dialogue: yields commands that are sent together and is given their replies.
 * Throws AuthError or ReplyError where a new attempt would fail alike, ConnectionError where it may not.
 */
function* handshake(settings: ConnectionSettings, credentials: Credentials): Generator<Bytes[][], Greeting, Reply[]> {
  const user = bytesFromText(credentials.username ?? 'default');
  const { password } = credentials;
  const secret =
    password === undefined ? null : bytesFromText(typeof password === 'string' ? password : password.reveal());
  const select = settings.db === 0 ? [] : [['SELECT', String(settings.db)]];
  if (settings.protocol === 3) {
    const hello = ['HELLO', '3'];
    if (secret !== null) hello.push('AUTH', user, secret);
    if (settings.name !== null) hello.push('SETNAME', bytesFromText(settings.name));
    const [first, selected] = yield [hello, ...select];
    if (!(first instanceof ErrorReply)) {
      check(selected);
      const greeting = greetingOf(first);
      if (atLeast(greeting.version, SETINFO_SINCE)) yield libraryInfo(settings);
      return greeting;
    }
    if (!speaksNoHello(first)) throw refusal(first);
  }
  const named = settings.name === null ? [] : [['CLIENT', 'SETNAME', bytesFromText(settings.name)]];
  const auth = secret === null ? [] : [credentials.username === undefined ? ['AUTH', secret] : ['AUTH', user, secret]];
  // A server that does not know SETINFO answers with an error, which harms nothing.
  const replies = yield [...auth, ...select, ...named, ...libraryInfo(settings), ['CLIENT', 'ID']];
  for (let i = 0; i < auth.length + select.length; i++) check(replies[i]);
  const id = replies[replies.length - 1];
  if (id instanceof ErrorReply && id.code === 'NOAUTH') throw refusal(id);
  return { protocol: 2, id: typeof id === 'number' ? id : 0, version: '' };
}

/** The handshake; where the node had to be found first, also the question whether it is what was looked for. */
export function* introduction(
  settings: ConnectionSettings,
  credentials: Credentials,
): Generator<Bytes[][], Greeting, Reply[]> {
  const greeting = yield* handshake(settings, credentials);
  const { locator, tracking } = settings;
  if (tracking !== null && greeting.protocol === 3) {
    // A server that cannot is used without.
    const [reply] = yield [tracking];
    greeting.tracks = !(reply instanceof ErrorReply);
  }
  if (locator === null) return greeting;
  const role = yield* askRole();
  if (role === null || role.kind === locator.role) return greeting;
  const cause = new Error(`ROLE: ${role.kind}`);
  throw new ConnectionError(`${addressOf(settings)} is ${roleName[role.kind]}, not ${roleName[locator.role]}`, {
    cause,
  });
}

const roleName: Readonly<Record<NodeRole, string>> = {
  primary: 'a primary',
  replica: 'a replica',
  sentinel: 'a Sentinel',
};

function libraryInfo({ library }: ConnectionSettings): Bytes[][] {
  return [
    ['CLIENT', 'SETINFO', 'LIB-NAME', library.name],
    ['CLIENT', 'SETINFO', 'LIB-VER', library.version],
  ];
}

function greetingOf(reply: Reply | undefined): Greeting {
  const greeting: Greeting = { protocol: 3, id: 0, version: '' };
  const flat = reply instanceof MapReply ? reply.flat : [];
  for (let i = 0; i + 1 < flat.length; i += 2) {
    if (flat[i] === 'id') greeting.id = Number(flat[i + 1]);
    if (flat[i] === 'version') greeting.version = String(flat[i + 1]);
  }
  return greeting;
}

function atLeast(version: string, [major, minor]: readonly [number, number]): boolean {
  const [a = 0, b = 0] = version.split('.').map(Number);
  return a > major || (a === major && b >= minor);
}

/** Servers before 6.0, proxies, and users who may not give HELLO. */
function speaksNoHello(error: ErrorReply): boolean {
  return error.code === 'NOPROTO' || error.code === 'NOPERM' || /unknown command|unsupported/i.test(error.text);
}

function check(reply: Reply | undefined): void {
  if (reply instanceof ErrorReply) throw refusal(reply);
}

/** What to make of an error during the handshake. */
function refusal({ text, code }: ErrorReply): KeyspanError {
  if (code === 'LOADING' || /max number of clients/i.test(text)) {
    return new ConnectionError(`the server refused the connection: ${text}`, { cause: replyErrorOf(text) });
  }
  if (/invalid password|without any password|no password is set|invalid username/i.test(text))
    return new AuthError(text, { command: 'AUTH' });
  return replyErrorOf(text, { command: 'HELLO' });
}
