import type { Bytes } from '../../core/bytes.js';

/** What reads the data of a full sync, piece by piece. `feed` and `end` throw for what is no snapshot. */
export interface DataReader {
  /** The piece must not change afterwards. */
  feed(bytes: Uint8Array): void;
  /** All is there: puts the data in place. */
  end(): void;
  discard(): void;
}

/** What a link to a primary asks of the engine, and tells it. */
export interface LinkOwner {
  readonly host: Bytes;
  readonly port: number;
  /** The password to give, empty for none, and the user it belongs to, empty for the default one. */
  readonly password: Bytes;
  readonly user: Bytes;
  /** What to be called by the primary; an empty address: the connection's. */
  readonly announcedAddress: Bytes;
  readonly announcedPort: number;
  /** The address to connect from; empty: the system chooses. */
  readonly sourceAddress: Bytes;
  /** The history known so far, and the first byte of it that is missing. */
  readonly wanted: { readonly id: string; readonly offset: number };
  /** The server asked is to take over as primary. */
  readonly takesOver: boolean;
  /** The connection is there. */
  greeting(): void;
  /** The other side is alive. */
  heard(): void;
  /** It goes on from where this engine is, maybe under another name. */
  continued(id: string | null): void;
  /** It sends all data, which are at `offset` of the history `id`. */
  startedFull(id: string, offset: number): void;
  /** The data come now: so many bytes, 0 if that is not known. */
  receive(total: number): DataReader;
  received(bytes: number): void;
  /** One command of the stream, and its bytes, which must not change afterwards. */
  apply(argv: Bytes[], bytes: Uint8Array): void;
  /** The link is over. `refused`: the other side would not have this replica. */
  lost(reason: string, refused: boolean): void;
}

/** A connection to a primary. It calls its owner until it says `lost` or is closed. */
export interface PrimaryLink {
  /** What CLIENT LIST shows of it: host:port of either side, and its descriptor, −1 where there is none. */
  readonly address: Bytes;
  readonly localAddress: Bytes;
  readonly fd: number;
  /** Tells the primary how far its stream was carried out, and how much of it is on disk, if that is known. */
  acknowledge(offset: number, logged: number | null): void;
  close(): void;
}

/** Opened by the host, which has sockets. */
export type LinkOpener = (owner: LinkOwner) => PrimaryLink;
