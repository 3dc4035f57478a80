import type { aclCommands } from '../../commands/acl.js';
import { aclCategories } from '../../commands/acl-categories.js';
import { helpReply } from '../../commands/help.js';
import { arityFits } from '../../commands/spec.js';
import { asCString, type Bytes } from '../../core/bytes.js';
import { parseInteger } from '../../core/integer.js';
import { ErrorReply, MapReply, OK, type Reply, replyErrors, SetReply, wrongArity } from '../../core/reply.js';
import { secureHex } from '../../core/secure-random.js';
import { describeChannels, describeCommands, describeKeys } from '../acl/describe-selector.js';
import { hasBlank } from '../acl/rule-error.js';
import { DENIED_COMMAND, DENIED_KEY, type Selector } from '../acl/selector.js';
import type { HandlersOf } from '../handler.js';
import type { EngineSession } from '../session.js';
import type { AclFile } from '../storage.js';

const GENPASS_BITS = 256;
const LOG_ENTRIES = 10;
const REDACTED = '(redacted)';

const keepsDefault = new ErrorReply("ERR The 'default' user cannot be removed");
const badName = new ErrorReply("ERR Usernames can't contain spaces or null characters");
const notSaved = new ErrorReply(
  'ERR There was an error trying to save the ACLs. Please check the server logs for more information',
);
const noFile = new ErrorReply(
  'ERR This Redis instance is not configured to use an ACL file. You may want to specify users via the ACL SETUSER ' +
    'command and then issue a CONFIG REWRITE (assuming you have a Redis configuration file set) in order to store ' +
    'users in the Redis configuration.',
);

function fileOf({ engine }: EngineSession): AclFile {
  if (engine.acl.file === null) throw noFile;
  return engine.acl.file;
}

function describe(selector: Selector): Reply[] {
  return [
    'commands',
    describeCommands(selector),
    'keys',
    describeKeys(selector),
    'channels',
    describeChannels(selector),
  ];
}

/** ACL DRYRUN's reply for a request: OK, or why it would be refused. */
function tryOut({ engine }: EngineSession, username: Bytes, argv: readonly Bytes[]): Reply {
  const user = engine.acl.user(username);
  if (user === undefined) throw new ErrorReply(`ERR User '${asCString(username)}' not found`);
  const spec = engine.commands.lookup(argv);
  if (spec === undefined || (spec.container && argv.length >= 2))
    throw new ErrorReply(`ERR Command '${asCString(argv[0])}' not found`);
  if (!arityFits(spec, argv.length)) throw wrongArity(spec.fullName);
  const denial = user.check(spec, argv);
  if (denial === null) return OK;
  const who = engine.commands.since.v72 ? `User ${username}` : 'This user';
  if (denial.reason === DENIED_COMMAND) return `${who} has no permissions to run the '${spec.fullName}' command`;
  const what = denial.reason === DENIED_KEY ? 'key' : 'channel';
  const about = engine.commands.since.v72 ? argv[denial.index] : asCString(argv[denial.index]);
  return `${who} has no permissions to access the '${about}' ${what}`;
}

/** Handlers of ACL. */
export const aclHandlers: HandlersOf<typeof aclCommands> = {
  aclCat({ engine }, { category }) {
    if (category === undefined) return [...aclCategories];
    const name = category.toLowerCase();
    if (!aclCategories.includes(name)) throw new ErrorReply(`ERR Unknown category '${asCString(category, 128)}'`);
    return engine.commands.all.filter((spec) => spec.aclCategories.includes(name)).map((spec) => spec.fullName);
  },

  aclDeluser({ engine }, { usernames }) {
    if (usernames.includes('default')) throw keepsDefault;
    return usernames.filter((name) => engine.acl.deleteUser(name)).length;
  },

  aclDryrun: (call, { username, command, args }) => tryOut(call, username, [command, ...args]),

  aclGenpass: ({ engine }, { bits = GENPASS_BITS }) => secureHex(Math.ceil(bits / 4), engine.random),

  aclGetuser({ engine }, { username }) {
    const user = engine.acl.user(username);
    if (user === undefined) return null;
    const [own, ...others] = user.selectors;
    return new MapReply([
      'flags',
      new SetReply(user.flags),
      'passwords',
      [...user.passwords],
      ...describe(own),
      'selectors',
      others.map((selector) => new MapReply(describe(selector))),
    ]);
  },

  aclHelp: () => helpReply('acl'),

  aclList: ({ engine }) => engine.acl.users.map(({ line }) => line),

  aclLoad(call) {
    const problem = call.engine.acl.load(fileOf(call));
    if (problem !== null) throw new ErrorReply(`ERR ${problem}`);
    return OK;
  },

  aclLog({ engine }, { count = String(LOG_ENTRIES) }) {
    const { log } = engine.acl;
    if (count.toLowerCase() === 'reset') {
      log.reset();
      return OK;
    }
    const length = parseInteger(count);
    if (length === null) throw replyErrors.notInteger;
    return log.latest(Number(length), engine.clock.now());
  },

  aclSave(call) {
    if (!call.engine.acl.save(fileOf(call))) throw notSaved;
    return OK;
  },

  aclSetuser(call, { username, rules }) {
    call.argv = call.argv.map((arg, i) => (i < 2 ? arg : REDACTED));
    if (hasBlank(username)) throw badName;
    call.engine.acl.setUser(username, rules);
    return OK;
  },

  aclUsers: ({ engine }) => engine.acl.users.map(({ name }) => name),

  aclWhoami: ({ user }) => user.name,
};
