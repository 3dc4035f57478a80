import { bytes, int, optional } from './grammar.js';
import { anyReply, list, text } from './shape.js';
import { command } from './spec.js';
import { strictEnd } from './strict-end.js';

const anyone = { group: 'server', since: '6.0.0', flags: ['noscript', 'loading', 'stale'], acl: [] } as const;

const wrongBits =
  'ERR ACL GENPASS argument must be the number of bits for the output password, a positive number up to 4096';

/** ACL as far as there is one user. */
export const aclCommands = {
  acl: command({
    ...anyone,
    flags: [],
    name: 'ACL',
    summary: 'Holds the commands about users and their rights.',
    complexity: 'Depends on the subcommand.',
    args: [],
    container: true,
    reply: anyReply,
  }),
  aclCat: command({
    ...anyone,
    name: 'ACL CAT',
    summary: 'Lists the categories of commands, or the commands of one.',
    complexity: 'O(n) of the commands',
    args: [strictEnd(optional(bytes('category')), 'subcommand')],
    reply: list(text),
  }),
  aclGenpass: command({
    ...anyone,
    name: 'ACL GENPASS',
    summary: 'Makes up a password that cannot be guessed, 256 bits unless told otherwise.',
    complexity: 'O(1)',
    args: [strictEnd(optional(int('bits', { min: 1, max: 4096, rangeError: wrongBits })), 'subcommand')],
    reply: text,
  }),
  aclHelp: command({
    ...anyone,
    flags: ['loading', 'stale'],
    name: 'ACL HELP',
    summary: 'Lists the subcommands of ACL.',
    complexity: 'O(1)',
    args: [],
    reply: list(text),
  }),
  aclUsers: command({
    ...anyone,
    flags: ['admin', 'noscript', 'loading', 'stale'],
    name: 'ACL USERS',
    summary: 'Lists the names of the users.',
    complexity: 'O(n) of the users',
    args: [],
    reply: list(text),
  }),
  aclWhoami: command({
    ...anyone,
    name: 'ACL WHOAMI',
    summary: 'Returns the name of the user of this connection.',
    complexity: 'O(1)',
    args: [],
    reply: text,
  }),
};
