import { asCString, type Bytes } from '../../core/bytes.js';
import { ErrorReply, OK, type Reply } from '../../core/reply.js';
import type { Cluster } from '../cluster/cluster.js';

const wrongAction = new ErrorReply('ERR Invalid CLUSTER SETSLOT action or number of arguments. Try CLUSTER HELP');

function unknown(id: Bytes): ErrorReply {
  return new ErrorReply(`ERR I don't know about node ${asCString(id)}`);
}

/** CLUSTER SETSLOT slot IMPORTING id | MIGRATING id | NODE id | STABLE. */
export function setSlot(
  cluster: Cluster,
  slot: number,
  action: Bytes,
  nodeId: Bytes | undefined,
  argv: readonly Bytes[],
): Reply {
  const word = action.toLowerCase();
  if (word === 'stable' && argv.length === 4) {
    cluster.importing.delete(slot);
    cluster.migrating.delete(slot);
    return OK;
  }
  if (nodeId === undefined) throw wrongAction;
  switch (word) {
    case 'migrating':
      if (!cluster.owns(slot)) throw new ErrorReply(`ERR I'm not the owner of hash slot ${slot}`);
      if (!cluster.knows(nodeId)) throw unknown(nodeId);
      cluster.migrating.set(slot, nodeId);
      return OK;
    case 'importing':
      if (cluster.owns(slot)) throw new ErrorReply(`ERR I'm already the owner of hash slot ${slot}`);
      if (!cluster.knows(nodeId)) throw unknown(nodeId);
      cluster.importing.set(slot, nodeId);
      return OK;
    case 'node':
      if (!cluster.knows(nodeId)) throw new ErrorReply(`ERR Unknown node ${asCString(nodeId)}`);
      if (cluster.owns(slot) && nodeId !== cluster.id && cluster.keysIn(slot, 1).length > 0) {
        throw new ErrorReply(
          `ERR Can't assign hashslot ${slot} to a different node while I still hold keys for this hash slot.`,
        );
      }
      cluster.setOwner(slot, nodeId);
      return OK;
  }
  throw wrongAction;
}
