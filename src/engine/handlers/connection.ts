import type { connectionCommands } from '../../commands/connection.js';
import { isOffered } from '../../commands/version.js';
import { asCString, type Bytes } from '../../core/bytes.js';
import { ErrorReply, MapReply, OK, PONG, Status } from '../../core/reply.js';
import type { HandlersOf } from '../handler.js';
import { releaseOf } from '../redis-version.js';
import type { EngineSession } from '../session.js';
import { checkClientName, clientHandlers, setClientName } from './client.js';

const noPassword = new ErrorReply(
  'ERR AUTH <password> called without any password configured for the default user. ' +
    'Are you sure your configuration is correct?',
);
const wrongPassword = new ErrorReply('WRONGPASS invalid username-password pair or user is disabled.');
const noProtocol = new ErrorReply('NOPROTO unsupported protocol version');
const helloFirst = (form: string): ErrorReply =>
  new ErrorReply(
    `NOAUTH HELLO must be called with the client already authenticated, otherwise the ${form} option can be used to ` +
      'authenticate the client and select the RESP protocol version at the same time',
  );
const noSelect = new ErrorReply('ERR SELECT is not allowed in cluster mode');
export const noSuchDatabase = new ErrorReply('ERR DB index is out of range');

const RESET = new Status('RESET');
const REDACTED = '(redacted)';

function authenticate(call: EngineSession, user: Bytes, password: Bytes): void {
  if (!call.engine.acl.authenticate(call, user, password)) throw wrongPassword;
}

/** Hides the arguments at `positions` from MONITOR and the slow log. */
function redact(call: EngineSession, ...positions: number[]): void {
  call.argv = call.argv.map((arg, i) => (positions.includes(i) ? REDACTED : arg));
}

/** The positions of HELLO's user names and passwords. */
function credentialsIn(argv: readonly Bytes[]): number[] {
  const positions: number[] = [];
  for (let i = 2; i + 1 < argv.length; ) {
    const isAuth = argv[i].toUpperCase() === 'AUTH';
    if (isAuth) positions.push(i + 1, i + 2);
    i += isAuth ? 3 : 2;
  }
  return positions;
}

interface HelloOptions {
  readonly auth?: [string, string];
  readonly setName?: Bytes;
  /** A word that is no option, behind the others. */
  readonly wrong?: Bytes;
}

/** As Redis 7.0 does: each word acts when it is read. */
function letInByWords(call: EngineSession, { auth, setName, wrong }: HelloOptions): void {
  if (auth) authenticate(call, auth[0], auth[1]);
  if (setName !== undefined) setClientName(call, setName);
  if (wrong !== undefined) throw noHelloOption(wrong);
  if (!call.authenticated) throw helloFirst('HELLO AUTH <user> <pass>');
}

/** As from Redis 7.2 on: nothing is done before all words were read, and nobody is named who is not let in. */
function letInAtOnce(call: EngineSession, { auth, setName, wrong }: HelloOptions): void {
  if (setName !== undefined) checkClientName(setName);
  if (wrong !== undefined) throw noHelloOption(wrong);
  if (auth) authenticate(call, auth[0], auth[1]);
  if (!call.authenticated) throw helloFirst('HELLO <proto> AUTH <user> <pass>');
  if (setName !== undefined) call.name = setName;
}

function noHelloOption(word: Bytes): ErrorReply {
  return new ErrorReply(`ERR Syntax error in HELLO option '${asCString(word)}'`);
}

/** Handlers of the connection group. */
export const connectionHandlers: HandlersOf<typeof connectionCommands> = {
  ...clientHandlers,

  auth(call, { username, password }) {
    redact(call, 1, 2);
    if (username === undefined && call.engine.acl.defaultUser.noPassword) throw noPassword;
    authenticate(call, username ?? 'default', password);
    return OK;
  },

  echo: (_call, { message }) => message,

  hello(call, { protocol, auth, setName, wrong }) {
    if (protocol !== undefined && protocol !== 2 && protocol !== 3) throw noProtocol;
    if (auth) redact(call, ...credentialsIn(call.argv));
    const letIn = isOffered('7.2.0', call.engine.settings.serverVersion) ? letInAtOnce : letInByWords;
    letIn(call, { auth, setName, wrong });
    if (protocol) call.protocol = protocol;
    return new MapReply([
      'server',
      'redis',
      'version',
      releaseOf(call.engine.settings),
      'proto',
      call.protocol,
      'id',
      call.id,
      'mode',
      call.engine.cluster === null ? 'standalone' : 'cluster',
      'role',
      call.engine.replication.following === null ? 'master' : 'replica',
      'modules',
      [],
    ]);
  },

  ping(call, { message }) {
    if (call.subscriberMode) return ['pong', message ?? ''];
    return message ?? PONG;
  },

  quit(call) {
    call.close('after-replies');
    return OK;
  },

  reset(call) {
    call.reset();
    return RESET;
  },

  select(call, { index }) {
    if (call.engine.cluster !== null && index !== 0) throw noSelect;
    const db = call.engine.databases[index];
    if (db === undefined) throw noSuchDatabase;
    call.db = db;
    return OK;
  },
};
