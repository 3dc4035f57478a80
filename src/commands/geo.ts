import { DataError } from '../core/errors.js';
import type { Reply } from '../core/reply.js';
import { byBox, byRadius, fromLonLat, places, unitKind } from './geo-terms.js';
import { greedy } from './scored-members.js';
import type { Kind, Term } from './term.js';
import {
  bulk,
  command,
  custom,
  double,
  type Form,
  flag,
  int,
  intReply,
  itemsOf,
  key,
  keyKind,
  keyOption,
  keyTerm,
  last,
  late,
  lateNumber,
  list,
  manyValues,
  nullable,
  of,
  option,
  optional,
  options,
  tuple,
  valueReply as value,
  value as valueTerm,
} from './words.js';

const read = { group: 'geo', acl: ['geo'], flags: ['readonly'] } as const;

const addFlags = [flag('NX', 'nx'), flag('XX', 'xx'), flag('CH', 'ch')] as const;
const addOptions = greedy(options(addFlags, { open: true, exclusive: [['nx', 'xx']] }), addFlags);

const limits = [
  option('COUNT', 'count', int('count', { min: 1, rangeError: 'ERR COUNT must be > 0' })),
  flag('ANY', 'any'),
  flag('ASC', 'asc'),
  flag('DESC', 'desc'),
] as const;
const details = [flag('WITHCOORD', 'withCoord'), flag('WITHDIST', 'withDist'), flag('WITHHASH', 'withHash')] as const;
const storing = [
  keyOption(option('STORE', 'store', of('destination', keyKind)), keyTerm('OW update', 'one')),
  keyOption(option('STOREDIST', 'storeDist', of('destination', keyKind)), keyTerm('OW update', 'one')),
] as const;
const area = [
  option('FROMMEMBER', 'fromMember', valueTerm('fromMember')),
  option('FROMLONLAT', 'fromLonLat', fromLonLat),
  option('BYRADIUS', 'byRadius', byRadius),
  option('BYBOX', 'byBox', byBox),
] as const;
const areaRules = {
  exclusive: [
    ['fromMember', 'fromLonLat'],
    ['byRadius', 'byBox'],
  ],
  lastOf: [['asc', 'desc']],
} as const;

const detailNames = ['withCoord', 'withDist', 'withHash'] as const;
const allDetails = { withCoord: true, withDist: true, withHash: true } as const;

/** An element with all its details, as `[member, distance, hash, [longitude, latitude]]` on the wire. */
const detailed = custom(
  `{ member: V['value']; distance: number; hash: V['integer']; longitude: number; latitude: number }`,
  (reply: Reply, view) => {
    const [member, distance, hash, position] = itemsOf(reply) ?? [];
    const [longitude, latitude] = itemsOf(position) ?? [];
    return {
      member: value.decode(member, view),
      distance: double.decode(distance, view),
      hash: intReply.decode(hash, view),
      longitude: double.decode(longitude, view),
      latitude: double.decode(latitude, view),
    };
  },
);

function searchForms(method: string, stores: boolean): Form[] {
  const omitted = stores ? ['store', 'storeDist'] : [];
  const forms: Form[] = [
    { method, reply: list(value), omit: [...detailNames, ...omitted] },
    {
      method: `${method}Details`,
      reply: list(detailed),
      fix: allDetails,
      omit: omitted,
      note: 'With the distance from the centre in the unit of the search, the score, and the position.',
    },
  ];
  if (!stores) return forms;
  return [
    ...forms,
    {
      method: `${method}Store`,
      reply: intReply,
      take: ['store'],
      omit: [...detailNames, 'storeDist'],
      note: 'Returns how many members were stored.',
    },
    {
      method: `${method}StoreDist`,
      reply: intReply,
      take: ['storeDist'],
      omit: [...detailNames, 'store'],
      note: 'The scores are the distances.',
    },
  ];
}

/** A search must state centre and size; a client is told so before anything is sent. */
function withArea<P extends object>(block: Term<P>): Term<P> {
  return {
    ...block,
    print(params, out, encode) {
      const given = (...names: string[]): boolean => names.some((name) => params[name] !== undefined);
      if (!given('fromMember', 'fromLonLat'))
        throw new DataError("a search needs the option 'fromMember' or 'fromLonLat'");
      if (!given('byRadius', 'byBox')) throw new DataError("a search needs the option 'byRadius' or 'byBox'");
      block.print(params, out, encode);
    },
  };
}

/** Read after the key's type was checked; an invalid unit is passed on as it is. */
const lateUnitKind: Kind<string> = {
  ...unitKind,
  parse: (bytes) => bytes.toLowerCase(),
  print: (value, encode) => (encode.asParsed ? encode(value) : unitKind.print(value, encode)),
};
const unit = of('unit', lateUnitKind);
const fromPosition = [lateNumber('longitude'), lateNumber('latitude'), lateNumber('radius'), unit] as const;
const fromMember = [valueTerm('member'), lateNumber('radius'), unit] as const;
const searchRules = {
  lastOf: [
    ['store', 'storeDist'],
    ['asc', 'desc'],
  ],
} as const;
const searchOptions = late(options([...details, ...limits], searchRules));
const storingSearchOptions = late(options([...details, ...limits, ...storing], searchRules));

const searchComplexity = 'O(n + log m), n members in the squares around the area, m in the sorted set';
const search = { ...read, since: '3.2.10', complexity: searchComplexity, reply: list(value) } as const;
const storingSearch = { ...search, since: '3.2.0', flags: ['write', 'denyoom', 'movablekeys'] } as const;

/** The commands on positions, which are sorted sets whose scores are squares of a grid. */
export const geoCommands = {
  geoadd: () =>
    command({
      ...read,
      name: 'GEOADD',
      since: '3.2.0',
      summary: 'Adds members with positions, or moves members; returns how many are new (with `ch`: new or moved).',
      complexity: 'O(log n) for each member',
      flags: ['write', 'denyoom'],
      args: [key('RW update'), addOptions, places],
      reply: intReply,
    }),
  geodist: () =>
    command({
      ...read,
      name: 'GEODIST',
      since: '3.2.0',
      summary: 'Returns the distance between two members, in metres unless told; null if one is absent.',
      complexity: 'O(1)',
      args: [key('RO access'), valueTerm('member1'), valueTerm('member2'), last(optional(of('unit', unitKind)))],
      reply: nullable(double),
    }),
  geohash: () =>
    command({
      ...read,
      name: 'GEOHASH',
      since: '3.2.0',
      summary: 'Returns the standard geohashes of members, null for those that are absent.',
      complexity: 'O(1) for each member',
      args: [key('RO access'), manyValues('members', { min: 0, optional: false })],
      reply: list(nullable(bulk)),
    }),
  geopos: () =>
    command({
      ...read,
      name: 'GEOPOS',
      since: '3.2.0',
      summary: 'Returns the positions of members as [longitude, latitude], null for those that are absent.',
      complexity: 'O(1) for each member',
      args: [key('RO access'), manyValues('members', { min: 0, optional: false })],
      reply: list(nullable(tuple(double, double))),
    }),
  georadius: () =>
    command({
      ...storingSearch,
      name: 'GEORADIUS',
      summary: 'Finds the members around a position.',
      args: [key('RO access'), ...fromPosition, storingSearchOptions],
      forms: searchForms('georadius', true),
      deprecated: { since: '6.2.0', replacedBy: '`GEOSEARCH` and `GEOSEARCHSTORE` with the `BYRADIUS` argument' },
    }),
  georadiusRo: () =>
    command({
      ...search,
      name: 'GEORADIUS_RO',
      summary: 'Finds the members around a position, without the options that store them.',
      args: [key('RO access'), ...fromPosition, searchOptions],
      forms: searchForms('georadiusRo', false),
      deprecated: { since: '6.2.0', replacedBy: '`GEOSEARCH` with the `BYRADIUS` argument' },
    }),
  georadiusbymember: () =>
    command({
      ...storingSearch,
      name: 'GEORADIUSBYMEMBER',
      summary: 'Finds the members around another member.',
      args: [key('RO access'), ...fromMember, storingSearchOptions],
      forms: searchForms('georadiusbymember', true),
      deprecated: {
        since: '6.2.0',
        replacedBy: '`GEOSEARCH` and `GEOSEARCHSTORE` with the `BYRADIUS` and `FROMMEMBER` arguments',
      },
    }),
  georadiusbymemberRo: () =>
    command({
      ...search,
      name: 'GEORADIUSBYMEMBER_RO',
      summary: 'Finds the members around another member, without the options that store them.',
      args: [key('RO access'), ...fromMember, searchOptions],
      forms: searchForms('georadiusbymemberRo', false),
      deprecated: { since: '6.2.0', replacedBy: '`GEOSEARCH` with the `BYRADIUS` and `FROMMEMBER` arguments' },
    }),
  geosearch: () =>
    command({
      ...search,
      name: 'GEOSEARCH',
      since: '6.2.0',
      summary: 'Finds the members inside a circle or a box around a position or a member.',
      args: [key('RO access'), late(withArea(options([...area, ...limits, ...details], areaRules)))],
      arity: -7,
      forms: searchForms('geosearch', false),
    }),
  geosearchstore: () =>
    command({
      ...search,
      name: 'GEOSEARCHSTORE',
      since: '6.2.0',
      summary: 'As GEOSEARCH, stored as a sorted set; returns how many members it has.',
      flags: ['write', 'denyoom'],
      args: [
        key('OW update', 'destination'),
        key('RO access', 'source'),
        late(withArea(options([...area, ...limits, flag('STOREDIST', 'storeDist'), ...details], areaRules))),
      ],
      arity: -8,
      reply: intReply,
      forms: [{ method: 'geosearchstore', reply: intReply, omit: detailNames }],
    }),
};
