import type { Spec } from '../../commands/spec.js';
import { asCString, type Bytes, compareBytes } from '../../core/bytes.js';
import { ErrorReply } from '../../core/reply.js';
import { clientLine } from '../client-line.js';
import type { Engine } from '../engine.js';
import type { EngineSession } from '../session.js';
import type { AclFile } from '../storage.js';
import { AclLog, type LogContext } from './acl-log.js';
import { RuleError } from './rule-error.js';
import { channelFits, DENIED_COMMAND, DENIED_KEY, type Denial } from './selector.js';
import { User } from './user.js';
import { mergeSelectors, OpenSelector, usersOfFile } from './user-lines.js';

const deniedKey = new ErrorReply('NOPERM this user has no permissions to access one of the keys used as arguments');
const deniedChannel = new ErrorReply(
  'NOPERM this user has no permissions to access one of the channels used as arguments',
);

/** The users of an engine and their permissions. A session refers to its user; most users may do everything. */
export class AccessControl {
  readonly log = new AclLog();
  /** The user of new sessions; always exists. */
  readonly defaultUser: User;
  /** Not a user who could log in: loaded and replicated commands run in this name. */
  readonly superuser: User;
  /** The file of ACL LOAD and ACL SAVE; null without `aclfile`. */
  file: AclFile | null = null;
  readonly #engine: Engine;
  #users = new Map<Bytes, User>();
  #requirepass = '';
  readonly #openChannels = (): boolean => this.#engine.settings.aclPubsubDefault === 'allchannels';

  constructor(engine: Engine) {
    this.#engine = engine;
    this.defaultUser = this.#newDefaultUser();
    this.#users.set('default', this.defaultUser);
    this.superuser = this.#newDefaultUser('(superuser)');
  }

  #newDefaultUser(name = 'default'): User {
    const user = new User(name, this.#openChannels, this.#engine.commands);
    for (const rule of ['+@all', '~*', '&*', 'on', 'nopass']) user.apply(rule);
    return user;
  }

  /** The setting `requirepass` may have changed: it is the default user's only password then. */
  passwordChanged(): void {
    const { requirepass } = this.#engine.settings;
    if (requirepass === this.#requirepass) return;
    this.#requirepass = requirepass;
    this.defaultUser.apply('resetpass');
    this.defaultUser.apply(requirepass === '' ? 'nopass' : `>${requirepass}`);
  }

  /** Whether a session has to log in before it may do anything. */
  get authRequired(): boolean {
    return !this.defaultUser.noPassword || !this.defaultUser.enabled;
  }

  user(name: Bytes): User | undefined {
    return this.#users.get(name);
  }

  /** All users, by name. O(n log n). */
  get users(): User[] {
    return [...this.#users.values()].sort((a, b) => compareBytes(a.name, b.name));
  }

  /** Authenticates a session; false, with an entry in the log, if that fails. */
  authenticate(session: EngineSession, name: Bytes, password: Bytes): boolean {
    const user = this.#users.get(name);
    if (user?.accepts(password) !== true) {
      const context = session.inExec || session.queue !== null ? 'multi' : 'toplevel';
      this.#note(session, { reason: 'auth', context, object: session.argv[0], username: name });
      return false;
    }
    session.authenticated = true;
    session.user = user;
    return true;
  }

  /**
   * ACL SETUSER: applies all rules or none. Throws an ErrorReply. Closes subscribers that have lost permission to
   * listen.
   */
  setUser(name: Bytes, words: readonly Bytes[]): void {
    const known = this.#users.get(name);
    const staged = new User(name, this.#openChannels, this.#engine.commands);
    if (known) staged.become(known);
    let rule = name;
    try {
      for (rule of mergeSelectors(words)) staged.apply(rule);
    } catch (thrown) {
      if (thrown instanceof OpenSelector) {
        throw new ErrorReply(`ERR Unmatched parenthesis in acl selector starting at '${asCString(thrown.word)}'.`);
      }
      if (!(thrown instanceof RuleError)) throw thrown;
      throw new ErrorReply(`ERR Error in ACL SETUSER modifier '${asCString(rule)}': ${thrown.message}`);
    }
    if (known === undefined) {
      this.#users.set(name, staged);
      return;
    }
    this.#closeListeners(known, staged);
    known.become(staged);
    this.#changed();
  }

  /** Removes a user and closes its sessions; false if there is none. The default user cannot be removed. */
  deleteUser(name: Bytes): boolean {
    const user = this.#users.get(name);
    if (user === undefined || user === this.defaultUser) return false;
    this.#users.delete(name);
    this.#closeSessions((session) => session.user === user);
    return true;
  }

  /** Installs the users of a configuration file, each as name and rules, which were validated before. */
  configure(lines: readonly (readonly Bytes[])[]): void {
    for (const [name, ...rules] of lines) {
      const user = this.#users.get(name) ?? new User(name, this.#openChannels, this.#engine.commands);
      this.#users.set(name, user);
      for (const rule of ['reset', ...mergeSelectors(rules)]) user.apply(rule);
    }
  }

  /** Takes over the users of another engine. */
  adopt(other: AccessControl): void {
    for (const user of other.users) {
      const own = this.#users.get(user.name) ?? new User(user.name, this.#openChannels, this.#engine.commands);
      own.become(user);
      this.#users.set(user.name, own);
    }
  }

  /** ACL LOAD: replaces all users by the file's. Returns what is wrong with the file, with nothing changed. */
  load(file: AclFile): string | null {
    let text: string;
    try {
      text = file.read();
    } catch (error) {
      return `Error loading ACLs, opening file '${file.name}': ${(error as Error).message}`;
    }
    const users = usersOfFile(file.name, text, this.#openChannels, this.#engine.commands);
    if (typeof users === 'string') {
      return `${users}WARNING: ACL errors detected, no change to the previously active ACL rules was performed`;
    }
    this.defaultUser.become(users.get('default') ?? this.#newDefaultUser());
    users.set('default', this.defaultUser);
    this.#users = users;
    this.#closeSessions(({ user }) => user !== this.defaultUser && user !== this.superuser);
    this.#changed();
    return null;
  }

  /** ACL SAVE; false, with a line in the server's log, if the file cannot be written. */
  save(file: AclFile): boolean {
    try {
      file.write(this.users.map(({ line }) => `${line}\n`).join(''));
      return true;
    } catch (error) {
      this.#engine.surroundings.log('warning', `Writing ACL file for ACL SAVE: ${(error as Error).message}`);
      return false;
    }
  }

  /** Why a request is refused, which is also logged; null if it may be carried out. */
  refusal(session: EngineSession, spec: Spec, argv: readonly Bytes[]): ErrorReply | null {
    const denial = this.denial(session, spec, argv, session.queue === null ? 'toplevel' : 'multi');
    if (denial === null) return null;
    if (this.#engine.commands.since.v72) return new ErrorReply(`NOPERM ${this.refusalText(session, spec, denial)}`);
    if (denial.reason === DENIED_KEY) return deniedKey;
    if (denial.reason !== DENIED_COMMAND) return deniedChannel;
    return new ErrorReply(`NOPERM this user has no permissions to run the '${spec.fullName}' command`);
  }

  /** A refusal as 7.2 words it. */
  refusalText({ user }: EngineSession, spec: Spec, { reason }: Denial): Bytes {
    if (reason === DENIED_COMMAND) return `User ${user.name} has no permissions to run the '${spec.fullName}' command`;
    return `No permissions to access a ${reason === DENIED_KEY ? 'key' : 'channel'}`;
  }

  /** Like `refusal`, for callers with a wording of their own. */
  denial(session: EngineSession, spec: Spec, argv: readonly Bytes[], context: LogContext): Denial | null {
    const { user } = session;
    const denial = user.check(spec, argv);
    if (denial === null) return null;
    const reason = denial.reason === DENIED_COMMAND ? 'command' : denial.reason === DENIED_KEY ? 'key' : 'channel';
    const object = reason === 'command' ? spec.fullName : argv[denial.index];
    this.#note(session, { reason, context, object, username: user.name });
    return denial;
  }

  #note(
    session: EngineSession,
    event: { reason: 'command' | 'key' | 'channel' | 'auth'; context: LogContext; object: Bytes; username: Bytes },
  ): void {
    const engine = this.#engine;
    engine.stats.denied[event.reason]++;
    // A script's actions are logged for the client that runs it.
    const client = session.inScript ? (engine.scripting.current?.caller ?? session) : session;
    this.log.add({ ...event, client: clientLine(client), at: engine.clock.now() }, engine.settings.acllogMaxLen);
  }

  #closeSessions(isDoomed: (session: EngineSession) => boolean): void {
    for (const session of [...this.#engine.sessions.values()]) {
      if (!isDoomed(session)) continue;
      session.user = this.defaultUser;
      session.authenticated = false;
      session.close(session === this.#engine.current ? 'after-replies' : 'now');
    }
  }

  /** Subscribers of a user whose channels are narrowed down, if they listen to what is not allowed any more. */
  #closeListeners(before: User, after: User): void {
    if (after.selectors.some(({ allChannels }) => allChannels)) return;
    const patterns = new Set(after.selectors.flatMap(({ channels }) => channels));
    const keptAll = before.selectors.every(
      ({ allChannels, channels }) => !allChannels && channels.every((channel) => patterns.has(channel)),
    );
    if (keptAll) return;
    for (const session of [...this.#engine.sessions.values()]) {
      if (session.user !== before || !session.subscribed) continue;
      const names = [...session.channels, ...session.shardChannels];
      const allowed =
        [...session.patterns].every((pattern) => channelFits(patterns, pattern, true)) &&
        names.every((name) => channelFits(patterns, name, false));
      if (!allowed) session.close('now');
    }
  }

  /** Sessions on fast lanes must check whether they are still allowed. */
  #changed(): void {
    for (const { onRightsChanged } of this.#engine.sessions.values()) onRightsChanged?.();
  }
}
