import { clientCommands } from './client.js';
import type { Kind, Term } from './term.js';
import {
  anyReply,
  bulk,
  bytes,
  command,
  int,
  intKind,
  manyBytes,
  of,
  ok,
  option,
  optional,
  options,
  record,
  strictEnd,
  text,
} from './words.js';

/** A C `int`, as SELECT, MOVE and COPY read a database's number. */
export const databaseNumber = {
  min: -(2 ** 31),
  max: 2 ** 31 - 1,
  rangeError: 'ERR value is out of range, value must between -2147483648 and 2147483647',
} as const;

/** HELLO's version; the handler checks whether it is supported. */
const protocolKind: Kind<number> = {
  ...intKind({ error: 'ERR Protocol version is not an integer or out of range' }),
  type: '2 | 3',
};

const helloWords = options([
  option('AUTH', 'auth', bytes('username'), bytes('password')),
  option('SETNAME', 'setName', bytes('name')),
]);

/** HELLO's options. Options before an invalid word take effect, so the word is left to the handler. */
const helloOptions: Term<{ auth?: [string, string]; setName?: string; wrong?: string }> = {
  ...helloWords,
  parse(cursor, params) {
    while (cursor.at < cursor.end) {
      const word = cursor.argv[cursor.at].toUpperCase();
      const size = word === 'AUTH' ? 3 : word === 'SETNAME' ? 2 : 0;
      if (size === 0 || cursor.end - cursor.at < size) {
        params.wrong = cursor.argv[cursor.at];
        cursor.at = cursor.end;
        return;
      }
      if (size === 3) params.auth = [cursor.argv[cursor.at + 1], cursor.argv[cursor.at + 2]];
      else params.setName = cursor.argv[cursor.at + 1];
      cursor.at += size;
    }
  },
};

/** The commands about the connection itself. */
export const connectionCommands = {
  ...clientCommands,
  auth: () =>
    command({
      name: 'AUTH',
      connection: 'sets',
      group: 'connection',
      since: '1.0.0',
      summary: 'Proves who the client is, with a password and perhaps a user name.',
      complexity: 'O(n) of the passwords of the user',
      flags: ['noscript', 'loading', 'stale', 'fast', 'no_auth', 'allow_busy'],
      acl: ['connection'],
      args: [optional(bytes('username')), bytes('password')],
      arity: -2,
      reply: ok,
    }),
  echo: () =>
    command({
      name: 'ECHO',
      group: 'connection',
      since: '1.0.0',
      summary: 'Returns its argument.',
      complexity: 'O(1)',
      flags: ['loading', 'stale', 'fast'],
      acl: ['connection'],
      args: [bytes('message')],
      reply: bulk,
    }),
  hello: () =>
    command({
      name: 'HELLO',
      connection: 'changes',
      group: 'connection',
      since: '6.0.0',
      summary: 'Chooses the protocol, and may authenticate and name the connection; returns facts about the server.',
      complexity: 'O(1)',
      flags: ['noscript', 'loading', 'stale', 'fast', 'no_auth', 'allow_busy'],
      acl: ['connection'],
      args: [optional(of('protocol', protocolKind)), helloOptions],
      arity: -1,
      reply: record(anyReply),
      hidden: true,
    }),
  ping: () =>
    command({
      name: 'PING',
      group: 'connection',
      since: '1.0.0',
      summary: 'Answers PONG, or its argument.',
      complexity: 'O(1)',
      flags: ['fast'],
      acl: ['connection'],
      args: [strictEnd(optional(bytes('message')), 'arity')],
      reply: text,
      request: 'all_shards',
      response: 'all_succeeded',
      forms: [
        { method: 'ping', reply: text, omit: ['message'] },
        { method: 'pingMessage', reply: bulk, take: ['message'] },
      ],
    }),
  quit: () =>
    command({
      name: 'QUIT',
      connection: 'changes',
      group: 'connection',
      since: '1.0.0',
      summary: 'Ends the connection once the replies are sent.',
      complexity: 'O(1)',
      flags: ['noscript', 'loading', 'stale', 'fast', 'no_auth', 'allow_busy'],
      acl: ['connection'],
      args: [manyBytes('ignored', { min: 0 })],
      arity: -1,
      reply: ok,
      hidden: true,
    }),
  reset: () =>
    command({
      name: 'RESET',
      connection: 'changes',
      group: 'connection',
      since: '6.2.0',
      summary: 'Puts the connection back into the state of a new one.',
      complexity: 'O(1)',
      flags: ['noscript', 'loading', 'stale', 'fast', 'no_auth', 'allow_busy'],
      acl: ['connection'],
      args: [],
      reply: text,
      hidden: true,
    }),
  select: () =>
    command({
      name: 'SELECT',
      connection: 'sets',
      group: 'connection',
      since: '1.0.0',
      summary: 'Chooses the database of the connection.',
      complexity: 'O(1)',
      flags: ['loading', 'stale', 'fast'],
      acl: ['connection'],
      args: [int('index', databaseNumber)],
      reply: ok,
    }),
};
