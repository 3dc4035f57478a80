/** `CONFIG GET` → `configGet`, `ZADD` → `zadd`, `GETKEYS-AND` → `getkeysAnd`. */
export function camel(name: string): string {
  return name.toLowerCase().replace(/[ -](.)/g, (_, letter: string) => letter.toUpperCase());
}
