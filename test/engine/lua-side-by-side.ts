/** Lua scripts on a real server and on the engine: the same replies, byte for byte. */
import { runScripts } from './scripts.js';

/** As one word of a line of commands. */
export function quoted(text: string): string {
  return JSON.stringify(text);
}

/** EVALs each script without keys, in both protocols. */
export function runLua(title: string, sources: readonly string[]): void {
  runScripts(title, [
    { title: `${sources.length} scripts`, lines: sources.map((source) => `EVAL ${quoted(source)} 0`).join('\n') },
  ]);
}
