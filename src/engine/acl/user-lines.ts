import type { CommandTable } from '../../commands/table.js';
import type { Bytes } from '../../core/bytes.js';
import { hasBlank, RuleError } from './rule-error.js';
import { User } from './user.js';

/** A selector that is opened and not closed: the word that opens it. */
export class OpenSelector {
  readonly word: Bytes;
  constructor(word: Bytes) {
    this.word = word;
  }
}

/** Puts selectors that were given as several words, `(+get` `~a)`, back together. Throws an OpenSelector. */
export function mergeSelectors(words: readonly Bytes[]): Bytes[] {
  const merged: Bytes[] = [];
  let open: Bytes[] | null = null;
  for (const word of words) {
    if (open !== null) open.push(word);
    else if (word.startsWith('(') && !word.endsWith(')')) {
      open = [word];
      continue;
    } else merged.push(word);
    if (open === null || !word.endsWith(')')) continue;
    merged.push(open.join(' '));
    open = null;
  }
  if (open !== null) throw new OpenSelector(open[0]);
  return merged;
}

/** What is wrong with the words after `user` in a configuration file; null if nothing is. */
export function userProblem(
  [name, ...words]: readonly Bytes[],
  openChannels: boolean,
  table: CommandTable,
): string | null {
  if (hasBlank(name)) return 'Spaces not allowed in ACL usernames';
  const user = new User(name, () => openChannels, table);
  let rule = name;
  try {
    for (rule of mergeSelectors(words)) user.apply(rule);
    return null;
  } catch (thrown) {
    if (thrown instanceof OpenSelector) return `Unmatched parenthesis in acl selector starting at '${thrown.word}'.`;
    if (thrown instanceof RuleError) return `Error in user declaration '${rule}': ${thrown.message}`;
    throw thrown;
  }
}

/** The users of an ACL file, or all that is wrong with it as one text. */
export function usersOfFile(
  name: string,
  text: Bytes,
  openChannels: () => boolean,
  table: CommandTable,
): Map<Bytes, User> | string {
  const newUser = (user: Bytes): User => new User(user, openChannels, table);
  const users = new Map<Bytes, User>();
  let problems = '';
  text.split('\n').forEach((raw, i) => {
    const line = raw.replace(/^[ \t\r\n]+|[ \t\r\n]+$/g, '');
    if (line !== '') problems += loadLine(users, `${name}:${i + 1}`, line.split(' '), newUser);
  });
  return problems === '' ? users : problems;
}

function loadLine(users: Map<Bytes, User>, place: string, words: Bytes[], newUser: (name: Bytes) => User): string {
  const [keyword, name, ...rules] = words;
  if (keyword !== 'user' || name === undefined) {
    return `${place} should start with user keyword followed by the username. `;
  }
  if (hasBlank(name)) return `'${place}: username '${name}' contains invalid characters. `;
  if (users.has(name)) {
    return `WARNING: Duplicate user '${name}' found on line ${place.slice(place.lastIndexOf(':') + 1)}. `;
  }
  const user = newUser(name);
  users.set(name, user);
  return applyRules(user, place, rules);
}

/** Reports every word that is not a command, but only the first of other errors, as it may have caused the rest. */
function applyRules(user: User, place: string, rules: Bytes[]): string {
  let problems = '';
  let told = false;
  try {
    for (const rule of mergeSelectors(rules)) {
      const trimmed = rule.replace(/^[\t\r\n]+|[\t\r\n]+$/g, '');
      try {
        user.apply(trimmed);
      } catch (thrown) {
        if (!(thrown instanceof RuleError)) throw thrown;
        if (thrown.problem === 'unknown') {
          problems += `${place}: Error in applying operation '${trimmed}': ${thrown.message}. `;
        } else if (!told) {
          told = true;
          problems += `${place}: ${thrown.message}. `;
        }
      }
    }
  } catch (thrown) {
    if (!(thrown instanceof OpenSelector)) throw thrown;
    problems += `${place}: Unmatched parenthesis in selector definition.`;
  }
  return problems;
}
