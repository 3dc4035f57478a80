import type { Sink } from '../backend/session.js';
import { clientLine } from '../engine/client-line.js';
import type { Engine } from '../engine/engine.js';
import { replicaOutputLimit } from '../engine/replication/buffers.js';
import type { LinkOpener } from '../engine/replication/link.js';
import type { EngineSession } from '../engine/session.js';
import type { OutputLimit as LimitSetting, Settings } from '../engine/settings.js';
import type {
  ClientMemory,
  ConnectionInfo,
  EnginePort,
  LogLevel,
  NetworkConfig,
  NetworkCounters,
  OutputLimit,
  ReplySizes,
} from './engine-port.js';
import { FileSpool } from './file-spool.js';
import { Lanes } from './lanes.js';
import { openPrimaryLink } from './primary-link.js';
import { SocketCourier } from './socket-courier.js';
import { dialingTls, type TlsMaterial } from './tls-settings.js';

/** The EnginePort of an engine. Its configuration is read on every use, so CONFIG SET takes effect at once. */
export class EngineAdapter implements EnginePort {
  readonly lanes: Lanes;
  readonly network: NetworkConfig;
  readonly #engine: Engine;
  readonly #courier: SocketCourier;
  readonly #opener: LinkOpener;
  readonly replySizes: ReplySizes;
  #attend: (() => void) | null = null;
  /** The journal's change count at the last commit. */
  #committed = 0;

  constructor(engine: Engine) {
    this.#engine = engine;
    this.lanes = new Lanes(engine);
    this.network = new NetworkSettings(engine);
    const tlsIf = (parameter: string) => (): TlsMaterial | null =>
      engine.config.flag(parameter) ? dialingTls(engine.config) : null;
    this.replySizes = {
      get on() {
        return engine.cluster !== null && engine.cluster.slotStats !== null;
      },
      note: ({ slot }: EngineSession, bytes: number) => {
        if (slot >= 0) engine.cluster?.slotStats?.sent(slot, bytes);
      },
    } as ReplySizes;
    this.#opener = (owner) => openPrimaryLink(owner, tlsIf('tls-replication'));
    this.#courier = new SocketCourier(tlsIf('tls-cluster'));
    engine.replication.opener ??= this.#opener;
    engine.replication.openSpool = () => new FileSpool(engine.config.get('dir'));
    engine.courier ??= this.#courier;
  }

  get counters(): NetworkCounters {
    return this.#engine.network;
  }

  get openToAll(): boolean {
    return this.#engine.acl.defaultUser.noPassword;
  }

  get clientMemory(): ClientMemory {
    return this.#engine.clientEviction as ClientMemory;
  }

  whileBusy(attend: (() => void) | null): void {
    const { attendants } = this.#engine.scripting;
    if (this.#attend !== null) attendants.delete(this.#attend);
    if (attend !== null) attendants.add(attend);
    this.#attend = attend;
  }

  commit(): boolean {
    const { journal } = this.#engine.saver;
    if (journal === null || journal.changes === this.#committed) return true;
    const safe = journal.commit(this.#committed);
    this.#committed = journal.changes;
    return safe;
  }

  listening(port: number): void {
    this.#engine.replication.listeningPort = port;
  }

  closed(): void {
    const { replication } = this.#engine;
    if (replication.opener === this.#opener) replication.disconnect();
    if (this.#engine.courier === this.#courier) this.#engine.courier = null;
    this.#courier.close();
  }

  connect(sink: Sink, _info: ConnectionInfo): EngineSession {
    return this.#engine.connect(sink);
  }

  describe(session: EngineSession): string {
    return clientLine(session);
  }

  log(level: LogLevel, message: string): void {
    this.#engine.surroundings.log(level, message);
  }
}

class NetworkSettings implements NetworkConfig {
  readonly outputLimits: NetworkConfig['outputLimits'];
  readonly #settings: Settings;

  constructor(engine: Engine) {
    const { settings } = engine;
    this.#settings = settings;
    this.outputLimits = {
      normal: new LimitView(() => settings.outputLimits.normal),
      replica: new LimitView(() => replicaOutputLimit(engine)),
      pubsub: new LimitView(() => settings.outputLimits.pubsub),
    };
  }

  get maxclients(): number {
    return this.#settings.maxclients;
  }
  get timeout_s(): number {
    return this.#settings.timeout;
  }
  get tcpKeepalive_s(): number {
    return this.#settings.tcpKeepalive;
  }
  get protoMaxBulk_bytes(): number {
    return this.#settings.protoMaxBulkLen;
  }
  get clientQueryBuffer_bytes(): number {
    return this.#settings.clientQueryBufferLimit;
  }
  get protectedMode(): boolean {
    return this.#settings.protectedMode;
  }
}

class LimitView implements OutputLimit {
  readonly #setting: () => LimitSetting;

  constructor(setting: () => LimitSetting) {
    this.#setting = setting;
  }
  get hard_bytes(): number {
    return this.#setting().hardBytes;
  }
  get soft_bytes(): number {
    return this.#setting().softBytes;
  }
  get soft_seconds(): number {
    return this.#setting().softSeconds;
  }
}
