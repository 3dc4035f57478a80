/** Up to so many fields the engine keeps an object that is filled field by field in its fast form by itself. */
const FEW_FIELDS_MAX = 16;
/** Beyond this it keeps none in that form. */
const FIELDS_MAX = 128;

/**
 * Makes the objects that replies of fields become. Rows of one kind bring the same fields again and again: from the second
 * time on the object is a copy of one that has them all, which keeps it in the engine's fast form, and then only has its
 * values set.
 */
export class RecordObjects {
  #names: string[] = [];
  #template: Record<string, unknown> | null = null;

  /** An object for the fields whose names stand at every other place of `flat`, to be filled. O(fields). */
  make(flat: readonly unknown[]): Record<string, unknown> {
    const count = flat.length >> 1;
    if (count <= FEW_FIELDS_MAX || count > FIELDS_MAX) return {};
    if (!this.#areSame(flat, count)) {
      this.#remember(flat, count);
      return {};
    }
    this.#template ??= Object.fromEntries(this.#names.map((name) => [name, '']));
    return { ...this.#template };
  }

  #areSame(flat: readonly unknown[], count: number): boolean {
    const names = this.#names;
    if (names.length !== count) return false;
    for (let i = 0; i < count; i++) if (names[i] !== flat[2 * i]) return false;
    return true;
  }

  #remember(flat: readonly unknown[], count: number): void {
    this.#template = null;
    this.#names = [];
    for (let i = 0; i < count; i++) {
      const name = flat[2 * i];
      // Other kinds of names are rare, and become text that is not known here.
      if (typeof name !== 'string') break;
      this.#names.push(name);
    }
  }
}
