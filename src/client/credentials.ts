import type { Request } from '../backend/backend.js';
import { commands } from '../commands/table.js';
import { bytesFromText } from '../core/bytes.js';
import { AuthError, ConnectionError, KeyspanError, replyErrorOf } from '../core/errors.js';
import { ErrorReply, type Reply } from '../core/reply.js';
import type { ConnectionSettings, Credentials } from './client-options.js';
import type { Connection } from './connection.js';
import { Command } from './pending.js';

/** Credentials that change while connections live. */
export interface CredentialsProvider {
  /** Asked at each connect, and after each change. */
  get(): Credentials | Promise<Credentials>;
  /**
   * Calls `listener` when there are new credentials (given with the call, or asked of `get`): live connections then log in
   * again. If it returns a function, that one ends it.
   */
  onChange?(listener: (credentials?: Credentials) => void): unknown;
}

/** AUTH for credentials; null where there is no password to give. */
function authRequest({ username, password }: Credentials): Request | null {
  if (password === undefined) return null;
  const secret = bytesFromText(typeof password === 'string' ? password : password.reveal());
  const user = username === undefined ? [] : [bytesFromText(username)];
  return { spec: commands.auth, argv: ['AUTH', ...user, secret] };
}

/**
 * Lets live connections log in again whenever the credentials of some settings change. A refusal, or a provider that
 * fails, is told as an error; the connections stay as they are, as the server leaves them.
 */
export class Rotation {
  readonly #onError: (error: KeyspanError) => void;
  readonly #login: (request: Request) => Promise<Reply>[];
  #stop: (() => void) | null = null;
  #over = false;
  /** The latest change wins, however long `get` takes. */
  #turn = 0;

  /** `login` gives AUTH to all live connections; it returns their replies. */
  constructor(login: (request: Request) => Promise<Reply>[], onError: (error: KeyspanError) => void) {
    this.#login = login;
    this.#onError = onError;
  }

  /** Listens to the provider, if it tells of changes. */
  follow({ provider }: Pick<ConnectionSettings, 'provider'>): void {
    if (this.#over) return;
    const stop = provider?.onChange?.((credentials) => void this.#changed(provider, credentials));
    this.#stop = typeof stop === 'function' ? () => stop() : null;
  }

  stop(): void {
    this.#over = true;
    this.#stop?.();
    this.#stop = null;
  }

  async #changed(provider: CredentialsProvider, given: Credentials | undefined): Promise<void> {
    const turn = ++this.#turn;
    try {
      const credentials = given ?? (await provider.get());
      const request = authRequest(credentials);
      if (this.#over || turn !== this.#turn || request === null) return;
      await Promise.all(this.#login(request).map((reply) => reply.then((value) => this.#check(value), this.#report)));
    } catch (cause) {
      this.#onError(new ConnectionError('the credentials provider failed', { command: 'AUTH', cause }));
    }
  }

  #check(reply: Reply): void {
    if (!(reply instanceof ErrorReply)) return;
    const cause = replyErrorOf(reply.text, { command: 'AUTH' });
    this.#onError(cause instanceof AuthError ? cause : new AuthError(reply.text, { command: 'AUTH', cause }));
  }

  /** A connection that was lost before its reply logs in anew with the next one. */
  readonly #report = (error: unknown): void => {
    if (error instanceof KeyspanError && !(error instanceof ConnectionError)) this.#onError(error);
  };
}

/** Gives AUTH to a connection; without a deadline, since what blocks before it is nobody's fault. */
export function loginAgain(connection: Connection, request: Request): Promise<Reply> {
  const command = new Command(request, null, null);
  connection.send(command);
  return command.promise as Promise<Reply>;
}
