import type { Bytes } from '../core/bytes.js';
import { DataError } from '../core/errors.js';
import { parseInteger } from '../core/integer.js';
import { ErrorReply, replyErrors } from '../core/reply.js';
import type { Term } from './term.js';
import { bytes, bytesKind, command, flag, intReply, key, list, options, parsedBy, parsedElsewhere } from './words.js';

/** What deleting an entry means for groups that have it pending. */
export interface ReferenceParams {
  keepRef?: true;
  /** Removes it from their pending entries. */
  delRef?: true;
  /** Deletes only entries that all groups have read and acknowledged. */
  acked?: true;
}

export interface DeleteParams extends ReferenceParams {
  ids: Bytes[];
}

export const referenceOptions = [flag('KEEPREF', 'keepRef'), flag('DELREF', 'delRef'), flag('ACKED', 'acked')] as const;

const wrongCount = new ErrorReply('ERR The `numids` parameter must match the number of arguments');
const badCount = new ErrorReply('ERR Number of IDs must be a positive integer');

/** Takes the word for a policy of references; false for any other word. Throws where there was one before. */
export function takesReference(word: Bytes, params: ReferenceParams): boolean {
  const option = referenceOptions.find(({ token }) => token === word.toUpperCase());
  if (option === undefined) return false;
  if (params.keepRef || params.delRef || params.acked) throw replyErrors.syntax;
  params[option.name as keyof ReferenceParams] = true;
  return true;
}

/** The policy and `IDS numids id [id ...]`, in any order. */
const policy: Term<DeleteParams> = parsedBy(
  options(referenceOptions, { exclusive: [['keepRef', 'delRef', 'acked']] }),
  (cursor, params) => {
    const { argv } = cursor;
    for (let at = cursor.at; at < argv.length; ) {
      if (takesReference(argv[at], params)) {
        at++;
        continue;
      }
      if (argv[at].toUpperCase() !== 'IDS' || params.ids !== undefined) throw replyErrors.syntax;
      const count = Number(parseInteger(argv[at + 1] ?? '') ?? 0);
      if (count < 1) throw badCount;
      if (count > argv.length - at - 2) throw wrongCount;
      params.ids = argv.slice(at + 2, at + 2 + count);
      at += 2 + count;
    }
    if (params.ids === undefined) throw replyErrors.syntax;
    cursor.at = argv.length;
  },
);

const ids: Term = {
  ...bytes('ids'),
  doc: {
    name: 'ids',
    type: 'block',
    token: 'IDS',
    arguments: [
      { name: 'numids', type: 'integer' },
      { name: 'id', type: 'string', multiple: true },
    ],
  },
  rest: true,
  print(params, out, encode) {
    const all = Array.isArray(params.ids) ? params.ids : [params.ids];
    if (all.length === 0) throw new DataError("argument 'ids' needs at least 1 value");
    out.push('IDS', String(all.length), ...all.map((id) => bytesKind.print(id, encode)));
  },
};

const shared = {
  group: 'stream',
  since: '8.2.0',
  acl: ['stream'],
  complexity: 'O(log n) for each id; with ACKED and DELREF also of the groups',
  flags: ['write', 'fast'],
  reply: list(intReply),
} as const;

/** The commands that delete entries, minding the groups that have them pending. */
export const streamDeleteCommands = {
  xackdel: () =>
    command({
      ...shared,
      name: 'XACKDEL',
      summary:
        'Acknowledges entries and deletes them: 1 where that was done, 2 where others still need it, −1 for none.',
      args: [key('RW delete'), bytes('group'), policy, parsedElsewhere(ids)],
      arity: -6,
    }),
  xdelex: () =>
    command({
      ...shared,
      name: 'XDELEX',
      summary: 'Deletes entries: 1 where that was done, 2 where a group still needs it, −1 for none.',
      args: [key('RW delete'), policy, parsedElsewhere(ids)],
      arity: -5,
    }),
};
