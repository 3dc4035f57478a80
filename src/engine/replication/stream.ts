import { arrayFromBytes, type Bytes } from '../../core/bytes.js';
import { formatCommand } from '../../core/command-text.js';
import { Backlog } from './backlog.js';

/** More than this is not kept back until the end of the turn. */
const PENDING_BYTES_MAX = 64 * 1024;
const NO_ID = '0'.repeat(40);

/**
 * The stream of changes: its name, how long it is, and its end in a backlog. Commands of one turn are put together
 * before they are handed to the replicas; the offset counts them at once.
 */
export class ReplicationStream {
  /** The name of this history of changes. */
  id: string;
  /** The name that it had before a promotion, which holds up to `secondOffset`. */
  id2 = NO_ID;
  secondOffset = -1;
  /** Bytes of the stream so far. */
  offset = 0;
  backlog: Backlog | null = null;
  #pending: Bytes[] = [];
  #pendingBytes = 0;
  #planned = false;
  /** The database that the last command of the stream was for; −1: to be said anew. */
  #db = -1;
  readonly #newId: () => string;
  readonly #spread: (bytes: Uint8Array) => void;

  /** `spread` hands a part of the stream, an array that does not change any more, to the replicas. */
  constructor(newId: () => string, spread: (bytes: Uint8Array) => void) {
    this.#newId = newId;
    this.#spread = spread;
    this.id = newId();
  }

  /** A new history: nobody can go on with the old one. */
  rename(): void {
    this.id = this.#newId();
    this.id2 = NO_ID;
    this.secondOffset = -1;
  }

  /** A promotion: a new history that goes on from the old one, which others may still ask for up to here. */
  branch(): void {
    this.id2 = this.id;
    // Replicas ask for the first byte that they do not have.
    this.secondOffset = this.offset + 1;
    this.id = this.#newId();
    this.forgetDatabase();
  }

  /** The primary's history goes on under another name. */
  renamed(id: string): void {
    this.id2 = this.id;
    this.secondOffset = this.offset + 1;
    this.id = id;
  }

  /** The history is that of a primary now. */
  adopt(id: string, offset: number): void {
    this.flush();
    this.id = id;
    this.id2 = NO_ID;
    this.secondOffset = -1;
    this.offset = offset;
    this.forgetDatabase();
  }

  openBacklog(limit_bytes: number): void {
    this.flush();
    this.backlog = new Backlog(limit_bytes, this.offset + 1);
  }

  closeBacklog(): void {
    this.flush();
    this.backlog = null;
  }

  /** The next command says its database. */
  forgetDatabase(): void {
    this.#db = -1;
  }

  get db(): number {
    return this.#db;
  }

  /** Adds a command of this engine's own. */
  add(db: number, argv: readonly Bytes[]): void {
    if (db !== this.#db) {
      this.#db = db;
      this.#append(formatCommand(['SELECT', String(db)]));
    }
    this.#append(formatCommand(argv));
  }

  /** Adds a command that belongs to no database. */
  addBare(argv: readonly Bytes[]): void {
    this.#append(formatCommand(argv));
  }

  /** Adds a part of the primary's stream as it came. */
  relay(bytes: Uint8Array): void {
    this.flush();
    this.offset += bytes.length;
    this.#hand(bytes);
  }

  /** Hands over what was kept back. */
  flush(): void {
    if (this.#pendingBytes === 0) return;
    const bytes = arrayFromBytes(this.#pending.length === 1 ? this.#pending[0] : this.#pending.join(''));
    this.#pending = [];
    this.#pendingBytes = 0;
    this.#hand(bytes);
  }

  #append(text: Bytes): void {
    this.offset += text.length;
    this.#pending.push(text);
    this.#pendingBytes += text.length;
    if (this.#pendingBytes > PENDING_BYTES_MAX) {
      this.flush();
    } else if (!this.#planned) {
      this.#planned = true;
      queueMicrotask(() => {
        this.#planned = false;
        this.flush();
      });
    }
  }

  #hand(bytes: Uint8Array): void {
    this.backlog?.append(bytes);
    this.#spread(bytes);
  }
}
