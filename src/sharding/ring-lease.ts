import type { CallOptions, Request } from '../backend/backend.js';
import { commands } from '../commands/table.js';
import type { Bytes } from '../core/bytes.js';
import { ConnectionError, CrossSlotError } from '../core/errors.js';
import { ErrorReply, type PushReply, type Reply } from '../core/reply.js';
import { placesIn } from './keyless.js';
import type { Node } from './node.js';
import { NodeLease } from './node-lease.js';
import type { SubscribeCommand } from './subscriber.js';

/** What a conversation needs of its ring. */
export interface RingHost {
  readonly members: readonly Node[];
  nodeOf(key: Bytes): Node | null;
  firstUp(): Node | null;
  checkTogether(command: string, keys: readonly Bytes[]): void;
  isForAll(request: Request): boolean;
  checkSole(request: Request): void;
  merged(request: Request, replies: readonly Reply[], nodes: readonly Node[]): Reply;
  call(request: Request, options?: CallOptions): Promise<Reply>;
}

const discard: Request = { spec: commands.discard, argv: ['DISCARD'] };

/**
 * A conversation with a ring. It belongs to the node of the first key it names, and to no other; what comes before the
 * first key in the same turn (MULTI) waits for it. Subscriptions are at the nodes of their channels, patterns at all.
 */
export class RingLease extends NodeLease {
  readonly #ring: RingHost;
  readonly #early: (() => void)[] = [];
  #firstKey: Bytes | null = null;
  /** SELECT and the like, to be said again at the node of the first key. */
  readonly #settings: Request[] = [];
  /** The last command given so far has been sent. */
  #sent: Promise<void> = Promise.resolve();
  #inMulti = false;
  /** A command of the transaction was refused: the others are not to be carried out without it. */
  #isSpoilt = false;

  constructor(
    ring: RingHost,
    onPush: ((push: PushReply) => void) | undefined,
    options: CallOptions,
    ended: (lease: NodeLease) => void,
  ) {
    super(onPush, options, ended);
    this.#ring = ring;
  }

  override placesOf(command: SubscribeCommand, name: Bytes): readonly Node[] {
    if (command === 'PSUBSCRIBE') return this.#ring.members.filter((node) => node.isUp);
    const node = this.#ring.nodeOf(name);
    return node === null ? [] : [node];
  }

  protected override async monitor(request: Request): Promise<Reply> {
    const nodes = this.#ring.members.filter((node) => node.isUp);
    return await this.monitors.open(nodes, request, this.onPush, this.options);
  }

  protected override async give(request: Request, options: CallOptions | undefined): Promise<Reply> {
    const command = request.spec.name;
    if (!this.#inMulti && this.#ring.isForAll(request)) return await this.#atAll(request, options);
    if (command === 'MULTI') this.#begin();
    if (command === 'EXEC' && this.#isSpoilt) {
      await this.#given(discard, options);
      return new ErrorReply('EXECABORT Transaction discarded because of previous errors.');
    }
    return await this.#given(request, options);
  }

  #begin(): void {
    this.#inMulti = true;
    this.#isSpoilt = false;
  }

  /** At every node, set up as the conversation is: by a conversation for this alone where it is not with the node. */
  async #atAll(request: Request, options?: CallOptions): Promise<Reply> {
    const { members } = this.#ring;
    if (request.spec.name === 'SCAN') {
      if (this.#settings.length > 0) this.#ring.checkSole(request);
      return await this.#ring.call(request, options);
    }
    const nodes = members.filter((node) => node.isUp);
    const replies = nodes.map((node) =>
      node === this.node ? this.#given(request, options) : this.#apart(node, request, options),
    );
    return this.#ring.merged(request, await Promise.all(replies), nodes);
  }

  async #apart(node: Node, request: Request, options?: CallOptions): Promise<Reply> {
    const lease = await node.guard(node.backend.lease(undefined, this.options));
    try {
      for (const setting of this.#settings) await node.answer(lease.call(setting, this.options));
      return await node.answer(lease.call(request, options));
    } finally {
      lease.release();
    }
  }

  /** Sends a command to the node of the conversation, behind those before it. */
  async #given(request: Request, options?: CallOptions): Promise<Reply> {
    const ends = request.spec.name === 'EXEC' || request.spec.name === 'DISCARD';
    if (ends) this.#inMulti = false;
    const before = this.#sent;
    let sent = (): void => {};
    this.#sent = new Promise((resolve) => {
      sent = resolve;
    });
    try {
      const found = this.#find(request);
      if (found !== null) await found;
      const node = this.node!;
      const lease = await this.lease!;
      // Commands are sent in the order in which they were given.
      await before;
      const reply = lease.call(request, options);
      sent();
      return await node.answer(reply);
    } finally {
      // One that was refused lets nobody pass those before it.
      void before.then(sent);
    }
  }

  /** Finds the node of the conversation, or checks that it has the request's keys. What is refused spoils its transaction. */
  #find(request: Request): Promise<void> | null {
    try {
      if (this.#inMulti || !this.#ring.isForAll(request)) this.#ring.checkSole(request);
      return this.#home(request);
    } catch (error) {
      this.#isSpoilt ||= this.#inMulti;
      throw error;
    }
  }

  #home(request: Request): Promise<void> | null {
    const keys = placesIn(request);
    const command = request.spec.name;
    if (keys.length > 0 && this.#firstKey === null && this.node !== null) this.#settle(keys[0]!);
    if (keys.length === 0 && request.spec.group === 'connection') this.#settings.push(request);
    if (this.node === null) {
      if (keys.length === 0) return this.#turn();
      this.#bind(keys[0]!, command, keys);
    } else if (keys.length > 0) {
      this.#checkHome(command, keys);
    }
    return null;
  }

  override release(): void {
    super.release();
    for (const go of this.#early.splice(0)) go();
  }

  /** Waits for a key within this turn; without one the first node is as good as any. */
  #turn(): Promise<void> {
    if (this.#early.length === 0) queueMicrotask(() => this.node === null && this.#open(this.#ring.firstUp()));
    return new Promise((resolve, reject) => {
      this.#early.push(() => (this.node === null ? reject(this.#nowhere()) : resolve()));
    });
  }

  #bind(key: Bytes, command: string, keys: readonly Bytes[]): void {
    this.#ring.checkTogether(command, keys);
    this.#firstKey = key;
    this.#open(this.#ring.nodeOf(key));
    if (this.node === null) throw this.#nowhere();
  }

  #open(node: Node | null): void {
    if (node !== null && !this.isReleased) this.openAt(node);
    for (const go of this.#early.splice(0)) go();
  }

  /** The first key of a conversation that has only been set up so far: it goes on at the node of the key. */
  #settle(key: Bytes): void {
    const home = this.#ring.nodeOf(key);
    this.#firstKey = key;
    if (home === this.node || home === null) return;
    this.letGo();
    this.openAt(home);
    this.lease = this.lease!.then(async (lease) => {
      for (const setting of this.#settings) await lease.call(setting, this.options);
      return lease;
    });
    this.lease.catch(() => {});
  }

  #checkHome(command: string, keys: readonly Bytes[]): void {
    if (this.#firstKey !== null) this.#ring.checkTogether(command, [this.#firstKey, ...keys]);
    else if (keys.some((key) => this.#ring.nodeOf(key) !== this.node)) {
      throw new CrossSlotError(`the conversation is with node '${this.node!.name}', which has not all keys`, {
        command,
      });
    }
  }

  #nowhere(): ConnectionError {
    return new ConnectionError('all nodes are down');
  }
}
