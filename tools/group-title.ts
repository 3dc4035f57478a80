import type { Group } from '../src/commands/spec.js';

const titles: Readonly<Record<Group, string>> = {
  bitmap: 'Bitmaps',
  cluster: 'Cluster',
  connection: 'Connection',
  generic: 'Keys',
  geo: 'Geo',
  hash: 'Hashes',
  hyperloglog: 'HyperLogLog',
  list: 'Lists',
  pubsub: 'Pub/sub',
  scripting: 'Scripts and functions',
  sentinel: 'Sentinel',
  server: 'Server',
  set: 'Sets',
  'sorted-set': 'Sorted sets',
  stream: 'Streams',
  string: 'Strings',
  transactions: 'Transactions',
};

/** What a group of commands is called on pages. */
export function titleOf(group: Group): string {
  return titles[group];
}
