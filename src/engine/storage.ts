/** Where snapshots are kept: a file, or whatever a host has. All throw the host's own errors. */
export interface SnapshotStorage {
  /** What messages call it: a path. */
  readonly name: string;
  /** Puts a whole snapshot in the place of the one before, at once or not at all. */
  save(chunks: Iterable<Uint8Array>): void;
  /** As `save`, with other work between the chunks. Until the very end `signal` may call it off: nothing is left behind then. */
  saveSlowly(chunks: Iterable<Uint8Array>, signal: AbortSignal): Promise<void>;
  /** The snapshot, in chunks, each of which need not outlast the next; null if there is none. */
  read(): Iterable<Uint8Array> | null;
}

/** A log of all changes, which a copy can be made from: the append-only file. */
export interface Journal {
  /** Starts to write the log anew, short; false if it cannot. */
  rewrite(): boolean;
  readonly rewriting: boolean;
  /** Whether changes go to it: a log that is turned off can still be rewritten and loaded. */
  readonly enabled: boolean;
  /** Why changes cannot be written to it now, or null. */
  readonly problem: string | null;
  /** How many changes there were so far: what `since` counts. */
  readonly changes: number;
  /**
   * Does what is promised of the changes so far: hands them to the system, or waits for the disk. To be called before
   * replies leave the process. False, and `problem` says why, if those after `since` are not as safe as that: the replies
   * must not leave.
   */
  commit(since: number): boolean;
  /** Puts all changes so far on the disk, whatever is promised of them; false if that cannot be done. */
  sync(): boolean;
  /** As `commit`, once for all of this turn of the event loop; null if nothing needs to be waited for. Rejects. */
  settled(since: number): Promise<void> | null;
  /** All data were replaced, by those of a primary: the log begins anew with them. */
  replaced(): void;
  /** Writes what is not yet written and drops all data of the engine for those in the log. */
  reload(): void;
  /** Called at every turn of the engine's periodic work. */
  cron(): void;
}

/** The file of users that `aclfile` names. Both throw an error whose message says why. */
export interface AclFile {
  /** As it was configured, for messages. */
  readonly name: string;
  read(): string;
  /** Puts a whole text in the place of the one before, at once or not at all. */
  write(text: string): void;
}
