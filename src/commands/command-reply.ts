import { bytesFromText } from '../core/bytes.js';
import { MapReply, type Reply, SetReply, Status } from '../core/reply.js';
import type { KeySpec } from './key-spec.js';
import type { CommandFlag, Spec } from './spec.js';
import type { TermDoc } from './term.js';

/** What COMMAND INFO and COMMAND DOCS say of a spec. */

/** The order in which COMMAND INFO lists flags. `protected`, `sentinel` and `only_sentinel` are not shown. */
const flagOrder: readonly CommandFlag[] = [
  'write',
  'readonly',
  'denyoom',
  'admin',
  'pubsub',
  'noscript',
  'blocking',
  'loading',
  'stale',
  'skip_monitor',
  'skip_slowlog',
  'asking',
  'fast',
  'no_auth',
  'no_mandatory_keys',
  'no_async_loading',
  'no_multi',
  'movablekeys',
  'allow_busy',
];

interface LegacyRange {
  first: number;
  last: number;
  step: number;
  /** Keys also stand where first, last and step cannot say. */
  movable: boolean;
}

/** The old way of saying where keys are: first, last, step; from the leading plain ranges. */
function legacyRange(specs: readonly KeySpec[]): LegacyRange {
  const none = { first: 0, last: 0, step: 0, movable: false };
  if (specs.length === 0) return none;
  if (specs.length === 1) {
    const [{ begin, find, flags }] = specs;
    if (begin.type === 'index' && find.type === 'range') {
      const last = find.lastKey >= 0 ? begin.index + find.lastKey : find.lastKey;
      return { first: begin.index, last, step: find.step, movable: flags.includes('incomplete') };
    }
  }
  return mergedRange(specs) ?? { ...none, movable: true };
}

function mergedRange(specs: readonly KeySpec[]): LegacyRange | null {
  let range = null as LegacyRange | null;
  let movable = false;
  for (const { begin, find, flags } of specs) {
    const plain = begin.type === 'index' && find.type === 'range' && find.step === 1;
    if (!plain || (range !== null && range.last !== begin.index - 1)) {
      movable = true;
      continue;
    }
    if (flags.includes('incomplete')) movable = true;
    const last = find.lastKey >= 0 ? begin.index + find.lastKey : find.lastKey;
    range = { first: range?.first ?? begin.index, last, step: 1, movable };
  }
  return range && { ...range, movable };
}

export function commandInfo(spec: Spec): Reply {
  const { first, last, step, movable } = legacyRange(spec.keySpecs);
  const flags = flagOrder.filter((name) => (name === 'movablekeys' ? movable : spec.flags.includes(name)));
  return [
    spec.fullName,
    spec.arity,
    new SetReply(flags.map((name) => new Status(name))),
    first,
    last,
    step,
    new SetReply(spec.aclCategories.map((name) => new Status(`@${name}`))),
    new SetReply(tipsOf(spec)),
    new SetReply(spec.keySpecs.map(keySpecReply)),
    spec.container ? [...spec.subcommands.values()].map(commandInfo) : new SetReply([]),
  ];
}

function tipsOf(spec: Spec): string[] {
  if (spec.allTips !== undefined) return [...spec.allTips];
  const tips = [...(spec.tips ?? [])];
  if (spec.request) tips.push(`request_policy:${spec.request}`);
  if (spec.response) tips.push(`response_policy:${spec.response}`);
  return tips;
}

function keySpecReply({ flags, notes, begin, find }: KeySpec): Reply {
  const entries: Reply[] = notes ? ['notes', notes] : [];
  entries.push('flags', new SetReply(flags.map((name) => new Status(name))));
  entries.push('begin_search', beginReply(begin), 'find_keys', findReply(find));
  return new MapReply(entries);
}

function beginReply(begin: KeySpec['begin']): Reply {
  if (begin.type === 'index') return typed('index', ['index', begin.index]);
  if (begin.type === 'keyword') return typed('keyword', ['keyword', begin.keyword, 'startfrom', begin.startFrom]);
  return typed('unknown', []);
}

function findReply(find: KeySpec['find']): Reply {
  if (find.type === 'range')
    return typed('range', ['lastkey', find.lastKey, 'keystep', find.step, 'limit', find.limit]);
  if (find.type === 'keynum')
    return typed('keynum', ['keynumidx', find.keyNumIndex, 'firstkey', find.firstKey, 'keystep', find.step]);
  return typed('unknown', []);
}

function typed(type: string, fields: Reply[]): Reply {
  return new MapReply(['type', type, 'spec', new MapReply(fields)]);
}

export function commandDocs(spec: Spec): Reply {
  const entries: Reply[] = [
    'summary',
    bytesFromText(spec.summary),
    'since',
    spec.since,
    'group',
    spec.group,
    'complexity',
    bytesFromText(spec.complexity),
  ];
  if (spec.deprecated) {
    entries.push('doc_flags', new SetReply([new Status('deprecated')]));
    entries.push('deprecated_since', spec.deprecated.since, 'replaced_by', bytesFromText(spec.deprecated.replacedBy));
  }
  if (spec.args.length > 0) {
    const nextKey = { index: 0 };
    entries.push(
      'arguments',
      spec.args.map(({ doc }) => argumentReply(doc, nextKey)),
    );
  }
  if (spec.container) {
    const subcommands = [...spec.subcommands.values()];
    entries.push('subcommands', new MapReply(subcommands.flatMap((sub) => [sub.fullName, commandDocs(sub)])));
  }
  return new MapReply(entries);
}

/** `nextKey`: the key specification that the next key among the arguments is found by. They are in the same order. */
function argumentReply(doc: TermDoc, nextKey: { index: number }): Reply {
  const entries: Reply[] = ['name', doc.name, 'type', doc.type];
  if (doc.type === 'key') entries.push('key_spec_index', nextKey.index++);
  if (doc.token) entries.push('token', doc.token);
  if (doc.since) entries.push('since', doc.since);
  const flags: Reply[] = [];
  if (doc.optional) flags.push(new Status('optional'));
  if (doc.multiple) flags.push(new Status('multiple'));
  if (doc.multipleToken) flags.push(new Status('multiple_token'));
  if (flags.length > 0) entries.push('flags', flags);
  if (doc.arguments)
    entries.push(
      'arguments',
      doc.arguments.map((one) => argumentReply(one, nextKey)),
    );
  return new MapReply(entries);
}
