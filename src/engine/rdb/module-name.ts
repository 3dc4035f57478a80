const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const NAME_LENGTH = 9;
/** The lowest bits are the version of the module's encoding. */
const VERSION_BITS = 10n;

/** The name of a module's type that its id of 64 bits spells, six bits a letter. */
export function moduleName(id: bigint): string {
  let name = '';
  let rest = id >> VERSION_BITS;
  for (let i = 0; i < NAME_LENGTH; i++) {
    name = LETTERS[Number(rest & 63n)] + name;
    rest >>= 6n;
  }
  return name;
}
