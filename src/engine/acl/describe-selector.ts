import { aclCategories } from '../../commands/acl-categories.js';
import type { Spec } from '../../commands/spec.js';
import type { CommandTable } from '../../commands/table.js';
import type { Bytes } from '../../core/bytes.js';
import { type KeyPattern, READ, Selector, WRITE } from './selector.js';

/** A selector's rules as text: for ACL LIST, ACL GETUSER and files. Applied to a new selector they give the same one. */

type Category = readonly [name: string, specs: readonly Spec[]];

/** The categories of the commands of each version that was asked for. */
const categories = new Map<CommandTable, readonly Category[]>();

function categoriesOf(table: CommandTable): readonly Category[] {
  let known = categories.get(table);
  if (known === undefined) {
    known = aclCategories.map((name) => [name, table.all.filter((spec) => spec.aclCategories.includes(name))]);
    categories.set(table, known);
  }
  return known;
}

function keyRule({ pattern, access }: KeyPattern): string {
  const mark = access === READ ? '%R~' : access === WRITE ? '%W~' : '~';
  return mark + pattern;
}

export function describeKeys({ allKeys, keys }: Selector): Bytes {
  return allKeys ? '~*' : keys.map(keyRule).join(' ');
}

export function describeChannels({ allChannels, channels }: Selector): Bytes {
  return allChannels ? '&*' : channels.map((pattern) => `&${pattern}`).join(' ');
}

/** The whole of a selector as a line of rules. */
export function describeSelector(selector: Selector): Bytes {
  const channels = describeChannels(selector);
  const parts = [
    describeKeys(selector),
    selector.allChannels ? channels : `resetchannels ${channels}`.trim(),
    describeCommands(selector),
  ];
  return parts.filter((part) => part !== '').join(' ');
}

/** The rules about commands: since 7.2 as they were given. */
export function describeCommands(selector: Selector): Bytes {
  if (!selector.table.since.v72) return describeShortly(selector);
  return [selector.future ? '+@all' : '-@all', ...selector.commandRules].join(' ');
}

/**
 * The rules about commands, kept short: from all or none on, the categories that fit best one after the other, then the
 * single commands that are still wrong. What the rules so far come to is tried out on a selector.
 */
function describeShortly(selector: Selector): Bytes {
  const adds = !selector.future;
  const rules = [adds ? '-@all' : '+@all'];
  const sofar = new Selector(selector.table);
  sofar.apply(rules[0]);
  // What is to be explained yet: with adding, commands that are allowed; with removing, those that are not.
  const rest = selector.copy();
  const open = new Set(categoriesOf(selector.table));
  for (;;) {
    const best = bestCategory(open, rest, adds);
    if (best === null) break;
    open.delete(best);
    sofar.setCategory(best[0], adds);
    rest.setCategory(best[0], !adds);
    rules.push(`${adds ? '+' : '-'}@${best[0]}`);
  }
  for (const spec of selector.table.topLevel) describeSingle(selector, sofar, spec, rules);
  return rules.join(' ');
}

/** The category with the fewest commands that do not belong, of those which fit more than they miss. */
function bestCategory(open: ReadonlySet<Category>, rest: Selector, adds: boolean): Category | null {
  let best: Category | null = null;
  let fewest = Infinity;
  let most = 0;
  for (const category of open) {
    const [, specs] = category;
    const on = specs.reduce((sum, { id }) => sum + rest.allowed[id], 0);
    const same = adds ? on : specs.length - on;
    const different = specs.length - same;
    if (same <= different || different > fewest || (different === fewest && same <= most)) continue;
    best = category;
    fewest = different;
    most = same;
  }
  return best;
}

function describeSingle(selector: Selector, sofar: Selector, spec: Spec, rules: string[]): void {
  const allow = selector.allowed[spec.id];
  if (allow !== sofar.allowed[spec.id]) {
    rules.push(`${allow ? '+' : '-'}${spec.fullName}`);
    sofar.set(spec, allow === 1);
  }
  for (const sub of spec.subcommands.values()) describeSingle(selector, sofar, sub, rules);
  if (allow) return;
  for (const word of selector.firstArguments.get(spec.id) ?? []) rules.push(`+${spec.fullName}|${word}`);
}
