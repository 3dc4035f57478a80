import { ErrorReply } from '../../core/reply.js';
import type { Engine } from '../engine.js';
import type { Replica } from './replica.js';
import type { Replication } from './replication.js';

export interface FailoverRequest {
  readonly target: { readonly host: string; readonly port: number } | null;
  /** Unix ms; 0: it may take as long as it takes. */
  readonly deadline: number;
  /** At the deadline the target takes over though it has not all writes. */
  readonly force: boolean;
}

const inProgress = new ErrorReply('ERR FAILOVER already in progress.');
const onReplica = new ErrorReply('ERR FAILOVER is not valid when server is a replica.');
const noReplicas = new ErrorReply('ERR FAILOVER requires connected replicas.');
const incompleteForce = new ErrorReply(
  'ERR FAILOVER with force option requires both a timeout and target HOST and IP.',
);
const notOurs = new ErrorReply('ERR FAILOVER target HOST and PORT is not a replica.');
const notOnline = new ErrorReply('ERR FAILOVER target replica is not online.');

/**
 * Hands the role of the primary to a replica without losing a write: writes are held back until the replica has all
 * of them, then this engine follows it.
 *
 *     no-failover ──FAILOVER──▶ waiting-for-sync ──(all acknowledged)──▶ failover-in-progress ──(it answers)──▶ no-failover
 */
export class Failover {
  state: 'no-failover' | 'waiting-for-sync' | 'failover-in-progress' = 'no-failover';
  #request: FailoverRequest | null = null;
  readonly #engine: Engine;
  readonly #replication: Replication;

  constructor(replication: Replication, engine: Engine) {
    this.#replication = replication;
    this.#engine = engine;
  }

  get running(): boolean {
    return this.state !== 'no-failover';
  }

  /** Begins one. Throws an ErrorReply. */
  start(request: FailoverRequest): void {
    const { replicas, following } = this.#replication;
    if (this.running) throw inProgress;
    if (following !== null) throw onReplica;
    if (replicas.size === 0) throw noReplicas;
    if (request.force && (request.deadline === 0 || request.target === null)) throw incompleteForce;
    if (request.target !== null) {
      const replica = this.#find(request.target);
      if (replica === undefined) throw notOurs;
      if (replica.state !== 'online') throw notOnline;
    }
    const { target } = request;
    this.#log(`FAILOVER requested to ${target === null ? 'any replica' : `${target.host}:${target.port}`}.`);
    this.#request = request;
    this.state = 'waiting-for-sync';
    this.#engine.pauses.begin('failover', Infinity, false);
    this.#replication.askForAcks();
  }

  /** FAILOVER ABORT, and what cannot be done: this engine is (again) the primary. */
  abort(reason: string): void {
    if (!this.running) return;
    this.#log(`FAILOVER aborted: ${reason}`);
    const demoted = this.state === 'failover-in-progress';
    this.#clear();
    if (demoted) this.#replication.becomePrimary();
    this.#engine.pauses.end('failover');
  }

  /** Looks whether a replica has everything, or the time is over. */
  check(): void {
    const request = this.#request;
    if (this.state !== 'waiting-for-sync' || request === null) return;
    if (request.deadline > 0 && request.deadline <= this.#engine.now) {
      if (request.force) {
        const { host, port } = request.target!;
        this.#handOver(request.target!, `FAILOVER to ${host}:${port} time out exceeded, failing over.`);
      } else this.abort('Replica never caught up before timeout');
      return;
    }
    const { offset } = this.#replication.stream;
    const candidates = request.target === null ? [...this.#replication.replicas] : [this.#find(request.target)];
    const ready = candidates.find((replica) => replica?.state === 'online' && replica.ackedOffset === offset);
    if (ready !== undefined) {
      const message = `Failover target ${ready.name} is synced, failing over.`;
      this.#handOver({ host: ready.host, port: ready.listeningPort }, message);
    }
  }

  /** The target has taken over, or has refused to. */
  answered(accepted: boolean): void {
    if (this.state !== 'failover-in-progress') return;
    if (!accepted) {
      this.abort('Failover target rejected psync request');
      return;
    }
    this.#clear();
    this.#engine.pauses.end('failover');
  }

  #handOver({ host, port }: { host: string; port: number }, message: string): void {
    this.#log(message);
    this.state = 'failover-in-progress';
    this.#replication.follow(host, port, true);
  }

  #clear(): void {
    this.state = 'no-failover';
    this.#request = null;
    const { following } = this.#replication;
    if (following !== null) following.takesOver = false;
  }

  #find({ host, port }: { host: string; port: number }): Replica | undefined {
    return [...this.#replication.replicas].find((replica) => replica.host === host && replica.listeningPort === port);
  }

  #log(message: string): void {
    this.#engine.surroundings.log('notice', message);
  }
}
