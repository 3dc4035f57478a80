import type { Engine } from '../engine.js';
import { FullSync } from './full-sync.js';
import type { Replica } from './replica.js';
import type { Replication } from './replication.js';
import type { Spool } from './spool.js';

/** The full syncs of a primary: who waits for one, and those under way. */
export class FullSyncs {
  readonly #replication: Replication;
  readonly #engine: Engine;
  readonly #running = new Set<FullSync>();

  constructor(replication: Replication, engine: Engine) {
    this.#replication = replication;
    this.#engine = engine;
  }

  get running(): number {
    return this.#running.size;
  }

  /** Begins to send data to those who wait for them, as soon as `repl-diskless-sync-delay` allows. */
  start(): void {
    const waiting = [...this.#replication.replicas].filter(({ state }) => state === 'waiting');
    if (waiting.length === 0) return;
    const { config, now } = this.#engine;
    const byMark = (replica: Replica): boolean =>
      replica.endsByMark && (config.flag('repl-diskless-sync') || !replica.wantsAll);
    const delay = config.number('repl-diskless-sync-delay') * 1000;
    const enough = config.number('repl-diskless-sync-max-replicas');
    const marked = waiting.filter(byMark);
    const late = marked.some(({ waitingSince }) => now - waitingSince >= delay);
    if (late || (enough > 0 && marked.length >= enough)) this.#startGroups(marked, true);
    this.#startGroups(
      waiting.filter((replica) => !byMark(replica)),
      false,
    );
  }

  /** A replica is gone. */
  drop(replica: Replica): void {
    for (const sync of [...this.#running]) sync.drop(replica);
  }

  /** FLUSHALL: what is on its way is worth nothing any more. The replicas come back for what there is now. */
  abandon(): void {
    for (const sync of [...this.#running]) sync.abandon();
  }

  /** Replicas that have taken nothing for longer than `timeout_ms`. */
  stuckFor(timeout_ms: number): Replica[] {
    const { now } = this.#engine;
    return [...this.#running].flatMap((sync) => (now - sync.lastProgressAt > timeout_ms ? sync.awaited : []));
  }

  /** Replicas that want the same parts share one snapshot. */
  #startGroups(replicas: readonly Replica[], byMark: boolean): void {
    const groups = new Map<string, Replica[]>();
    for (const replica of replicas) {
      const parts = `${replica.wantsKeys} ${replica.wantsFunctions}`;
      groups.set(parts, [...(groups.get(parts) ?? []), replica]);
    }
    for (const group of groups.values()) this.#start(group, byMark);
  }

  #start(replicas: readonly Replica[], byMark: boolean): void {
    const { stream, following } = this.#replication;
    stream.flush();
    if (following === null) stream.forgetDatabase();
    const spool = byMark ? null : this.#spoolFor(replicas);
    if (spool === undefined) return;
    const position = this.#replication.positionNow();
    // SYNC and PSYNC open one.
    const backlog = stream.backlog!;
    for (const replica of replicas) {
      replica.receive(backlog, this.#engine.now);
      if (!replica.old) replica.sendText(`+FULLRESYNC ${position.id} ${position.offset}\r\n`);
    }
    const over = (sync: FullSync): void => void this.#running.delete(sync);
    const sync = new FullSync(this.#engine, replicas, { spool, position, over });
    this.#running.add(sync);
    const { log, processId } = this.#engine.surroundings;
    log('notice', `Starting BGSAVE for SYNC with target: ${byMark ? 'replicas sockets' : 'disk'}`);
    log('notice', `Background ${byMark ? 'RDB transfer' : 'saving'} started by pid ${processId}`);
    sync.start();
  }

  /** Where data are kept until their length is known. Undefined: there is no room, and the replicas have to ask again. */
  #spoolFor(replicas: readonly Replica[]): Spool | undefined {
    try {
      return this.#replication.openSpool();
    } catch (error) {
      this.#engine.surroundings.log('warning', `Synchronization failed: ${(error as Error).message}`);
      for (const replica of replicas) replica.session.close('now');
      return undefined;
    }
  }
}
