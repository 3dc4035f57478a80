import type { Reply } from '../core/reply.js';
import type { Backend, CallOptions, Lease, Request } from './backend.js';
import { rawRequest } from './install.js';

/** A backend whose commands all go through one conversation; `close` is what closing it does. */
export function leasedBackend(lease: Lease, outer: Backend, close: () => Promise<void> = () => outer.close()): Backend {
  // Given together, so that they travel together; a conversation answers in order.
  const batch = (requests: readonly Request[], options?: CallOptions): Promise<Reply[]> =>
    Promise.all(requests.map((request) => lease.call(request, options)));
  return {
    capabilities: outer.capabilities,
    call: (request, options) => lease.call(request, options),
    batch,
    async transaction(requests, options) {
      const replies = await batch([rawRequest('MULTI', []), ...requests, rawRequest('EXEC', [])], options);
      return replies[replies.length - 1]!;
    },
    lease: (onPush, options) => outer.lease(onPush, options),
    on: (event, listener) => outer.on?.(event, listener) ?? (() => {}),
    stats: () => outer.stats?.() ?? {},
    close,
  };
}
