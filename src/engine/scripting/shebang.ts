import type { Bytes } from '../../core/bytes.js';
import { splitArguments } from '../../core/quoted-arguments.js';
import { ErrorReply } from '../../core/reply.js';
import { flagNames, noFlags, type ScriptFlags } from './script-run.js';

/** The flags that a script's first line states; null without such a line. Throws ErrorReplies on what it does not understand. */
export function scriptFlags(source: Bytes): ScriptFlags | null {
  if (!source.startsWith('#!')) return null;
  const end = source.indexOf('\n');
  if (end < 0) throw new ErrorReply('ERR Invalid script shebang');
  const [engine, ...options] = splitArguments(source.slice(0, end)) ?? [];
  if (engine === undefined) throw new ErrorReply('ERR Invalid engine in script shebang');
  if (engine !== '#!lua') throw new ErrorReply(`ERR Unexpected engine in script shebang: ${engine}`);
  const flags = noFlags();
  for (const option of options) {
    if (!option.startsWith('flags=')) throw new ErrorReply(`ERR Unknown lua shebang option: ${option}`);
    for (const name of option.slice(6).split(',')) {
      if (name === '') continue;
      const flag = flagNames[name];
      if (flag === undefined) throw new ErrorReply(`ERR Unexpected flag in script shebang: ${name}`);
      flags[flag] = true;
    }
  }
  return flags;
}

/** The source without its first line's words; its lines keep their numbers. */
export function withoutShebang(source: Bytes): Bytes {
  return source.startsWith('#!') ? source.slice(source.indexOf('\n')) : source;
}

/** The name that a library of functions states in its first line. */
export function libraryName(source: Bytes): Bytes {
  const end = source.indexOf('\n');
  if (!source.startsWith('#!')) throw new ErrorReply('ERR Missing library metadata');
  if (end < 0) throw new ErrorReply('ERR Invalid library metadata');
  const [engine, ...options] = splitArguments(source.slice(0, end)) ?? [];
  if (engine === undefined) throw new ErrorReply('ERR Invalid library metadata');
  let name: Bytes | null = null;
  for (const option of options) {
    if (!option.toLowerCase().startsWith('name=')) throw new ErrorReply(`ERR Invalid metadata value given: ${option}`);
    if (name !== null) throw new ErrorReply('ERR Invalid metadata value, name argument was given multiple times');
    name = option.slice(5);
  }
  if (name === null) throw new ErrorReply('ERR Library name was not given');
  if (!isFunctionName(name)) throw new ErrorReply(badName);
  if (engine.slice(2).toLowerCase() !== 'lua') throw new ErrorReply(`ERR Engine '${engine.slice(2)}' not found`);
  return name;
}

export const badName =
  'ERR Library names can only contain letters, numbers, or underscores(_) and must be at least one character long';

export function isFunctionName(name: Bytes): boolean {
  return /^[A-Za-z0-9_]+$/.test(name);
}
