import { type ClusterSlots, parseSlots } from '../../commands/cluster-reply.js';
import { commands } from '../../commands/table.js';
import { millisNow } from '../../core/clock.js';
import { SLOTS } from '../../core/crc16.js';
import { ConnectionError, type KeyspanError, replyErrorOf, UnsupportedError } from '../../core/errors.js';
import { ErrorReply, type Reply } from '../../core/reply.js';
import { type Address, type AddressMap, addressText, mappedAddress } from '../address.js';
import { Command } from '../pending.js';
import { Alarm, sharedWheel } from '../timer-wheel.js';
import type { ClusterNode } from './cluster-node.js';
import type { Shard } from './slot-map.js';

/** How long one node has for its answer, and after how long another one is asked as well. */
const ASK_TIMEOUT_MS = 1500;
const HEDGE_MS = 250;

/** A node's answer to who serves what. */
export interface View {
  readonly from: ClusterNode;
  readonly slots: readonly ClusterSlots[];
}

/**
 * Asks nodes, one after the other, who serves which slot, and takes the first good answer. One that is slow does not
 * hold up the others. Rejects with the last error when none has an answer.
 */
export function askNodes(nodes: readonly ClusterNode[]): Promise<View> {
  return new Promise((resolve, reject) => {
    let next = 0;
    let open = 0;
    let settled = false;
    const hedge = new Alarm(() => ask());
    const failed = (error: unknown): void => {
      open--;
      if (!settled && open === 0 && next >= nodes.length) {
        settled = true;
        reject(error);
      } else ask();
    };
    const ask = (): void => {
      if (settled || next >= nodes.length) return;
      const node = nodes[next++]!;
      open++;
      if (next < nodes.length) sharedWheel.set(hedge, millisNow() + HEDGE_MS);
      askNode(node).then((slots) => {
        if (settled) return;
        settled = true;
        sharedWheel.clear(hedge);
        resolve({ from: node, slots });
      }, failed);
    };
    ask();
  });
}

async function askNode(node: ClusterNode): Promise<ClusterSlots[]> {
  const command = new Command({ spec: commands.clusterSlots, argv: ['CLUSTER', 'SLOTS'] }, null, null);
  command.retry = 'never';
  const began = millisNow();
  node.link.submit(command, ASK_TIMEOUT_MS);
  const reply = (await command.promise) as Reply;
  if (reply instanceof ErrorReply) throw refusalOf(node, reply);
  node.noteLatency(millisNow() - began);
  const slots = parseSlots(reply);
  if (slots.length === 0) throw new ConnectionError(`${node.name} knows of no node that serves slots`);
  return slots;
}

function refusalOf(node: ClusterNode, { text }: ErrorReply): KeyspanError {
  if (!text.includes('cluster support disabled')) return replyErrorOf(text, { command: 'CLUSTER SLOTS' });
  return new UnsupportedError(`${node.name} is no node of a cluster: it is opened with redis://`, {
    command: 'CLUSTER SLOTS',
  });
}

/** Where a node is, by what one of them said: no name, and `?`, mean the host that was asked. */
export function placeOf(host: string | null, port: number, from: Address, map: AddressMap | undefined): Address {
  return mappedAddress(map, { host: host === null || host === '' || host === '?' ? from.host : host, port });
}

/** Shards by slot, from a node's answer; `nodeAt` knows or makes the nodes. */
export function ownersOf(view: View, nodeAt: (host: string | null, port: number) => ClusterNode): (Shard | null)[] {
  const owners = new Array<Shard | null>(SLOTS).fill(null);
  const shards = new Map<ClusterNode, Shard>();
  for (const { start, end, primary, replicas } of view.slots) {
    const node = nodeAt(primary.host, primary.port);
    let shard = shards.get(node);
    if (shard === undefined) {
      shard = { primary: node, replicas: replicas.map(({ host, port }) => nodeAt(host, port)) };
      shards.set(node, shard);
    }
    owners.fill(shard, start, end + 1);
  }
  return owners;
}

/** Nodes by name, made when they are first heard of. */
export class NodeTable {
  readonly #nodes = new Map<string, ClusterNode>();
  readonly #make: (address: Address) => ClusterNode;

  constructor(make: (address: Address) => ClusterNode) {
    this.#make = make;
  }

  get all(): IterableIterator<ClusterNode> {
    return this.#nodes.values();
  }

  at(address: Address): ClusterNode {
    const name = addressText(address);
    let node = this.#nodes.get(name);
    if (node === undefined) {
      node = this.#make(address);
      this.#nodes.set(name, node);
    }
    return node;
  }

  get(name: string): ClusterNode | undefined {
    return this.#nodes.get(name);
  }

  /** Forgets all nodes but these; returns those that are gone. */
  keep(wanted: ReadonlySet<ClusterNode>): ClusterNode[] {
    const gone = [...this.#nodes.values()].filter((node) => !wanted.has(node));
    for (const node of gone) this.#nodes.delete(node.name);
    return gone;
  }
}
