import type { Socket } from 'node:net';
import { type Bytes, sliceBytes } from '../core/bytes.js';
import { formatCommand } from '../core/command-text.js';
import type { DataReader, LinkOwner, PrimaryLink } from '../engine/replication/link.js';
import { dial } from './dial.js';
import { descriptorOf } from './handle-transport.js';
import { StreamDecoder } from './stream-decoder.js';
import type { TlsMaterial } from './tls-settings.js';

const LF = 10;
const MARK_BYTES = 40;
const LINE_BYTES_MAX = 1024;

/** Replies to PING from a server that requires authentication first. */
const wantsCredentials = /^-(NOAUTH|NOPERM|ERR operation not permitted)/;

/**
 * greeting ──▶ introducing ──▶ asking ──(CONTINUE)──▶ stream
 *                                └──(FULLRESYNC)──▶ announcing ──▶ data ──▶ stream
 */
type Phase = 'connecting' | 'greeting' | 'introducing' | 'asking' | 'announcing' | 'data' | 'stream' | 'closed';

/**
 * Connects to a primary and speaks the replica's side of the protocol. `tls` returns the TLS material, null for none;
 * if it throws, the link is lost at once.
 */
export function openPrimaryLink(owner: LinkOwner, tls: () => TlsMaterial | null): PrimaryLink {
  return new SocketLink(owner, tls);
}

class SocketLink implements PrimaryLink {
  readonly #owner: LinkOwner;
  #socket: Socket | null = null;
  #phase: Phase = 'connecting';
  /** The start of an incomplete line. */
  #line: Bytes = '';
  /** Outstanding replies to the introduction, and whether each may be an error. */
  #expected: { readonly mayFail: boolean }[] = [];
  #reader: DataReader | null = null;
  /** Bytes of data still to come, if their length is known. */
  #left = 0;
  /** The mark that ends the data, if their length is unknown. */
  #mark: Bytes | null = null;
  /** The last bytes received, as many as the mark has: they may be the mark. */
  #tail: Uint8Array = new Uint8Array(0);
  readonly #decoder = new StreamDecoder();

  constructor(owner: LinkOwner, tls: () => TlsMaterial | null) {
    this.#owner = owner;
    try {
      this.#open(dial(owner, tls(), () => this.#connected()));
    } catch (error) {
      // Deferred: the owner does not have this link yet.
      setImmediate(() => this.#fail(`Error condition on socket for SYNC: ${(error as Error).message}`));
    }
  }

  #open(socket: Socket): void {
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.setKeepAlive(true, 60_000);
    socket.on('data', (chunk: Uint8Array) => this.#receive(chunk));
    socket.on('error', (error) => this.#fail(`Error condition on socket for SYNC: ${error.message}`));
    // The end is noticed before the close; until then the link would appear to be up.
    for (const event of ['end', 'close'] as const) socket.on(event, () => this.#fail('Connection with master lost.'));
  }

  get address(): Bytes {
    const { remoteAddress, remotePort } = this.#socket ?? {};
    return remoteAddress === undefined ? '' : hostAndPort(remoteAddress, remotePort ?? 0);
  }

  get localAddress(): Bytes {
    const { localAddress, localPort } = this.#socket ?? {};
    return localAddress === undefined ? '' : hostAndPort(localAddress, localPort ?? 0);
  }

  get fd(): number {
    return this.#socket === null ? -1 : descriptorOf(this.#socket);
  }

  acknowledge(offset: number, logged: number | null): void {
    const log = logged === null ? [] : ['FACK', String(logged)];
    this.#send(['REPLCONF', 'ACK', String(offset), ...log]);
  }

  close(): void {
    this.#phase = 'closed';
    this.#socket?.destroy();
  }

  #send(argv: readonly Bytes[]): void {
    this.#socket?.write(formatCommand(argv), 'latin1');
  }

  #fail(reason: string, refused = false): void {
    if (this.#phase === 'closed') return;
    this.close();
    this.#owner.lost(reason, refused);
  }

  #connected(): void {
    this.#owner.greeting();
    this.#phase = 'greeting';
    this.#send(['PING']);
  }

  #receive(chunk: Uint8Array): void {
    try {
      let at = 0;
      while (at < chunk.length && this.#phase !== 'data' && this.#phase !== 'stream') {
        if (this.#phase === 'closed') return;
        at = this.#readLine(chunk, at);
      }
      this.#owner.heard();
      if (this.#phase === 'data') at = this.#readData(chunk, at);
      if (this.#phase === 'stream' && at < chunk.length) this.#readStream(chunk.subarray(at));
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      this.#reader?.discard();
      this.#reader = null;
      this.#fail(`The primary sent what cannot be used: ${message}`);
    }
  }

  /** Takes a line, or the start of one; empty lines only show that the other side is alive. */
  #readLine(chunk: Uint8Array, from: number): number {
    const end = chunk.indexOf(LF, from);
    this.#line += sliceBytes(chunk, from, end < 0 ? chunk.length : end);
    if (this.#line.length > LINE_BYTES_MAX) throw new Error('a line without an end');
    if (end < 0) return chunk.length;
    const line = this.#line.replace(/\r$/, '');
    this.#line = '';
    if (line !== '') this.#answer(line);
    return end + 1;
  }

  #answer(line: Bytes): void {
    switch (this.#phase) {
      case 'greeting':
        if (!line.startsWith('+') && !wantsCredentials.test(line)) {
          this.#fail(`Error reply to PING from master: '${line}'`);
          return;
        }
        this.#introduce();
        return;
      case 'introducing': {
        const { mayFail } = this.#expected.shift()!;
        if (line.startsWith('-') && !mayFail) this.#fail(`Unable to AUTH to MASTER: ${line}`);
        else if (this.#expected.length === 0) this.#ask();
        return;
      }
      case 'asking':
        this.#asked(line);
        return;
      case 'announcing':
        this.#announced(line);
    }
  }

  #introduce(): void {
    const { password, user, announcedAddress, announcedPort } = this.#owner;
    this.#phase = 'introducing';
    const say = (argv: readonly Bytes[], mayFail: boolean): void => {
      this.#send(argv);
      this.#expected.push({ mayFail });
    };
    if (password !== '') say(['AUTH', ...(user === '' ? [] : [user]), password], false);
    say(['REPLCONF', 'listening-port', String(announcedPort)], true);
    if (announcedAddress !== '') say(['REPLCONF', 'ip-address', announcedAddress], true);
    say(['REPLCONF', 'capa', 'eof', 'capa', 'psync2'], true);
  }

  #ask(): void {
    const { wanted, takesOver } = this.#owner;
    this.#phase = 'asking';
    this.#send(['PSYNC', wanted.id, String(wanted.offset), ...(takesOver ? ['FAILOVER'] : [])]);
  }

  #asked(line: Bytes): void {
    const [word, id, offset] = line.split(' ');
    if (word === '+CONTINUE') {
      this.#phase = 'stream';
      this.#owner.continued(id ?? null);
    } else if (word === '+FULLRESYNC' && id !== undefined && /^\d+$/.test(offset ?? '')) {
      this.#phase = 'announcing';
      this.#owner.startedFull(id, Number(offset));
    } else {
      this.#fail(`Unexpected reply to PSYNC from master: ${line}`, true);
    }
  }

  #announced(line: Bytes): void {
    const mark = /^\$EOF:(.{40})$/.exec(line);
    const length = /^\$(\d+)$/.exec(line);
    if (mark === null && length === null) throw new Error(`bad protocol in the announcement of the data: ${line}`);
    this.#mark = mark === null ? null : mark[1]!;
    this.#left = length === null ? 0 : Number(length[1]);
    this.#phase = 'data';
    this.#reader = this.#owner.receive(this.#left);
  }

  /** Feeds the data to the reader; returns where in the chunk they end. */
  #readData(chunk: Uint8Array, at: number): number {
    const reader = this.#reader!;
    if (this.#mark === null) {
      const end = Math.min(chunk.length, at + this.#left);
      this.#left -= end - at;
      this.#owner.received(end - at);
      if (end > at) reader.feed(chunk.slice(at, end));
      if (this.#left === 0) this.#finish(reader);
      return end;
    }
    this.#owner.received(chunk.length - at);
    const whole = new Uint8Array(this.#tail.length + chunk.length - at);
    whole.set(this.#tail, 0);
    whole.set(chunk.subarray(at), this.#tail.length);
    const kept = Math.max(0, whole.length - MARK_BYTES);
    if (kept > 0) reader.feed(whole.subarray(0, kept));
    this.#tail = whole.subarray(kept);
    if (this.#tail.length === MARK_BYTES && sliceBytes(this.#tail, 0, MARK_BYTES) === this.#mark) this.#finish(reader);
    return chunk.length;
  }

  #finish(reader: DataReader): void {
    this.#reader = null;
    this.#phase = 'stream';
    reader.end();
  }

  #readStream(chunk: Uint8Array): void {
    this.#decoder.feed(chunk);
    while (this.#phase === 'stream' && this.#decoder.next()) {
      this.#owner.apply(this.#decoder.argv(), this.#decoder.taken());
    }
    if (this.#decoder.error !== null) throw new Error(this.#decoder.error);
    this.#decoder.keep();
  }
}

function hostAndPort(host: string, port: number): Bytes {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
