import { copyKeys } from './follow.js';
import { bytes, keyTerm, lateNumber, many, of } from './grammar.js';
import type { KeyPosition } from './key-spec.js';
import { keyKind } from './kind.js';
import { flag, option, options } from './options.js';
import { text } from './shape.js';
import { command } from './spec.js';
import type { Kind } from './term.js';

const access = ['RW', 'access', 'delete'] as const;
const KEY_AT = 3;
const OPTIONS_AT = 6;

/** The one key, or those after KEYS where its place is empty. */
function keysOfMigrate(argv: readonly string[]): KeyPosition[] | null {
  if (argv[KEY_AT] !== '') return [{ index: KEY_AT, flags: access }];
  for (let i = OPTIONS_AT; i < argv.length; i++) {
    const word = argv[i].toUpperCase();
    if (word === 'KEYS') return argv.slice(i + 1).map((_, at) => ({ index: i + 1 + at, flags: access }));
    if (word === 'AUTH') i++;
    else if (word === 'AUTH2') i += 2;
  }
  return [];
}

/** No key at this place stands for those after KEYS, and stays none where names have a prefix. */
const keyOrNone: Kind<string> = {
  ...keyKind,
  print: (value, encode) => (value === '' ? '' : keyKind.print(value, encode)),
};

/** MIGRATE. */
export const migrateCommands = {
  migrate: command({
    name: 'MIGRATE',
    group: 'generic',
    since: '2.6.0',
    summary: 'Moves keys to another server. Replies NOKEY where none of them exists.',
    complexity: 'O(n) of the values',
    flags: ['write', 'movablekeys'],
    acl: ['keyspace', 'dangerous'],
    args: [
      bytes('host'),
      bytes('port'),
      { ...of('key', keyOrNone), keys: keyTerm('RW access delete', 'one') },
      lateNumber('destinationDb'),
      lateNumber('timeout'),
      options([
        flag('COPY', 'copy'),
        flag('REPLACE', 'replace'),
        option('AUTH', 'auth', bytes('password')),
        option('AUTH2', 'auth2', bytes('username'), bytes('password')),
        option('KEYS', 'keys', many('keys', keyKind)),
      ]),
    ],
    reply: text,
    tips: ['nondeterministic_output'],
    keySpecs: [
      {
        flags: access,
        begin: { type: 'index', index: KEY_AT },
        find: { type: 'range', lastKey: 0, step: 1, limit: 0 },
      },
      {
        flags: [...access, 'incomplete'],
        begin: { type: 'keyword', keyword: 'KEYS', startFrom: -2 },
        find: { type: 'range', lastKey: -1, step: 1, limit: 0 },
      },
    ],
    findKeys: keysOfMigrate,
    effects: 'own',
    follow: copyKeys,
  }),
};
