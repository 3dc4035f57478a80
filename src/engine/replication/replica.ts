import type { RawSink } from '../../backend/session.js';
import { arrayFromBytes, type Bytes } from '../../core/bytes.js';
import type { EngineSession } from '../session.js';
import type { OutputLimit } from '../settings.js';
import type { Backlog, Hold } from './backlog.js';

/**
 * greeting ──(SYNC, PSYNC)──▶ waiting ──(snapshot begins)──▶ receiving ──(all sent)──▶ online
 *     └────────────────────────(PSYNC that can go on)────────────────────────────────────▲
 */
export type ReplicaState = 'greeting' | 'waiting' | 'receiving' | 'online';

/** What INFO calls the states; `send_bulk` it is only where the data are complete and on their way. */
export const replicaStateNames: Readonly<Record<ReplicaState, string>> = {
  greeting: '',
  waiting: 'wait_bgsave',
  receiving: 'wait_bgsave',
  online: 'online',
};

/** What a connection said about itself with REPLCONF, and where it is in the stream once it is a replica. */
export class Replica {
  readonly session: EngineSession;
  state: ReplicaState = 'greeting';
  listeningPort = 0;
  /** What it wants to be called; empty: its address. */
  announcedAddress: Bytes = '';
  /** Understands data that end with a mark instead of beginning with their length. */
  endsByMark = false;
  /** Understands +CONTINUE with another id. */
  takesNewId = false;
  /** Wants the data alone, and no stream. */
  dataOnly = false;
  /** Which parts of the data it wants. */
  wantsKeys = true;
  wantsFunctions = true;
  /** The data, all made, are sent after their length. */
  sending = false;
  /** It came by SYNC: it never acknowledges anything. */
  old = false;
  /** How far it has acknowledged the stream, and when. */
  ackedOffset = 0;
  ackedAt = 0;
  /** How much of the stream it has on its disk, as Redis 7.2 and newer tell: REPLCONF ACK … FACK. */
  loggedOffset = 0;
  /** When it asked for the data. */
  waitingSince = 0;
  /** The stream waits for the first acknowledgement: the end mark must be the last thing that comes with the data. */
  #startsOnAck = false;
  /** The stream since the snapshot, until it may be sent. */
  #hold: Hold | null = null;
  /** Since when more is held than the soft limit allows; 0: it is not. */
  #softSince = 0;

  constructor(session: EngineSession) {
    this.session = session;
  }

  get attached(): boolean {
    return this.state !== 'greeting';
  }

  /** Neither keys nor functions are to be left out. */
  get wantsAll(): boolean {
    return this.wantsKeys && this.wantsFunctions;
  }

  get #raw(): RawSink {
    return this.session.sink.raw!;
  }

  /** Its address, without a port. */
  get host(): Bytes {
    if (this.announcedAddress !== '') return this.announcedAddress;
    const { address } = this.session.sink.stats;
    return address.slice(0, address.lastIndexOf(':')).replace(/^\[(.*)\]$/, '$1');
  }

  get name(): Bytes {
    return `${this.host}:${this.listeningPort}`;
  }

  /** How much of the stream is kept for it. */
  get heldBytes(): number {
    return this.#hold?.bytes ?? 0;
  }

  /** The snapshot is made now: what comes after it is kept in the backlog until the data are over. */
  receive(backlog: Backlog, now: number): void {
    this.state = 'receiving';
    this.ackedAt = now;
    if (!this.dataOnly) this.#hold = backlog.hold();
  }

  /** Sends a part of the stream, unless it is kept until the data are over. */
  feed(bytes: Uint8Array): void {
    if (this.state === 'online' && !this.#startsOnAck && !this.dataOnly) this.#raw.send(bytes);
  }

  /** It is gone: nothing is kept for it any more. */
  letGo(): void {
    this.#hold?.release();
    this.#hold = null;
  }

  /** Whether more is held back for it than may be. What its connection holds is the connection's concern. */
  holdsTooMuch({ hardBytes, softBytes, softSeconds }: OutputLimit, now: number): boolean {
    const { heldBytes } = this;
    if (hardBytes > 0 && heldBytes >= hardBytes) return true;
    if (softBytes === 0 || heldBytes < softBytes) this.#softSince = 0;
    else if (this.#softSince === 0) this.#softSince = now;
    return this.#softSince > 0 && now - this.#softSince > softSeconds * 1000;
  }

  sendText(text: Bytes): void {
    this.#raw.send(arrayFromBytes(text));
  }

  sendData(bytes: Uint8Array): void {
    this.#raw.send(bytes);
  }

  whenSent(callback: () => void): void {
    this.#raw.whenSent(callback);
  }

  /** All data are sent. */
  goOnline(now: number, byMark: boolean): void {
    this.state = 'online';
    this.sending = false;
    this.ackedAt = now;
    this.#startsOnAck = byMark;
    if (!byMark) this.#release();
  }

  /** Whether the stream begins with it. */
  acknowledge(offset: number, now: number): boolean {
    if (offset > this.ackedOffset) this.ackedOffset = offset;
    this.ackedAt = now;
    if (this.state !== 'online' || !this.#startsOnAck) return false;
    this.#startsOnAck = false;
    this.#release();
    return true;
  }

  #release(): void {
    for (const bytes of this.#hold?.parts() ?? []) this.#raw.send(bytes);
    this.letGo();
  }
}
