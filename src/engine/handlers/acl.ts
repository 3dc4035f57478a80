import type { aclCommands } from '../../commands/acl.js';
import { aclCategories } from '../../commands/acl-categories.js';
import { helpReply } from '../../commands/help.js';
import { commandTable } from '../../commands/table.js';
import { asCString } from '../../core/bytes.js';
import { ErrorReply } from '../../core/reply.js';
import { secureHex } from '../../core/secure-random.js';
import type { HandlersOf } from '../handler.js';

const GENPASS_BITS = 256;

/** Handlers of ACL. */
export const aclHandlers: HandlersOf<typeof aclCommands> = {
  aclCat(_call, { category }) {
    if (category === undefined) return [...aclCategories];
    const name = category.toLowerCase();
    if (!aclCategories.includes(name)) throw new ErrorReply(`ERR Unknown category '${asCString(category)}'`);
    return commandTable.all.filter((spec) => spec.aclCategories.includes(name)).map((spec) => spec.fullName);
  },

  aclGenpass: ({ engine }, { bits = GENPASS_BITS }) => secureHex(Math.ceil(bits / 4), engine.random),

  aclHelp: () => helpReply('acl'),

  aclUsers: () => ['default'],

  aclWhoami: ({ user }) => user,
};
