/** `CONFIG GET` → `configGet`, `ZADD` → `zadd`, `GETKEYS-AND` → `getkeysAnd`. */
export function camel(name: string): string {
  return name.toLowerCase().replace(/[ -](.)/g, (_, letter: string) => letter.toUpperCase());
}

/** The name that the specs have for a command: `config get` → `configGet`, `SORT_RO` → `sortRo`. */
export function keyOf(name: string): string {
  return name.toLowerCase().replace(/[ _-](.)/g, (_, letter: string) => letter.toUpperCase());
}
