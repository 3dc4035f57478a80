/** The classes of keyspace events, by their letters in `notify-keyspace-events`. */
export const NOTIFY_KEYSPACE = 1 << 0;
export const NOTIFY_KEYEVENT = 1 << 1;
export const NOTIFY_GENERIC = 1 << 2;
export const NOTIFY_STRING = 1 << 3;
export const NOTIFY_LIST = 1 << 4;
export const NOTIFY_SET = 1 << 5;
export const NOTIFY_HASH = 1 << 6;
export const NOTIFY_ZSET = 1 << 7;
export const NOTIFY_EXPIRED = 1 << 8;
export const NOTIFY_EVICTED = 1 << 9;
export const NOTIFY_STREAM = 1 << 10;
export const NOTIFY_KEY_MISS = 1 << 11;
const NOTIFY_MODULE = 1 << 13;
export const NOTIFY_NEW = 1 << 14;

/** What `A` stands for: everything but key misses and new keys. */
const NOTIFY_ALL =
  NOTIFY_GENERIC |
  NOTIFY_STRING |
  NOTIFY_LIST |
  NOTIFY_SET |
  NOTIFY_HASH |
  NOTIFY_ZSET |
  NOTIFY_EXPIRED |
  NOTIFY_EVICTED |
  NOTIFY_STREAM |
  NOTIFY_MODULE;

const letters: readonly (readonly [string, number])[] = [
  ['g', NOTIFY_GENERIC],
  ['$', NOTIFY_STRING],
  ['l', NOTIFY_LIST],
  ['s', NOTIFY_SET],
  ['h', NOTIFY_HASH],
  ['z', NOTIFY_ZSET],
  ['x', NOTIFY_EXPIRED],
  ['e', NOTIFY_EVICTED],
  ['t', NOTIFY_STREAM],
  ['d', NOTIFY_MODULE],
  ['K', NOTIFY_KEYSPACE],
  ['E', NOTIFY_KEYEVENT],
  ['m', NOTIFY_KEY_MISS],
  ['n', NOTIFY_NEW],
];

/** The flags of a `notify-keyspace-events` value; null for an unknown letter. */
export function parseNotifyFlags(text: string): number | null {
  let flags = 0;
  for (const letter of text) {
    if (letter === 'A') {
      flags |= NOTIFY_ALL;
      continue;
    }
    const found = letters.find(([name]) => name === letter);
    if (!found) return null;
    flags |= found[1];
  }
  return flags;
}

/** The text of the flags as CONFIG GET reports them: beside `A`, new keys are not mentioned. */
export function formatNotifyFlags(flags: number): string {
  const lettersOf = (list: readonly (readonly [string, number])[]): string =>
    list.map(([name, flag]) => (flags & flag ? name : '')).join('');
  const classes = (flags & NOTIFY_ALL) === NOTIFY_ALL ? 'A' : lettersOf([...letters.slice(0, 10), ['n', NOTIFY_NEW]]);
  return classes + lettersOf(letters.slice(10, 13));
}
