/** Exactly the same type, `any` and readonly included. */
export type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

/** Fails to compile unless its argument type is `true`. */
export function expectType<T extends true>(): T | undefined {
  return undefined;
}
