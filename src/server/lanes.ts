import type { Spec } from '../commands/spec.js';
import { commandTable } from '../commands/table.js';
import { microsNow } from '../core/clock.js';
import type { Engine } from '../engine/engine.js';
import type { EngineSession } from '../engine/session.js';
import type { ReplyArena } from '../resp/reply-arena.js';
import type { RequestParser } from '../resp/request-parser.js';
import type { RequestLanes } from './engine-port.js';
import { LaneCall } from './lane-call.js';
import * as names from './lane-names.js';
import * as collection from './lanes-collection.js';
import * as string from './lanes-string.js';

// Constants of the module itself, which V8 builds into its code: an imported one it loads and checks at every use.
const {
  LANE_PING,
  LANE_GET,
  LANE_SET,
  LANE_MSET,
  LANE_INCR,
  LANE_DECR,
  LANE_INCRBY,
  LANE_DECRBY,
  LANE_DEL,
  LANE_EXISTS,
  LANE_LPUSH,
  LANE_RPUSH,
  LANE_LPOP,
  LANE_RPOP,
  LANE_LRANGE,
  LANE_SADD,
  LANE_HSET,
  LANE_HGET,
} = names;

/**
 * The fast lanes of a server: requests in their plainest form, carried out on the bytes that came in, with the reply
 * written where it goes out. No string, array, closure or exception per request.
 *
 *     bytes ─ parser ─┬─ lane ───────────────────────── arena        plain form, nobody looks on
 *                     └─ argv ─ Engine.call ─ encoder ── arena        everything else
 *
 * A lane does just what the command does on the long way, or nothing at all. The lanes are open while `engine.plain`
 * and `session.plain` hold, those that change something only while nobody watches a key of the database or tracks keys. What the
 * long way does beside the change itself (admission, events, the blocked, the slow log) is then not needed; what repeats
 * the change elsewhere is the request itself, of which a log takes the bytes as they are.
 * After the first 64 calls of a command one in 64 is timed, and INFO commandstats takes the others to last as long.
 */
export class Lanes implements RequestLanes {
  /** How often each lane was taken, by lane number. */
  readonly taken = new Float64Array(names.laneNames.length);
  readonly #engine: Engine;
  readonly #call: LaneCall;
  readonly #specs: readonly Spec[];

  constructor(engine: Engine) {
    this.#engine = engine;
    this.#call = new LaneCall(engine);
    this.#specs = names.laneNames.map(([name]) => commandTable.byFullName(name)!);
  }

  /**
   * Carries out the request that `parser` found in `bytes` if it has a lane. False: nothing was done. `session` belongs
   * to this engine.
   */
  take(session: EngineSession, bytes: Uint8Array, parser: RequestParser, arena: ReplyArena): boolean {
    const engine = this.#engine;
    if (!engine.plain || parser.inline !== null) return false;
    const { offsets, argc } = parser;
    const lane = names.laneOf(bytes, offsets[0], offsets[1], argc);
    if (lane < 0 || !session.plain) return false;
    const { db } = session;
    const spec = this.#specs[lane];
    if (spec.isWrite && (db.watchers.size > 0 || engine.tracking.on)) return false;
    const call = this.#call;
    // Requests of one session come in runs, and a comparison is cheaper than a store with its write barrier.
    if (call.session !== session) call.session = session;
    if (call.db !== db || call.keyspace !== db.keyspace) call.open(db);
    if (call.arena !== arena) call.arena = arena;
    if (call.bytes !== bytes) call.bytes = bytes;
    if (call.offsets !== offsets) call.offsets = offsets;
    call.words = argc;
    call.from = parser.start;
    call.to = parser.next;
    if (engine.stats.dueOnLane(spec.id)) return this.#takeTimed(lane, spec);
    if (!this.#drive(lane)) return false;
    engine.countCall(spec.id);
    this.#note(lane, spec);
    return true;
  }

  #takeTimed(lane: number, spec: Spec): boolean {
    const startedAt = microsNow();
    if (!this.#drive(lane)) return false;
    this.#engine.countTimed(spec, microsNow() - startedAt);
    this.#note(lane, spec);
    return true;
  }

  #note(lane: number, spec: Spec): void {
    const { session } = this.#call;
    if (session.lastCommand !== spec) session.lastCommand = spec;
    session.lastCommandAt = this.#engine.recently;
    session.commandCount++;
    this.taken[lane]++;
  }

  /** Carries out the request and logs it if it changed something. */
  #drive(lane: number): boolean {
    const engine = this.#engine;
    const { effectQueue } = engine;
    if (effectQueue.journal === null) return this.#serve(lane);
    const { dirty } = engine;
    if (!this.#serve(lane)) return false;
    if (engine.dirty !== dirty) effectQueue.requests!(this.#call.db.index, this.#call);
    return true;
  }

  #serve(lane: number): boolean {
    const call = this.#call;
    switch (lane) {
      case LANE_PING:
        call.arena.text('+PONG\r\n');
        return true;
      case LANE_GET:
        return string.takeGet(call);
      case LANE_SET:
        return string.takeSet(call);
      case LANE_MSET:
        return string.takeMset(call);
      case LANE_INCR:
        return string.takeIncrement(call, 1);
      case LANE_DECR:
        return string.takeIncrement(call, -1);
      case LANE_INCRBY:
        return string.takeIncrement(call, call.integer(2));
      case LANE_DECRBY:
        return string.takeIncrement(call, -call.integer(2));
      case LANE_DEL:
        return string.takeDel(call);
      case LANE_EXISTS:
        return string.takeExists(call);
      case LANE_LPUSH:
        return collection.takePush(call, true);
      case LANE_RPUSH:
        return collection.takePush(call, false);
      case LANE_LPOP:
        return collection.takePop(call, true);
      case LANE_RPOP:
        return collection.takePop(call, false);
      case LANE_LRANGE:
        return collection.takeLrange(call);
      case LANE_SADD:
        return collection.takeSadd(call);
      case LANE_HSET:
        return collection.takeHset(call);
      case LANE_HGET:
        return collection.takeHget(call);
      default:
        return collection.takeZadd(call);
    }
  }
}
