import type { Backend, CallOptions, Lease, Request } from '../../src/backend/backend.js';
import { keyIndexesOf } from '../../src/backend/split.js';
import { MapReply, PairsReply, PushReply, type Reply, SetReply } from '../../src/core/reply.js';

/**
 * A backend whose keys all carry a hash tag and so live at one place, while the suite sees them without: what needs
 * keys together can then run over a cluster or a ring. Patterns of KEYS and SCAN get the tag too.
 */
export function tagged(backend: Backend, tag: string): Backend {
  const mark = `{${tag}}`;
  const outward = (request: Request): Request => ({ spec: request.spec, argv: withMark(request, mark) });
  const inward = (reply: Reply): Reply => withoutMark(reply, mark);
  return {
    ...within(backend, outward, inward),
    ...(backend.connect === undefined ? {} : { connect: () => backend.connect!() }),
    on: (event, listener) => backend.on?.(event, listener) ?? (() => undefined),
    room: async (options) => backend.room?.(options),
    stats: () => backend.stats?.() ?? {},
    close: () => backend.close(),
    destroy: () => backend.destroy?.(),
  };
}

function within(
  backend: Backend,
  outward: (request: Request) => Request,
  inward: (reply: Reply) => Reply,
): Omit<Backend, 'close'> {
  return {
    capabilities: backend.capabilities,
    call: async (request, options) => inward(await backend.call(outward(request), options)),
    batch: async (requests, options) => (await backend.batch(requests.map(outward), options)).map(inward),
    transaction: async (requests, options) => inward(await backend.transaction(requests.map(outward), options)),
    lease: async (onPush, options) => {
      const push = onPush && ((message: PushReply) => onPush(inward(message) as PushReply));
      const lease = await backend.lease(push, options);
      const wrapped: Lease = {
        call: async (request: Request, more?: CallOptions) => inward(await lease.call(outward(request), more)),
        release: () => lease.release(),
      };
      return wrapped;
    },
  };
}

function withMark(request: Request, mark: string): string[] {
  const argv = [...request.argv];
  for (const index of keyIndexesOf(request)) argv[index] = mark + argv[index];
  const pattern = request.spec.name === 'KEYS' ? 1 : request.spec.name === 'SCAN' ? matchAt(argv) : -1;
  if (pattern > 0) argv[pattern] = mark + argv[pattern];
  return argv;
}

function matchAt(argv: readonly string[]): number {
  const at = argv.findIndex((word) => word.toUpperCase() === 'MATCH');
  return at < 0 ? -1 : at + 1;
}

function withoutMark(reply: Reply, mark: string): Reply {
  if (typeof reply === 'string') return reply.startsWith(mark) ? reply.slice(mark.length) : reply;
  if (Array.isArray(reply)) return reply.map((item) => withoutMark(item, mark));
  if (reply instanceof PushReply) return new PushReply(reply.items.map((item) => withoutMark(item, mark)));
  if (reply instanceof SetReply) return new SetReply(reply.items.map((item) => withoutMark(item, mark)));
  if (reply instanceof MapReply) return new MapReply(reply.flat.map((item) => withoutMark(item, mark)));
  if (reply instanceof PairsReply) return new PairsReply(reply.flat.map((item) => withoutMark(item, mark)));
  return reply;
}
