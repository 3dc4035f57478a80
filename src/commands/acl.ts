import {
  anyReply,
  bulk,
  bytes,
  command,
  double,
  fields,
  int,
  intReply,
  list,
  manyBytes,
  nullable,
  ok,
  optional,
  strictEnd,
  text,
} from './words.js';

const anyone = { group: 'server', since: '6.0.0', flags: ['noscript', 'loading', 'stale'], acl: [] } as const;
const admin = { ...anyone, flags: ['admin', 'noscript', 'loading', 'stale'] } as const;

const wrongBits =
  'ERR ACL GENPASS argument must be the number of bits for the output password, a positive number up to 4096';

const refusals = list(fields({ 'age-seconds': double }));

/** ACL and its subcommands: users, and what each may do. */
export const aclCommands = {
  acl: () =>
    command({
      ...anyone,
      flags: [],
      name: 'ACL',
      summary: 'Holds the commands about users and their rights.',
      complexity: 'Depends on the subcommand.',
      args: [],
      container: true,
      reply: anyReply,
    }),
  aclCat: () =>
    command({
      ...anyone,
      name: 'ACL CAT',
      summary: 'Lists the categories of commands, or the commands of one.',
      complexity: 'O(n) of the commands',
      args: [strictEnd(optional(bytes('category')), 'subcommand')],
      reply: list(text),
    }),
  aclDeluser: () =>
    command({
      ...admin,
      name: 'ACL DELUSER',
      allTips: ['request_policy:all_nodes', 'response_policy:all_succeeded'],
      before: [{ until: '7.2.0', allTips: undefined }],
      summary: 'Removes users and closes their connections; returns how many there were.',
      complexity: 'O(n) of the connections',
      args: [manyBytes('usernames')],
      reply: intReply,
    }),
  aclDryrun: () =>
    command({
      ...admin,
      since: '7.0.0',
      name: 'ACL DRYRUN',
      summary: 'Says whether a user may give a command, without carrying it out: OK, or why not.',
      complexity: 'O(n) of the rules',
      args: [bytes('username'), bytes('command'), manyBytes('args', { min: 0 })],
      arity: -4,
      reply: text,
      forms: [{ method: 'aclDryrun', reply: text, take: ['args'] }],
    }),
  aclGenpass: () =>
    command({
      ...anyone,
      name: 'ACL GENPASS',
      summary: 'Makes up a password that cannot be guessed, 256 bits unless told otherwise.',
      complexity: 'O(1)',
      args: [strictEnd(optional(int('bits', { min: 1, max: 4096, rangeError: wrongBits })), 'subcommand')],
      reply: text,
    }),
  aclGetuser: () =>
    command({
      ...admin,
      name: 'ACL GETUSER',
      summary: 'Returns the flags, password hashes and rules of a user; null if there is none.',
      complexity: 'O(n) of the commands and rules',
      args: [bytes('username')],
      reply: nullable(fields({ selectors: list(fields({})) })),
    }),
  aclHelp: () =>
    command({
      ...anyone,
      flags: ['loading', 'stale'],
      name: 'ACL HELP',
      summary: 'Lists the subcommands of ACL.',
      complexity: 'O(1)',
      args: [],
      reply: list(text),
    }),
  aclList: () =>
    command({
      ...admin,
      name: 'ACL LIST',
      summary: 'Describes the users, one line of rules each.',
      complexity: 'O(n) of the users',
      args: [],
      reply: list(bulk),
    }),
  aclLoad: () =>
    command({
      ...admin,
      name: 'ACL LOAD',
      summary: 'Puts the users of the ACL file in the place of all; an error in the file leaves everything as it is.',
      complexity: 'O(n) of the users and connections',
      args: [],
      reply: ok,
    }),
  aclLog: () =>
    command({
      ...admin,
      name: 'ACL LOG',
      summary:
        'Returns what was refused to whom lately, newest first: 10 entries unless told otherwise. RESET empties it.',
      complexity: 'O(n) of the entries returned',
      args: [strictEnd(optional(bytes('count')), 'subcommand')],
      reply: refusals,
      forms: [
        { method: 'aclLog', reply: refusals },
        { method: 'aclLogReset', reply: ok, fix: { count: 'RESET' }, note: 'Empties the log.' },
      ],
    }),
  aclSave: () =>
    command({
      ...admin,
      name: 'ACL SAVE',
      allTips: ['request_policy:all_nodes', 'response_policy:all_succeeded'],
      before: [{ until: '7.2.0', allTips: undefined }],
      summary: 'Writes the users to the ACL file.',
      complexity: 'O(n) of the users',
      args: [],
      reply: ok,
    }),
  aclSetuser: () =>
    command({
      ...admin,
      name: 'ACL SETUSER',
      allTips: ['request_policy:all_nodes', 'response_policy:all_succeeded'],
      before: [{ until: '7.2.0', allTips: undefined }],
      summary: 'Makes a user or changes one, rule by rule; all rules are applied or none.',
      complexity: 'O(n) of the rules',
      args: [bytes('username'), manyBytes('rules', { min: 0 })],
      arity: -3,
      reply: ok,
      forms: [{ method: 'aclSetuser', reply: ok, take: ['rules'] }],
    }),
  aclUsers: () =>
    command({
      ...admin,
      name: 'ACL USERS',
      summary: 'Lists the names of the users.',
      complexity: 'O(n) of the users',
      args: [],
      reply: list(text),
    }),
  aclWhoami: () =>
    command({
      ...anyone,
      name: 'ACL WHOAMI',
      summary: 'Returns the name of the user of this connection.',
      complexity: 'O(1)',
      args: [],
      reply: text,
    }),
};
