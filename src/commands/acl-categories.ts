import type { CommandFlag } from './spec.js';

/** All categories, in the order in which Redis lists them. */
export const aclCategories: readonly string[] = [
  'keyspace',
  'read',
  'write',
  'set',
  'sortedset',
  'list',
  'hash',
  'string',
  'bitmap',
  'hyperloglog',
  'geo',
  'stream',
  'pubsub',
  'admin',
  'fast',
  'slow',
  'blocking',
  'dangerous',
  'connection',
  'transaction',
  'scripting',
];

/** A command's ACL categories: what its flags imply, and those it names itself. */
export function aclCategoriesOf(flags: readonly CommandFlag[], named: readonly string[]): string[] {
  const has = (flag: CommandFlag): boolean => flags.includes(flag);
  const found = new Set(named);
  if (has('write')) found.add('write');
  if (has('readonly') && !found.has('scripting')) found.add('read');
  if (has('admin')) found.add('admin').add('dangerous');
  if (has('pubsub')) found.add('pubsub');
  if (has('blocking')) found.add('blocking');
  found.add(has('fast') ? 'fast' : 'slow');
  return aclCategories.filter((name) => found.has(name));
}
