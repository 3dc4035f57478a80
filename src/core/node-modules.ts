import { UnsupportedError } from './errors.js';

interface Runtime {
  readonly process?: { readonly versions?: { readonly node?: string } };
}

/**
 * Imports Node modules by `load`, in Node itself, Bun and Deno. Elsewhere (a browser) the import fails and this throws
 * an UnsupportedError naming `what` needed them.
 */
export async function fromNode<T>(what: string, load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (cause) {
    if ((globalThis as Runtime).process?.versions?.node !== undefined) throw cause;
    throw new UnsupportedError(`${what} needs the modules of Node, which this runtime does not have`, { cause });
  }
}
