import type { Bytes } from '../../core/bytes.js';
import { compileText } from './compiler.js';
import { LuaError, type Site } from './error.js';
import * as runtime from './runtime.js';
import type { LuaTable } from './table.js';
import type { LuaFunction } from './value.js';

type Maker = (L: typeof runtime, G: LuaTable, S: readonly Site[]) => LuaFunction;

/** The first byte of precompiled chunks, which are not accepted. */
const PRECOMPILED = '\x1b';

/**
 * Compiles Lua source to a function over the globals `globals`. `chunk` names the source in error messages.
 * Throws a LuaError that says what is wrong with the source. O(length).
 */
export function load(source: Bytes, chunk: string, globals: LuaTable): LuaFunction {
  if (source.startsWith(PRECOMPILED)) throw new LuaError(`${chunk}: precompiled chunks are not supported`);
  const { text, sites } = compileText(source, chunk);
  const maker = new Function('L', 'G', 'S', `"use strict";return ${text}`) as Maker;
  return maker(runtime, globals, sites);
}
