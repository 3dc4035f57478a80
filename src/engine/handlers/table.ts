import type { Spec } from '../../commands/spec.js';
import { commands, commandTable } from '../../commands/table.js';
import type { Handler } from '../handler.js';
import { bitmapHandlers } from './bitmap.js';
import { clusterHandlers } from './cluster.js';
import { connectionHandlers } from './connection.js';
import { genericHandlers } from './generic.js';
import { geoHandlers } from './geo.js';
import { hashHandlers } from './hash.js';
import { hyperloglogHandlers } from './hyperloglog.js';
import { listHandlers } from './list.js';
import { pubsubHandlers } from './pubsub.js';
import { scriptingHandlers } from './scripting.js';
import { serverHandlers } from './server.js';
import { setHandlers } from './set.js';
import { streamHandlers } from './stream.js';
import { stringHandlers } from './string.js';
import { transactionHandlers } from './transactions.js';
import { zsetHandlers } from './zset.js';

const handlers: Record<string, Handler> = {
  ...bitmapHandlers,
  ...clusterHandlers,
  ...connectionHandlers,
  ...genericHandlers,
  ...geoHandlers,
  ...hashHandlers,
  ...hyperloglogHandlers,
  ...listHandlers,
  ...pubsubHandlers,
  ...scriptingHandlers,
  ...serverHandlers,
  ...setHandlers,
  ...streamHandlers,
  ...stringHandlers,
  ...transactionHandlers,
  ...zsetHandlers,
};

const byId: Handler[] = new Array(commandTable.size);
// By position, which is a command's id, so that no spec is made for this.
for (const [id, name] of Object.keys(commands).entries()) {
  const handler = handlers[name];
  if (handler) byId[id] = handler;
}

export function handlerOf(spec: Spec): Handler {
  return byId[spec.id];
}
