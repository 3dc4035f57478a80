import type { Bytes } from '../core/bytes.js';
import type { Term } from './term.js';
import {
  command,
  copyKeys,
  flag,
  int,
  intReply,
  type KeyPosition,
  type KeySpec,
  key,
  keyKind,
  keyOption,
  keyTerm,
  list,
  nullable,
  of,
  option,
  options,
  repeated,
  sortPatternKind,
  valueReply as value,
} from './words.js';

const by = option('BY', 'by', of('pattern', sortPatternKind));
const limit = option('LIMIT', 'limit', int('offset'), int('count'));
const get = repeated('GET', 'get', of('pattern', sortPatternKind));
const asc = flag('ASC', 'asc');
const desc = flag('DESC', 'desc');
const alpha = flag('ALPHA', 'alpha');
const store = keyOption(option('STORE', 'store', of('destination', keyKind)), keyTerm('OW update', 'one'));

/** How many arguments follow a word of SORT, where it matters for finding STORE. */
const argumentsAfter: Record<string, number> = { LIMIT: 2, GET: 1, BY: 1 };

/** The options: of ASC and DESC the last one holds, so `desc` is dropped when `ASC` follows it. */
function sortOptions<P extends object>(block: Term<P>): Term<P> {
  return {
    ...block,
    parse(cursor, params) {
      const from = cursor.at;
      block.parse(cursor, params);
      if (params.asc && params.desc) delete params[lastOrder(cursor.argv, from) === 'ASC' ? 'desc' : 'asc'];
    },
  };
}

function lastOrder(argv: readonly Bytes[], from: number): string {
  let found = '';
  for (let i = from; i < argv.length; i++) {
    const word = argv[i].toUpperCase();
    if (word === 'ASC' || word === 'DESC') found = word;
    i += word === 'STORE' ? 1 : (argumentsAfter[word] ?? 0);
  }
  return found;
}

const sortedKey: KeySpec = {
  flags: ['RO', 'access'],
  begin: { type: 'index', index: 1 },
  find: { type: 'range', lastKey: 0, step: 1, limit: 0 },
};

function elsewhere(flags: KeySpec['flags'], notes: string): KeySpec {
  return { flags, notes, begin: { type: 'unknown' }, find: { type: 'unknown' } };
}

const patternKeys = elsewhere(
  ['RO', 'access'],
  "For the optional BY/GET keyword. It is marked 'unknown' because the key names derive from the content of the key we sort",
);
const storeKey = elsewhere(
  ['OW', 'update'],
  "For the optional STORE keyword. It is marked 'unknown' because the keyword can appear anywhere in the argument array",
);

const source: KeyPosition = { index: 1, flags: sortedKey.flags };

/** The sorted key, and the last STORE's. */
function keysOfSort(argv: readonly Bytes[]): KeyPosition[] {
  let stored: KeyPosition | null = null;
  for (let i = 2; i < argv.length; i++) {
    const word = argv[i].toUpperCase();
    if (word === 'STORE' && i + 1 < argv.length) stored = { index: i + 1, flags: storeKey.flags };
    i += argumentsAfter[word] ?? 0;
  }
  return stored ? [source, stored] : [source];
}

const sharedOptions = [by, limit, get, asc, desc, alpha] as const;
const acl = ['set', 'sortedset', 'list', 'dangerous'];
const complexity = 'O(n + m log m), n elements of which m are returned';
const elements = list(nullable(value));

/** SORT, with and without STORE. */
export const sortCommands = {
  sort: () =>
    command({
      name: 'SORT',
      group: 'generic',
      since: '1.0.0',
      summary: 'Sorts a list, set or sorted set, by its elements or by other keys; returns or stores what it sorted.',
      complexity,
      flags: ['write', 'denyoom', 'movablekeys'],
      acl,
      args: [key('RO access'), sortOptions(options([...sharedOptions, store]))],
      reply: elements,
      forms: [
        { method: 'sort', reply: elements, omit: ['store'] },
        { method: 'sortStore', reply: intReply, take: ['store'], note: 'Returns how many elements were stored.' },
      ],
      keySpecs: [sortedKey, patternKeys, storeKey],
      findKeys: keysOfSort,
      follow: copyKeys,
    }),
  sortRo: () =>
    command({
      name: 'SORT_RO',
      group: 'generic',
      since: '7.0.0',
      summary: 'As SORT, without STORE: may be given to a replica.',
      complexity,
      flags: ['readonly', 'movablekeys'],
      acl,
      args: [key('RO access'), sortOptions(options(sharedOptions))],
      reply: elements,
      forms: [{ method: 'sortRo', reply: elements }],
      keySpecs: [sortedKey, patternKeys],
      findKeys: () => [source],
    }),
};
