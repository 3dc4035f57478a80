import { type Bytes, bytesFromText, textFromBytes } from './core/bytes.js';

/** What a program may store: numbers and texts as in Redis, anything else that JSON can represent as JSON. */
export type Typed = string | number | boolean | null | readonly Typed[] | { readonly [key: string]: Typed };

const TEXT = '\u0000s';
const JSON_MARK = '\u0000j';

/**
 * A value as Redis stores it. Numbers are their digits, so that INCR works on them, and texts are themselves; a text
 * that would be read back as something else is marked.
 */
export function encodeTyped(value: Typed): Bytes {
  if (typeof value === 'number' && isPlainNumber(String(value))) return String(value);
  if (typeof value !== 'string') return bytesFromText(JSON_MARK + JSON.stringify(value));
  return bytesFromText(isPlainNumber(value) || value.startsWith('\u0000') ? TEXT + value : value);
}

export function decodeTyped(bytes: Bytes): Typed {
  if (bytes.startsWith(TEXT)) return textFromBytes(bytes.slice(TEXT.length));
  if (bytes.startsWith(JSON_MARK)) return JSON.parse(textFromBytes(bytes.slice(JSON_MARK.length))) as Typed;
  return isPlainNumber(bytes) ? Number(bytes) : textFromBytes(bytes);
}

/** Whether a text is what a finite number prints as, so that it would be read back as that number. */
function isPlainNumber(text: string): boolean {
  if (!/^-?\d/.test(text)) return false;
  const number = Number(text);
  return Number.isFinite(number) && String(number) === text;
}
