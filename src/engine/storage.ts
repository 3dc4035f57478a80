/** A place for a snapshot: a file, or whatever a host has. All methods throw the host's own errors. */
export interface SnapshotStorage {
  /** Its name in messages: a path. */
  readonly name: string;
  /** The size of the snapshot; 0 if unknown. */
  readonly bytes?: number;
  /** Replaces the snapshot, atomically. */
  save(chunks: Iterable<Uint8Array>): void;
  /** Like `save`, yielding between the chunks. `signal` may abort it until the very end, leaving nothing behind. */
  saveSlowly(chunks: AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<void>;
  /** The snapshot in chunks, each valid until the next; null if there is none. */
  read(): Iterable<Uint8Array> | null;
}

/** A log of all changes from which a copy can be made: the append-only file. */
export interface Journal {
  /** Starts a rewrite of the log; false if it cannot. */
  rewrite(): boolean;
  readonly rewriting: boolean;
  /** Whether changes are logged: a log that is turned off can still be rewritten and loaded. */
  readonly enabled: boolean;
  /** Why changes cannot be written now, or null. */
  readonly problem: string | null;
  /** The number of changes so far, which `since` refers to. */
  readonly changes: number;
  /**
   * Does what is promised of the changes so far: hands them to the system, or waits for the disk. To be called before
   * replies leave the process. False, and `problem` says why, if those after `since` are not as safe as that: the replies
   * must not leave.
   */
  commit(since: number): boolean;
  /** Syncs all changes so far to disk, whatever the policy; false if that fails. */
  sync(): boolean;
  /** As `commit`, once for all of this turn of the event loop; null if nothing needs to be waited for. Rejects. */
  settled(since: number): Promise<void> | null;
  /** All data were replaced by those of a primary: the log starts anew with them. */
  replaced(): void;
  /** Writes pending changes and replaces all data of the engine by those in the log. */
  reload(): void;
  /** What INFO tells: bytes in all files, and when it was last short. */
  readonly bytes: number;
  readonly shortBytes: number;
  readonly tally: RewriteFigures;
  /** Called at every turn of the engine's periodic work. */
  cron(): void;
}

/** Rewrites of a log: how many were started, and how the last one ended. */
export interface RewriteFigures {
  readonly rewrites: number;
  readonly failuresInARow: number;
  readonly lastFailed: boolean;
  /** −1 before the first. */
  readonly lastSeconds: number;
  /** Unix ms; null: none runs. */
  readonly startedAt: number | null;
}

/** The ACL file that `aclfile` names. Both methods throw an error whose message says why. */
export interface AclFile {
  /** Its configured name, for messages. */
  readonly name: string;
  read(): string;
  /** Replaces the text, atomically. */
  write(text: string): void;
}
