import { asCString } from '../core/bytes.js';
import { parseInteger } from '../core/integer.js';
import { ErrorReply, replyErrors } from '../core/reply.js';
import type { ArgCursor, Encode, Kind, Option, Term } from './term.js';
import { bytes, int, intKind, many, of, option, options, since, sinceValkey, tokenDocs, word } from './words.js';

/** What chooses connections in CLIENT KILL and CLIENT LIST. */

export type ClientType = 'normal' | 'master' | 'replica' | 'pubsub';

const clientTypes: Record<string, ClientType> = {
  normal: 'normal',
  master: 'master',
  replica: 'replica',
  slave: 'replica',
  pubsub: 'pubsub',
};

/** Valkey's word for the same beside the others'. */
const newestClientTypes: Record<string, ClientType> = { ...clientTypes, primary: 'master' };

/** `NORMAL`, `MASTER`, `REPLICA` (or `SLAVE`), `PUBSUB`; the error quotes an unknown word. */
function typeKind(types: Readonly<Record<string, ClientType>>): Kind<ClientType> {
  return {
    type: "'normal' | 'master' | 'replica' | 'pubsub'",
    docType: 'oneof',
    docArguments: tokenDocs(['NORMAL', 'MASTER', 'REPLICA', 'PUBSUB']),
    parse(word) {
      const lower = word.toLowerCase();
      if (!Object.hasOwn(types, lower)) throw new ErrorReply(`ERR Unknown client type '${asCString(word)}'`);
      return types[lower]!;
    },
    print: (value, encode) => encode(value),
  };
}

const BELOW_ONE = 'ERR client-id should be greater than 0';

/** `ID id [id ...]`: as many integers as follow. */
function ids<N extends string>(token: string, name: N, kind: Kind<number>): Option<{ [K in N]?: number[] }> {
  const term: Term = {
    name: 'id',
    type: 'number | bigint | readonly (number | bigint)[]',
    doc: { name: 'id', type: 'integer' },
    min: 1,
    max: Number.POSITIVE_INFINITY,
    optional: false,
    parse(cursor: ArgCursor, params: Record<string, unknown>) {
      const list = [kind.parse(cursor.argv[cursor.at++]!)];
      while (cursor.at < cursor.end && parseInteger(cursor.argv[cursor.at]!) !== null) {
        list.push(kind.parse(cursor.argv[cursor.at++]!));
      }
      params.id = list;
    },
    print(params: Readonly<Record<string, unknown>>, out: string[], encode: Encode) {
      const list = [params.id].flat();
      if (list.length === 0) throw replyErrors.syntax;
      for (const id of list) out.push(kind.print(id, encode));
    },
  };
  const made = option(token, name, term);
  return { ...made, doc: { ...made.doc, multiple: true } } as Option<{ [K in N]?: number[] }>;
}

/** One id, in a list for the handler. */
function oneId(): Option<{ id?: number[] }> {
  const kind = intKind({ min: 1, error: BELOW_ONE });
  const listed: Kind<number[]> = { ...kind, parse: (text) => [kind.parse(text)] };
  return option('ID', 'id', of('id', listed));
}

const maxAge = () =>
  option(
    'MAXAGE',
    'maxAge',
    int('seconds', {
      min: 1,
      error: 'ERR maxage is not an integer or out of range',
      rangeError: 'ERR maxage should be greater than 0',
    }),
  );
const addresses = () =>
  [
    option('ADDR', 'addr', bytes('address')),
    option('LADDR', 'laddr', bytes('address')),
    option('USER', 'user', bytes('name')),
  ] as const;
const skipMe = () => option('SKIPME', 'skipMe', word('skipMe', ['YES', 'NO']));
const oldType = () => option('TYPE', 'type', of('type', typeKind(clientTypes)));
const newType = () => of('type', typeKind(newestClientTypes));

const database = { min: 0, error: 'ERR DB number is not an integer or out of range' } as const;

/** What Valkey 9 can look at, and the same turned round. */
const moreFilters = () =>
  [
    since('9.0.0', option('NAME', 'name', bytes('name'))),
    since(
      '9.0.0',
      option(
        'IDLE',
        'idle',
        int('seconds', {
          min: 1,
          error: 'ERR idle is not an integer or out of range',
          rangeError: 'ERR idle should be greater than 0',
        }),
      ),
    ),
    since('9.0.0', option('FLAGS', 'flags', bytes('flags'))),
    since('9.0.0', option('LIB-NAME', 'libName', bytes('name'))),
    since('9.0.0', option('LIB-VER', 'libVer', bytes('version'))),
    since('9.0.0', option('DB', 'db', int('db', database))),
    since('9.0.0', option('CAPA', 'capa', bytes('capabilities'))),
    since('9.0.0', option('IP', 'ip', bytes('ip'))),
    since('9.0.0', option('NOT-TYPE', 'notType', newType())),
    since('9.0.0', option('NOT-ADDR', 'notAddr', bytes('address'))),
    since('9.0.0', option('NOT-LADDR', 'notLaddr', bytes('address'))),
    since('9.0.0', option('NOT-USER', 'notUser', bytes('name'))),
    since('9.0.0', option('NOT-NAME', 'notName', bytes('name'))),
    since('9.0.0', option('NOT-FLAGS', 'notFlags', bytes('flags'))),
    since('9.0.0', option('NOT-LIB-NAME', 'notLibName', bytes('name'))),
    since('9.0.0', option('NOT-LIB-VER', 'notLibVer', bytes('version'))),
    since('9.0.0', option('NOT-DB', 'notDb', int('db', database))),
    since('9.0.0', option('NOT-CAPA', 'notCapa', bytes('capabilities'))),
    since('9.0.0', option('NOT-IP', 'notIp', bytes('ip'))),
  ] as const;

/** CLIENT KILL's filters in 7.0, from 7.4 on, and now. */
export const killFilters = () =>
  options([
    ids('ID', 'id', intKind({ min: 1, error: BELOW_ONE })),
    option('TYPE', 'type', newType()),
    ...addresses(),
    skipMe(),
    since('7.4.0', maxAge()),
    since('9.0.0', ids('NOT-ID', 'notId', intKind({ min: 1, error: BELOW_ONE }))),
    ...moreFilters(),
  ]);
export const killFilters74 = () => options([oneId(), oldType(), ...addresses(), skipMe(), since('7.4.0', maxAge())]);
export const killFilters70 = () => options([oneId(), oldType(), ...addresses(), skipMe()]);

/** CLIENT LIST's, until 8.4 and now. */
export const listFilters = () =>
  options([
    option('TYPE', 'type', newType()),
    ids('ID', 'ids', intKind({ error: 'ERR Invalid client ID' })),
    ...(addresses().map((filter) => sinceValkey('8.1.0', filter)) as unknown as ReturnType<typeof addresses>),
    sinceValkey('8.1.0', skipMe()),
    sinceValkey('8.1.0', maxAge()),
    since('9.0.0', ids('NOT-ID', 'notIds', intKind({ error: 'ERR Invalid client ID' }))),
    ...moreFilters(),
  ]);
export const oldListFilters = () =>
  options(
    [
      oldType(),
      option(
        'ID',
        'ids',
        many('ids', intKind({ error: 'ERR Invalid client ID' }), {
          type: 'readonly (number | bigint)[]',
          doc: { name: 'id', type: 'integer', multiple: true },
        }),
      ),
    ],
    { exclusive: [['type', 'ids']] },
  );
