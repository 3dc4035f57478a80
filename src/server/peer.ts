import type { RawSink, Sink, SinkStats } from '../backend/session.js';
import { ErrorReply, NO_REPLY, PENDING, PushReply, type Reply } from '../core/reply.js';
import { encodeReply } from '../resp/encoder.js';
import { RequestDecoder } from '../resp/request-decoder.js';
import { requestLimits } from '../resp/request-parser.js';
import type { ConnectionInfo, EnginePort, OutputLimit, ServerSession } from './engine-port.js';
import { setImmediate } from './immediate.js';
import { Outlet, type OutletOwner } from './outlet.js';
import type { OutputHub } from './output-hub.js';
import type { Transport } from './transport.js';

/**
 * Reads land in a buffer shared by all connections. CLIENT LIST charges a client that sent something lately for this
 * much of it, as if it had a buffer of its own.
 */
const READ_SHARE_BYTES = 16_384;
const LATELY_SECONDS = 2;

/** What the peers of a server share. */
export interface PeerHost {
  readonly engine: EnginePort;
  readonly hub: OutputHub;
  /** Whole seconds since the server started. */
  readonly seconds: number;
  /** The peer must be closed at the end of this turn. */
  doom(peer: Peer): void;
  /** The peer may continue with its buffered requests at the end of this turn. */
  wake(peer: Peer): void;
  /** The memory of the peer's session has changed, to be noted at the end of this turn. */
  weigh(peer: Peer): void;
  /** The peer is gone. */
  forget(peer: Peer): void;
}

/**
 * open ──(protocol error, QUIT)──▶ draining ──(output is out)──▶ doomed ──(end of turn)──▶ gone
 *   └───────────(CLIENT KILL, limits, idle, socket closed)────────▲
 */
type PeerState = 'open' | 'draining' | 'doomed' | 'gone';

/** One connection: requests come in, replies go out, with a session of the engine in between. */
export class Peer implements Sink, OutletOwner {
  readonly stats: SinkStats;
  readonly session: ServerSession;
  readonly outlet: Outlet;
  /** The raw stream that feeds a replica. */
  readonly raw: RawSink = {
    send: (bytes) => this.#sendRaw(bytes),
    whenSent: (callback) => this.#whenSent(callback),
  };
  /** When the client last sent something, in seconds of the server's clock. */
  lastHeard: number;
  /** All that it has sent. */
  inputBytes = 0;
  readonly #host: PeerHost;
  readonly #decoder = new RequestDecoder();
  #state: PeerState = 'open';
  /** Callbacks waiting for the output to be sent. */
  #onSent: (() => void)[] = [];
  /** The part of the decoder's buffer that is counted as held. */
  #counted = 0;
  /** Pushes that follow the reply of the running command. */
  #late: PushReply[] = [];
  #working = false;
  #killed = false;
  readonly #readable: boolean;

  constructor(host: PeerHost, transport: Transport, info: ConnectionInfo) {
    this.#host = host;
    this.lastHeard = host.seconds;
    this.#readable = info.kind !== 'tls' && info.fd >= 0;
    this.outlet = new Outlet(transport, this, host.engine.counters);
    this.stats = new PeerStats(info, this, this.#decoder, this.outlet, host.hub);
    this.session = host.engine.connect(this, info);
  }

  /** Takes bytes that arrived; the array may be overwritten afterwards. No input makes this throw. */
  receive(bytes: Uint8Array, length: number): void {
    if (this.#state !== 'open') return;
    const { counters, network } = this.#host.engine;
    counters.inputBytes += length;
    this.inputBytes += length;
    counters.readsProcessed++;
    this.lastHeard = this.#host.seconds;
    this.#decoder.parser.bulk_bytes_max = Math.min(network.protoMaxBulk_bytes, requestLimits.string_bytes_max);
    this.#working = true;
    try {
      this.#decoder.feed(bytes, length);
      this.#work();
      this.#decoder.keep();
      this.#count(this.#decoder.capacity);
    } catch (error) {
      this.#fault(error);
      return;
    } finally {
      this.#working = false;
    }
    if (this.#decoder.pendingBytes > network.clientQueryBuffer_bytes) this.#queryLimitReached();
    else this.#weigh();
  }

  /** Whether one of its requests is being carried out. */
  get working(): boolean {
    return this.#working;
  }

  /** Whether its socket may be read outside the event loop, and its requests carried out. */
  get pollable(): boolean {
    return this.#readable && !this.#working && this.#state === 'open' && !this.session.blocked;
  }

  /** Whether the client sent something in the last seconds. */
  get heardLately(): boolean {
    return this.#host.seconds - this.lastHeard <= LATELY_SECONDS;
  }

  #count(capacity: number): void {
    if (capacity === this.#counted) return;
    this.#host.engine.counters.heldBytes += capacity - this.#counted;
    this.#counted = capacity;
  }

  /** A growing request is weighed at once, as it could be too large by the end of the turn. */
  #weigh(): void {
    const { clientMemory } = this.#host.engine;
    if (clientMemory?.on !== true) return;
    if (this.#decoder.pendingBytes === 0) {
      this.#host.weigh(this);
      return;
    }
    clientMemory.note(this.session);
    clientMemory.makeRoom();
  }

  /** Continues with requests that came while the session was blocked. */
  proceed(): void {
    this.#working = true;
    try {
      this.#work();
    } catch (error) {
      this.#fault(error);
    } finally {
      this.#working = false;
    }
  }

  reply(reply: Reply): void {
    this.#write(reply);
    if (this.#late.length > 0) this.#writeLate();
  }

  pushLater(message: PushReply): void {
    this.#late.push(message);
  }

  #writeLate(): void {
    const late = this.#late;
    this.#late = [];
    for (const message of late) this.#write(message);
  }

  push(message: PushReply | Reply): void {
    this.#write(message);
  }

  close(mode: 'after-replies' | 'now'): void {
    if (mode === 'after-replies') {
      this.#drain();
      return;
    }
    this.#killed = !this.#working;
    this.doom();
  }

  resume(): void {
    if (this.#state === 'open') this.#host.wake(this);
  }

  /** Closes the connection at the end of this turn without waiting for its output. */
  doom(): void {
    if (this.#state === 'doomed' || this.#state === 'gone') return;
    this.#state = 'doomed';
    this.#host.doom(this);
  }

  /** Closes the connection and ends the session, at once. */
  end(): void {
    if (this.#state === 'gone') return;
    this.#state = 'gone';
    this.outlet.close();
    this.#count(0);
    this.session.end();
    this.#host.forget(this);
  }

  /** Checks done every second: idle clients and soft limits. */
  tick(): void {
    if (this.#state !== 'open' && this.#state !== 'draining') return;
    const { session } = this;
    const timeout_s = this.#host.engine.network.timeout_s;
    const exempt = session.blocked || session.idleExempt || session.outputClass === 'pubsub';
    if (timeout_s > 0 && !exempt && this.#host.seconds - this.lastHeard > timeout_s) {
      this.#host.engine.log('verbose', 'Closing idle client');
      this.doom();
      return;
    }
    this.outlet.tick();
    if (!this.heardLately) {
      this.#decoder.release();
      this.#count(this.#decoder.capacity);
    }
    if (this.#host.engine.clientMemory?.on === true) this.#host.weigh(this);
  }

  get authRequired(): boolean {
    return this.session.authRequired;
  }

  outputLimit(): OutputLimit | null {
    const limit = this.#host.engine.network.outputLimits[this.session.outputClass];
    return limit.hard_bytes === 0 && limit.soft_bytes === 0 ? null : limit;
  }

  outputLimitReached(): void {
    if (this.#state === 'doomed' || this.#state === 'gone') return;
    const { engine } = this.#host;
    engine.counters.outputLimitClosed++;
    const who = engine.describe(this.session);
    engine.log('warning', `Client ${who} scheduled to be closed ASAP for overcoming of output buffer limits.`);
    this.doom();
  }

  outputDropped(): void {
    this.doom();
  }

  outputSent(): void {
    if (this.#state === 'draining') this.doom();
    else if (this.#onSent.length > 0) this.#tellSent();
  }

  #sendRaw(bytes: Uint8Array): void {
    if (this.#state !== 'open' && this.#state !== 'draining') return;
    const { hub } = this.#host;
    hub.select(this.outlet);
    hub.arena.reserve(bytes.length);
    hub.arena.raw(bytes, 0, bytes.length);
  }

  #whenSent(callback: () => void): void {
    this.#onSent.push(callback);
    if (this.#onSent.length === 1) setImmediate(() => this.#tellSent());
  }

  /** Unflushed output is checked again in the next turn; the outlet reports what the kernel did not take. */
  #tellSent(): void {
    if (this.#state === 'gone' || this.#onSent.length === 0) return;
    if (this.outlet.empty) for (const callback of this.#onSent.splice(0)) callback();
    else if (this.outlet.dirty) setImmediate(() => this.#tellSent());
  }

  /** Carries out the buffered requests, as long as the session accepts them. */
  #work(): void {
    const { session } = this;
    const decoder = this.#decoder;
    const { parser } = decoder;
    const { hub } = this.#host;
    const { arena } = hub;
    const lanes = this.#host.engine.lanes ?? null;
    while (this.#state === 'open' && !session.blocked) {
      parser.restricted = session.authRequired;
      if (!decoder.next()) {
        if (decoder.error !== null) this.#protocolError(decoder.error);
        return;
      }
      if (lanes !== null) {
        hub.select(this.outlet);
        if (lanes.take(session, decoder.bytes, parser, arena)) continue;
      }
      const reply = session.call(decoder.argv());
      if (reply !== NO_REPLY && reply !== PENDING) {
        hub.select(this.outlet);
        this.#encode(reply);
      }
      if (this.#late.length > 0) this.#writeLate();
    }
  }

  #write(reply: Reply): void {
    if (this.#state !== 'open' && this.#state !== 'draining') return;
    this.#host.hub.select(this.outlet);
    this.#encode(reply);
    if (this.#host.engine.clientMemory?.on === true) this.#host.weigh(this);
  }

  /** Writes a reply to the selected outlet and reports its size to those who want to know. */
  #encode(reply: Reply): void {
    const { hub, engine } = this.#host;
    const { replySizes } = engine;
    if (replySizes === undefined || !replySizes.on || reply instanceof PushReply) {
      encodeReply(hub.arena, reply, this.session.protocol);
      return;
    }
    const before = hub.written;
    encodeReply(hub.arena, reply, this.session.protocol);
    replySizes.note(this.session, hub.written - before);
  }

  /** Stops reading requests; the connection is closed when the output has been sent. */
  #drain(): void {
    if (this.#state !== 'open') return;
    this.#state = 'draining';
    this.#host.doom(this);
  }

  /** At the end of the turn: whether this peer can be closed now, which a draining one may have to wait for. */
  get finished(): boolean {
    return this.#state !== 'draining' || this.outlet.empty;
  }

  /** Closed by someone else: its unsent output does not matter. */
  get killed(): boolean {
    return this.#killed && this.#state === 'doomed';
  }

  #protocolError(error: string): void {
    const { engine } = this.#host;
    engine.log('verbose', `${error} from client: ${engine.describe(this.session)}`);
    this.#write(new ErrorReply(`ERR ${error}`));
    this.#drain();
  }

  #queryLimitReached(): void {
    const { engine } = this.#host;
    engine.counters.queryLimitClosed++;
    const who = engine.describe(this.session);
    engine.log('warning', `Closing client that reached max query buffer length: ${who}`);
    this.doom();
  }

  /** A bug in this library, or out of memory: this connection ends, the others live on. */
  #fault(error: unknown): void {
    const what = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    this.#host.engine.log('warning', `Closing client after an internal error: ${what}`);
    this.doom();
  }
}

/** Facts about the connection, computed on demand. */
class PeerStats implements SinkStats {
  readonly address: string;
  readonly localAddress: string;
  readonly fd: number;
  readonly #peer: Peer;
  readonly #decoder: RequestDecoder;
  readonly #outlet: Outlet;
  readonly #hub: OutputHub;

  constructor(info: ConnectionInfo, peer: Peer, decoder: RequestDecoder, outlet: Outlet, hub: OutputHub) {
    this.address = info.address;
    this.localAddress = info.localAddress;
    this.fd = info.fd;
    this.#peer = peer;
    this.#decoder = decoder;
    this.#outlet = outlet;
    this.#hub = hub;
  }

  get queryBufferBytes(): number {
    return this.#decoder.bufferedBytes;
  }
  get queryBufferFreeBytes(): number {
    const share = this.#peer.heardLately ? READ_SHARE_BYTES - this.#decoder.bufferedBytes : 0;
    return Math.max(this.#decoder.freeBytes, share);
  }
  get inputBytes(): number {
    return this.#peer.inputBytes;
  }
  get outputBytes(): number {
    return this.#outlet.sentBytes;
  }
  get outputBufferBytes(): number {
    this.#hub.settle();
    return this.#outlet.bufferBytes;
  }
  get replyBufferBytes(): number {
    return this.#outlet.replyBufferBytes;
  }
  get outputListLength(): number {
    this.#hub.settle();
    return this.#outlet.listLength;
  }
  get outputListBytes(): number {
    this.#hub.settle();
    return this.#outlet.listBytes;
  }
}
