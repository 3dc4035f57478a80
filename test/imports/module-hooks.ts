import type { MessagePort } from 'node:worker_threads';

/** Tells a port which modules are resolved, each time that one is. Loaded into the thread of Node's module hooks. */
let port: MessagePort | null = null;

export function initialize(data: MessagePort): void {
  port = data;
}

type Resolve = (specifier: string, context: unknown) => Promise<{ url: string }>;

export async function resolve(specifier: string, context: unknown, next: Resolve): Promise<{ url: string }> {
  const found = await next(specifier, context);
  port?.postMessage(found.url);
  return found;
}
