import { closeSync, openSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { tableOf } from '../commands/table.js';
import { matchGlob } from '../core/glob.js';
import { splitArguments } from '../core/quoted-arguments.js';
import { systemMessage } from '../core/system-message.js';
import { userProblem } from '../engine/acl/user-lines.js';
import type { Config } from '../engine/config.js';
import { quoted } from '../engine/slowlog.js';

/** A configuration that cannot be used: told to the user, then the program ends. */
export class ConfigError extends Error {
  override name = 'ConfigError';

  /** `place`: the file and line, or that it is an option; `text` as it stands there. */
  static at(place: string, text: string, problem: string): ConfigError {
    return new ConfigError(`${place}: '${text}': ${problem}`);
  }
}

const INCLUDE_DEPTH_MAX = 16;
/** Directives of older versions, taken without effect as Redis does. */
const obsolete = new Set(['list-max-ziplist-entries', 'list-max-ziplist-value', 'lua-replicate-commands']);

/**
 * Reads a configuration file (null: none, `-`: standard input) and then `overrides`, more lines of the same syntax.
 * Throws ConfigError with file, line and text.
 */
export function readConfig(config: Config, file: string | null, overrides: string): void {
  if (file === '-') loadText(config, readFileSync(0, 'latin1'), 'standard input', 0);
  else if (file !== null) loadText(config, readFile(file), file, 0);
  loadText(config, overrides, null, 0);
  const logfile = config.get('logfile');
  if (logfile === '') return;
  try {
    closeSync(openSync(logfile, 'a'));
  } catch (error) {
    throw new ConfigError(`Can't open the log file: ${systemMessage(error)}`);
  }
}

/**
 * `['--port', '1', '--save', '60', '1']` as lines: `port 1`, `save 60 1`. The word after an option is its value even if
 * it begins with `--`; only `--save` may go without.
 */
export function linesOfOptions(args: readonly string[]): string {
  const lines: string[] = [];
  let hasValue = true;
  args.forEach((arg, i) => {
    if (hasValue && arg.startsWith('--')) {
      lines.push(arg.slice(2));
      hasValue = splitArguments(arg)?.length !== 1;
      const next = args[i + 1] ?? '--';
      if (hasValue || arg.trim().toLowerCase() !== '--save' || !next.startsWith('--')) return;
      lines[lines.length - 1] += ' ""';
    } else {
      const word = quoted(Buffer.from(arg, 'utf8').toString('latin1'));
      if (lines.length === 0) lines.push(word);
      else lines[lines.length - 1] += ` ${word}`;
    }
    hasValue = true;
  });
  return lines.join('\n');
}

function readFile(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch (error) {
    throw new ConfigError(`can't open config file '${path}': ${systemMessage(error)}`);
  }
}

/** `from`: what the text is called; null for what stands in the command line. */
function loadText(config: Config, text: string, from: string | null, depth: number): void {
  text.split('\n').forEach((raw, i) => {
    const line = raw.trim();
    if (line === '' || line.startsWith('#')) return;
    const words = splitArguments(line);
    const problem = words === null ? 'Unbalanced quotes in configuration line' : loadLine(config, words, depth);
    if (problem === null) return;
    throw ConfigError.at(from === null ? 'command line' : `${from}, line ${i + 1}`, line, problem);
  });
}

/** Carries out a line; returns what is wrong with it, or null. */
function loadLine(config: Config, [name, ...args]: readonly string[], depth: number): string | null {
  const word = name!.toLowerCase();
  const refusal = config.load(word, args);
  if (refusal !== undefined) return refusal ?? directoryProblem(config, word);
  if (word === 'include' && args.length === 1) return include(config, args[0]!, depth);
  if (obsolete.has(word) && args.length === 1) return null;
  if (word === 'user' && args.length >= 1) {
    return user(config, args);
  }
  if (word === 'loadmodule' && args.length >= 1) return 'modules cannot be loaded';
  if (word === 'rename-command' && args.length === 2) return 'rename-command is not supported';
  if (word === 'sentinel') return 'sentinel directive while not in sentinel mode';
  return 'Bad directive or wrong number of arguments';
}

/** A user: the rules are tried out now, so that an error is told with its line, and applied when the server starts. */
function user(config: Config, words: readonly string[]): string | null {
  if (config.users.some(([name]) => name === words[0])) {
    return `Error in user declaration '${words[0]}': Duplicate user found. A user can only be defined once in config files`;
  }
  const problem = userProblem(
    words,
    config.settings.aclPubsubDefault === 'allchannels',
    tableOf(config.settings.serverVersion),
  );
  if (problem === null) config.users.push(words);
  return problem;
}

function include(config: Config, pattern: string, depth: number): string | null {
  if (depth === INCLUDE_DEPTH_MAX) return 'includes are nested too deeply';
  for (const path of filesMatching(pattern)) loadText(config, readFile(path), path, depth + 1);
  return null;
}

/** A name without wildcards must exist; with wildcards in its last part any number of files is fine. */
function filesMatching(pattern: string): string[] {
  if (!/[*?[]/.test(pattern)) return [pattern];
  const folder = dirname(pattern);
  try {
    const names = readdirSync(folder).filter((name) => matchGlob(basename(pattern), name));
    return names.sort().map((name) => join(folder, name));
  } catch {
    return [];
  }
}

/** `dir` takes effect at once: later relative paths start there. */
function directoryProblem(config: Config, word: string): string | null {
  if (word !== 'dir') return null;
  try {
    process.chdir(config.get('dir'));
    config.put('dir', process.cwd());
    return null;
  } catch (error) {
    return systemMessage(error);
  }
}
