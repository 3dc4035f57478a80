import type { Bytes } from '../core/bytes.js';
import { DataError } from '../core/errors.js';
import { intKind, tokenDocs, wordKind } from './kind.js';
import type { Encode, Term } from './term.js';

const index = intKind();
const unit = wordKind(['BYTE', 'BIT']);

/** `start end [BYTE | BIT]`, all optional; with `endOptional`, so is `end`. Read by the handler, after the key. */
export function bitRangeWords(endOptional: boolean): Term<{ range?: Bytes[] }> {
  const end = endOptional ? 'end?' : 'end';
  return {
    name: 'range',
    type: `readonly [start: number | bigint, ${end}: number | bigint, unit?: 'byte' | 'bit']`,
    doc: {
      name: 'range',
      type: 'block',
      optional: true,
      arguments: [
        { name: 'start', type: 'integer' },
        { name: 'end', type: 'integer', ...(endOptional ? { optional: true } : {}) },
        { name: 'unit', type: 'oneof', optional: true, arguments: tokenDocs(['BYTE', 'BIT']) },
      ],
    },
    min: 0,
    max: Infinity,
    optional: true,
    parse(cursor, params) {
      if (cursor.at === cursor.end) return;
      params.range = cursor.argv.slice(cursor.at, cursor.end);
      cursor.at = cursor.end;
    },
    print(params, out, encode) {
      if (params.range !== undefined) out.push(...printRange(params.range, encode));
    },
  };
}

function printRange(range: unknown, encode: Encode): Bytes[] {
  if (!Array.isArray(range) || range.length < 1 || range.length > 3) {
    throw new DataError("'range' takes a start, an end and perhaps a unit");
  }
  if (encode.asParsed) return range;
  return range.map((item, i) => (i < 2 ? index : unit).print(item, encode));
}
