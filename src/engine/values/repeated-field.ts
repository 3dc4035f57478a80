import type { Bytes } from '../../core/bytes.js';

/** Up to here each field is compared with all others, which takes less time than a set of them. */
const FEW_FIELDS = 16;

/** Whether a field is there twice; each is followed by its value. O(n), O(n²) up to 16 fields. */
export function hasTwice(pairs: readonly Bytes[]): boolean {
  if (pairs.length > FEW_FIELDS * 2) {
    const fields = new Set<Bytes>();
    for (let i = 0; i < pairs.length; i += 2) fields.add(pairs[i]);
    return fields.size < pairs.length / 2;
  }
  for (let i = 2; i < pairs.length; i += 2) {
    const field = pairs[i];
    const { length } = field;
    const last = field.charCodeAt(length - 1);
    for (let j = 0; j < i; j += 2) {
      const other = pairs[j];
      if (other.length === length && other.charCodeAt(length - 1) === last && other === field) return true;
      // The empty field has no last byte.
      if (length === 0 && other.length === 0) return true;
    }
  }
  return false;
}
