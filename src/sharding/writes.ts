import type { CallOptions, Request } from '../backend/backend.js';
import { keyIndexesOf } from '../backend/split.js';
import { isAbsent, itemsOf, type ReplyView, type Shape } from '../commands/shape.js';
import { keysOf as keyPositionsOf } from '../commands/spec.js';
import { commands } from '../commands/table.js';
import type { Bytes } from '../core/bytes.js';
import type { Clock } from '../core/clock.js';
import { ConnectionError, KeyspanError } from '../core/errors.js';
import { ErrorReply, NullArray, type Reply } from '../core/reply.js';
import { Broadcast, type Judge, type Outcome } from './broadcast.js';
import { copiesOf, requestOf } from './copy-keys.js';
import { directOf } from './direct.js';
import type { KeyOrder } from './key-order.js';
import { changes } from './mirror-rules.js';
import { isFault, type Node } from './node.js';
import { sameReply } from './same-reply.js';

const noOptions: CallOptions = {};
const ping: Request = { spec: commands.ping, argv: ['PING'] };

/** What writes need of their mirror. */
export interface WriteHost {
  readonly members: readonly Node[];
  readonly order: KeyOrder;
  readonly clock: Clock;
  /** How many nodes must have taken a write. */
  readonly required: number;
  /** Whether all nodes are up. */
  readonly isWhole: boolean;
  /** The node that reads a key; null if none is up. */
  sourceOf(key: Bytes | undefined): Node | null;
  /** Keys are about to be written: nodes that are being repaired may need them again. */
  noteWrite(keys: readonly Bytes[]): void;
  /** A node said something else than the one whose reply was taken: its keys may differ. */
  heal(node: Node, source: Node, keys: readonly Bytes[]): void;
  noNode(command: string): ConnectionError;
}

/** A conversation at a node, which carries out a transaction there. */
export interface Held {
  readonly node: Node;
  run(said: readonly Request[]): Promise<Reply>;
}

/** What is done at one node first, and how the others follow. */
interface FirstTask {
  readonly keys: readonly Bytes[] | null;
  /** The key whose node is the first, unless `node` is. */
  readonly key: Bytes | undefined;
  readonly command: string;
  readonly give: (node: Node) => Promise<Reply>;
  readonly effects: (source: Node, reply: Reply) => Promise<Request[]> | Request[];
  readonly node?: Node | undefined;
  readonly evenAfterError?: boolean;
}

/** A write that was done at one node and followed by the others; `idle` of them had nothing to do. */
interface Followed {
  readonly command: string;
  readonly source: Node;
  readonly follow: readonly Request[];
  readonly idle: number;
}

/** Errors of a server that cannot take writes now, which other servers can. */
const refusals = /^(OOM|READONLY|LOADING|MISCONF|MASTERDOWN|NOREPLICAS|NOAUTH|NOPERM|CLUSTERDOWN|BUSY) /;

/** The keys of a request that it may change. */
function writtenKeys({ spec, argv }: Request): Bytes[] {
  const positions = keyPositionsOf(spec, argv) ?? [];
  return positions.filter(({ flags }) => !flags.includes('RO')).map(({ index }) => argv[index]!);
}

export function namedKeys(request: Request): Bytes[] {
  return keyIndexesOf(request).map((index) => request.argv[index]!);
}

/**
 * How the copies follow a write. `copied`: one node carries it out, its keys are copied from there. `followed`: one carries
 * it out, the others its effects. `waited`: it may have to wait, and what it got is repeated. `everywhere`: all carry it out.
 */
export type Way = 'copied' | 'followed' | 'waited' | 'everywhere';

export function wayOf(request: Request): Way {
  const { follow, flags } = request.spec;
  const hasKeys = namedKeys(request).length > 0;
  if (follow?.keys && hasKeys) return 'copied';
  if (follow?.effects) return 'followed';
  return flags.includes('blocking') && hasKeys ? 'waited' : 'everywhere';
}

/** Carries writes out at all nodes of a mirror so that they stay equal. */
export class Writes implements Judge {
  readonly #host: WriteHost;

  constructor(host: WriteHost) {
    this.#host = host;
  }

  /** One write, whatever it takes for the copies to follow it. */
  async write(request: Request, options: CallOptions): Promise<Reply> {
    const said = this.#asSaid(request);
    const keys = namedKeys(said);
    switch (wayOf(said)) {
      case 'copied':
        return await this.#copied(said, keys);
      case 'followed':
        return await this.#followed(said, keys);
      case 'waited':
        return await this.#waited(said, keys, options);
      case 'everywhere':
        return await this.#everywhere(said, keys.length === 0 ? null : keys);
    }
  }

  /** MULTI … EXEC at one node; what its commands did at the others, in one transaction as well. */
  async transaction(requests: readonly Request[], held?: Held): Promise<Reply> {
    const said = requests.map((request) => this.#asSaid(request));
    const named = said.map(namedKeys);
    const isWhole = said.some((request, i) => named[i]!.length === 0 && changesData(request));
    const keys = isWhole ? null : named.flat();
    const give = async (node: Node): Promise<Reply> => {
      if (held === undefined) return await node.backend.transaction(said);
      // A conversation has a connection of its own: what was sent before on the common one must be done first.
      await node.backend.call(ping);
      return await held.run(said);
    };
    const effects = async (source: Node, reply: Reply): Promise<Request[]> => {
      const replies = reply instanceof NullArray || reply === null ? [] : (itemsOf(reply) ?? []);
      return await this.#effectsOf(source, said, replies);
    };
    return await this.#first({ keys, key: named.flat()[0], command: 'EXEC', give, effects, node: held?.node });
  }

  /** What other copies do after a transaction: each command's effects, and copies of what cannot be told. */
  async #effectsOf(source: Node, said: readonly Request[], replies: readonly Reply[]): Promise<Request[]> {
    const copied = new Set<Bytes>();
    const effects = said.flatMap((request, i) => {
      const { spec, argv } = request;
      const reply = replies[i];
      if (reply === undefined || reply instanceof ErrorReply) return [];
      if (!changes(request)) return [];
      if (spec.follow?.effects) return spec.follow.effects(argv, reply).map(requestOf);
      const isCopied = spec.follow?.keys === true && namedKeys(request).length > 0;
      if (isCopied) for (const key of writtenKeys(request)) copied.add(key);
      if (isCopied || (spec.flags.includes('blocking') && isAbsent(reply))) return [];
      return [request];
    });
    if (copied.size === 0) return effects;
    return [...effects, ...(await copiesOf(source, [...copied], this.#host.clock))];
  }

  /** The same request at all nodes at once. */
  async #everywhere(
    request: Request,
    keys: readonly Bytes[] | null,
    give: ((node: Node) => Promise<Reply>) | null = null,
  ): Promise<Reply> {
    const { order } = this.#host;
    const broadcast = new Broadcast(this, request, null, null);
    if (order.isFree(keys)) return (await this.#send(broadcast, keys ?? [], give)) as Reply;
    const turn = order.enter(keys);
    try {
      await turn.begin();
      const reply = this.#send(broadcast, keys ?? [], give);
      turn.end();
      return (await reply) as Reply;
    } finally {
      turn.end();
    }
  }

  /**
   * As `write`, decoded, for a request of one key that nothing is before, in the same words at all nodes; null if its words
   * are to be others.
   */
  direct(request: Request, key: Bytes, shape: Shape | null, view: ReplyView | null): Promise<unknown> | null {
    const said = this.#asSaid(request);
    if (said !== request && directOf(said.spec).way !== 'write') return null;
    const { isWhole, members } = this.#host;
    const [sole] = members;
    if (isWhole && members.length === 1) {
      const reply = sole!.entrust(said, shape, view, noOptions);
      if (reply !== null) return reply;
    }
    try {
      return this.#send(new Broadcast(this, said, shape, view), [key], null);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** In words that mean the same at every node. */
  #asSaid(request: Request): Request {
    const { follow } = request.spec;
    if (follow?.rewrite === undefined || request.argv.length < (follow.rewritesFrom ?? 0)) return request;
    const argv = follow.rewrite(request.argv, this.#host.clock.now());
    return argv === request.argv ? request : requestOf(argv);
  }

  #send(broadcast: Broadcast, keys: readonly Bytes[], give: ((node: Node) => Promise<Reply>) | null): Promise<unknown> {
    const { isWhole, members } = this.#host;
    if (isWhole) return broadcast.send(members, give);
    this.#checkEnough(broadcast.request.spec.name);
    this.#host.noteWrite(keys);
    return broadcast.send(this.#receivers(), give);
  }

  /** The nodes did not all say the same: the reply of one is taken, and who said something else is made equal to it. */
  settle(broadcast: Broadcast): void {
    const { request, copies } = broadcast;
    try {
      const keys = namedKeys(request);
      const taken = this.#judge(request.spec.name, copies, this.#host.sourceOf(keys[0]));
      for (const { node, reply } of keys.length === 0 ? [] : copies) {
        if (reply === undefined || !node.isUp || sameReply(reply, taken.reply!)) continue;
        this.#host.heal(node, taken.node, [...new Set(writtenKeys(request))]);
      }
      broadcast.answer(taken.reply!);
    } catch (error) {
      broadcast.reject(error);
    }
  }

  /** First one node, then its effects at the others. */
  async #followed(request: Request, keys: readonly Bytes[]): Promise<Reply> {
    const give = (node: Node): Promise<Reply> => node.backend.call(request);
    const effects = (_source: Node, reply: Reply): Request[] =>
      request.spec.follow!.effects!(request.argv, reply).map(requestOf);
    return await this.#first({ keys, key: keys[0], command: request.spec.name, give, effects });
  }

  async #copied(request: Request, keys: readonly Bytes[]): Promise<Reply> {
    const changed = writtenKeys(request);
    const give = (node: Node): Promise<Reply> => node.backend.call(request);
    const { clock } = this.#host;
    const effects = (source: Node): Promise<Request[]> | Request[] =>
      changed.length === 0 ? [] : copiesOf(source, changed, clock);
    // A script may have changed keys before it failed.
    return await this.#first({ keys, key: keys[0], command: request.spec.name, give, effects, evenAfterError: true });
  }

  /**
   * Carries out `give` at one node, and what `effects` makes of its reply at the others, while later writes on the keys
   * wait. A node that fails is left behind, to be repaired, and the next is the first.
   */
  async #first(task: FirstTask): Promise<Reply> {
    const { keys, key, command, give, effects, node, evenAfterError = false } = task;
    const turn = this.#host.order.enter(keys);
    try {
      const wait = turn.begin();
      if (wait !== null) await wait;
      this.#checkEnough(command);
      this.#host.noteWrite(keys ?? []);
      for (;;) {
        const source = node ?? this.#host.sourceOf(key);
        if (source === null) throw this.#host.noNode(command);
        const done = await this.#given(source, give, node === undefined);
        if (done === undefined) continue;
        if (done instanceof ErrorReply && !evenAfterError) return done;
        const follow = await effects(source, done);
        const others = this.#receivers().filter((node) => node !== source);
        const calls = follow.length === 0 ? [] : others.map((node) => outcomeOf(node, deliver(node, follow)));
        turn.end();
        const idle = calls.length === 0 ? others.filter((node) => node.isUp).length : 0;
        this.#checkFollowers({ command, source, follow, idle }, await Promise.all(calls));
        return done;
      }
    } finally {
      turn.end();
    }
  }

  /** The reply of the first node; undefined if it failed and another may be the first. */
  async #given(source: Node, give: (node: Node) => Promise<Reply>, mayMove: boolean): Promise<Reply | undefined> {
    const others = this.#host.members.some((node) => node !== source && node.isUp);
    try {
      const reply = await source.answer(give(source));
      if (!(others && mayMove && isRefusal(reply))) return reply;
      source.fail(new ConnectionError((reply as ErrorReply).text));
      return undefined;
    } catch (error) {
      if (!isFault(error)) throw error;
      // What it may have done it must forget: it is made equal to the others when it is back.
      if (others) source.fail(error);
      else void source.suspect();
      if (!others || !mayMove) throw error;
      return undefined;
    }
  }

  /**
   * A command that may wait. It is first carried out as it is in a transaction, where it does not wait; if there is nothing
   * for it, it waits at one node, as nobody knows what it will get, and the others follow.
   */
  async #waited(request: Request, keys: readonly Bytes[], options: CallOptions): Promise<Reply> {
    const { spec } = request;
    if ((spec.name === 'XREADGROUP' || spec.name === 'XREAD') && !blocks(request)) {
      return await this.#everywhere(request, keys);
    }
    for (;;) {
      const outcome = await this.#everywhere(request, keys, (node) => node.backend.transaction([request]));
      const now = outcome instanceof ErrorReply ? outcome : (itemsOf(outcome)?.[0] ?? null);
      if (!isAbsent(now)) return now;
      const source = this.#host.sourceOf(keys[0]);
      if (source === null) throw this.#host.noNode(spec.name);
      const served = await this.#servedAt(source, request, keys, options);
      if (served !== undefined) return served;
    }
  }

  /** What came of waiting at a node; undefined if the node was lost and another should be asked. */
  async #servedAt(
    source: Node,
    request: Request,
    keys: readonly Bytes[],
    options: CallOptions,
  ): Promise<Reply | undefined> {
    let reply: Reply;
    try {
      reply = await source.answer(source.backend.call(request, options));
    } catch (error) {
      if (!isFault(error) && error instanceof KeyspanError) throw error;
      if (!source.isUp && this.#host.sourceOf(keys[0]) !== null) return undefined;
      // It may have taken something before it was given up.
      if (source.isUp)
        await this.#followServed(source, keys, () => copiesOf(source, writtenKeys(request), this.#host.clock));
      throw error;
    }
    if (isAbsent(reply) || reply instanceof ErrorReply) return reply;
    const { served } = request.spec.follow ?? {};
    const { clock } = this.#host;
    await this.#followServed(source, keys, () =>
      served === undefined
        ? copiesOf(source, writtenKeys(request), clock)
        : served(request.argv, reply, clock.now()).map(requestOf),
    );
    return reply;
  }

  async #followServed(
    source: Node,
    keys: readonly Bytes[],
    effects: () => Promise<Request[]> | Request[],
  ): Promise<void> {
    const turn = this.#host.order.enter(keys);
    try {
      const wait = turn.begin();
      if (wait !== null) await wait;
      this.#host.noteWrite(keys);
      const follow = await effects();
      const others = this.#receivers().filter((node) => node !== source);
      const calls = follow.length === 0 ? [] : others.map((node) => outcomeOf(node, deliver(node, follow)));
      turn.end();
      for (const { node, reply, error } of await Promise.all(calls)) {
        if (error !== undefined || isFailure(reply!)) node.fail(error ?? new ConnectionError(textOf(reply!)));
      }
    } catch (error) {
      if (!isFault(error)) throw error;
      source.fail(error);
    } finally {
      turn.end();
    }
  }

  /** Nodes that writes are sent to: those that are up, and those that are being brought up to date. */
  #receivers(): Node[] {
    return this.#host.members.filter((node) => node.state !== 'down');
  }

  #checkEnough(command: string): void {
    const { members, required } = this.#host;
    const up = members.filter((node) => node.isUp);
    if (up.length === 0) throw this.#host.noNode(command);
    if (up.length < required) throw this.#tooFew(command, up.length, 'no');
  }

  #tooFew(command: string, taken: number, applied: 'no' | 'maybe'): ConnectionError {
    const { members, required } = this.#host;
    const down = members.filter((node) => !node.isUp).map(({ name }) => `'${name}'`);
    const verb = applied === 'no' ? 'are up' : 'took it';
    return new ConnectionError(
      `${command} needs ${required} of ${members.length} nodes, ${taken} ${verb}; not there: ${down.join(', ')}`,
      { command, applied },
    );
  }

  /** The one reply of several nodes, and whose it is; those that failed are left behind. */
  #judge(command: string, outcomes: readonly Outcome[], source: Node | null): Outcome {
    const wrong = outcomes.find(({ error }) => error !== undefined && !isFault(error));
    if (wrong !== undefined) throw wrong.error;
    const up = outcomes.filter(({ node, reply }) => reply !== undefined && node.isUp);
    const taken = up.filter(({ reply }) => !isRefusal(reply!));
    if (taken.length === 0) {
      for (const { node } of outcomes) void node.suspect();
      if (up.length > 0) return up[0]!;
      throw outcomes.find(({ node }) => node === source)?.error ?? outcomes[0]!.error;
    }
    for (const { node, reply, error } of outcomes) {
      if (error !== undefined || isRefusal(reply!)) node.fail(error ?? new ConnectionError(textOf(reply!)));
    }
    if (taken.length < this.#host.required) throw this.#tooFew(command, taken.length, 'maybe');
    return taken.find(({ node }) => node === source) ?? taken[0]!;
  }

  #checkFollowers({ command, source, follow, idle }: Followed, outcomes: readonly Outcome[]): void {
    let taken = 1 + idle;
    for (const { node, reply, error } of outcomes) {
      const failed = error !== undefined || isRefusal(reply!);
      if (failed) node.fail(error ?? new ConnectionError(textOf(reply!)));
      else if (node.isUp) taken++;
      if (!failed && node.isUp && isFailure(reply!))
        this.#host.heal(node, source, [...new Set(follow.flatMap(namedKeys))]);
    }
    if (taken < this.#host.required) throw this.#tooFew(command, taken, 'maybe');
  }
}

/** Whether it writes: scripts and functions may. */
function changesData({ spec }: Request): boolean {
  return spec.isWrite || spec.follow !== undefined;
}

/** Effects at a node: all or none. */
function deliver(node: Node, effects: readonly Request[]): Promise<Reply> {
  const [first] = effects;
  const reply = effects.length === 1 ? node.backend.call(first!) : node.backend.transaction(effects);
  return node.answer(reply);
}

async function outcomeOf(node: Node, answer: Promise<Reply>): Promise<Outcome> {
  try {
    return { node, reply: await answer, error: undefined };
  } catch (error) {
    return { node, reply: undefined, error };
  }
}

function isRefusal(reply: Reply): boolean {
  return reply instanceof ErrorReply && refusals.test(reply.text);
}

/** Whether effects were refused, which at an equal copy they are not. */
function isFailure(reply: Reply): boolean {
  return reply instanceof ErrorReply || (Array.isArray(reply) && reply.some((item) => item instanceof ErrorReply));
}

function textOf(reply: Reply): string {
  const found = Array.isArray(reply) ? reply.find((item) => item instanceof ErrorReply) : reply;
  return found instanceof ErrorReply ? found.text : 'it did something else than the others';
}

function blocks({ argv }: Request): boolean {
  const streams = argv.findIndex((word) => word.toUpperCase() === 'STREAMS');
  return argv.some((word, i) => i > 0 && i < streams && word.toUpperCase() === 'BLOCK');
}
