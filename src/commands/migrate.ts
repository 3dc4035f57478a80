import {
  bytes,
  command,
  copyKeys,
  flag,
  type KeyPosition,
  keyKind,
  keyTerm,
  lateNumber,
  many,
  of,
  option,
  options,
  text,
} from './words.js';

const access = ['RW', 'access', 'delete'] as const;
const KEY_AT = 3;
const OPTIONS_AT = 6;

/** The single key, or those after KEYS if its place is empty; none if both are given, which is rejected. */
function keysOfMigrate(argv: readonly string[]): KeyPosition[] {
  for (let i = OPTIONS_AT; i < argv.length - 1; i++) {
    const word = argv[i].toUpperCase();
    if (word === 'KEYS') {
      if (argv[KEY_AT] !== '') return [];
      return argv.slice(i + 1).map((_, at) => ({ index: i + 1 + at, flags: access }));
    }
    if (word === 'AUTH') i++;
    else if (word === 'AUTH2') i += 2;
  }
  return [{ index: KEY_AT, flags: access }];
}

const keyTermOfOne = of('key', keyKind);

/** An empty name before KEYS stands for those after it, and stays empty where names have a prefix. */
const keyOrNone: typeof keyTermOfOne = {
  ...keyTermOfOne,
  print(params, out, encode) {
    if (params.key === '' && params.keys !== undefined) out.push('');
    else keyTermOfOne.print(params, out, encode);
  },
};

/** MIGRATE. */
export const migrateCommands = {
  migrate: () =>
    command({
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
        { ...keyOrNone, keys: keyTerm('RW access delete', 'one') },
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
