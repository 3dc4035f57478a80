import type { LuaValue } from './value.js';

/** Where in a script something stands. */
export interface Site {
  readonly chunk: string;
  readonly line: number;
  /** What the code calls the value or values here: `local 'x'`, `field 'y'`. */
  readonly first?: string;
  readonly second?: string;
}

/**
 * An error that a script raises and may catch: any Lua value. No `Error`, as it must not cost a stack trace.
 * `site` is the innermost place in Lua code; null when none is known.
 */
export class LuaError {
  readonly value: LuaValue;
  readonly site: Site | null;
  constructor(value: LuaValue, site: Site | null = null) {
    this.value = value;
    this.site = site;
  }
}

/** The script has used up its time: nothing in the script can catch this. */
export class ScriptStopped {
  readonly site: Site | null;
  constructor(site: Site | null) {
    this.site = site;
  }
}
