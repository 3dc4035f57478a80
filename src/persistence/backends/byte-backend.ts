import { joinArrays } from '../../core/bytes.js';
import { DataError } from '../../core/errors.js';
import { fromNode } from '../../core/node-modules.js';
import type { Engine } from '../../engine/engine.js';
import type { DatasetBackend, Progress } from './backend.js';

/** Encodes data as bytes and back, chunk by chunk. */
export interface ByteFormat {
  readonly extension: string;
  encode(engine: Engine): Iterable<Uint8Array>;
  /** Fills an empty engine. Throws if the bytes are invalid. */
  decode(engine: Engine, chunks: Iterable<Uint8Array>, progress?: Progress): void;
}

/** Stores bytes under a name. `write` replaces atomically. */
export interface ByteStore {
  write(path: string, chunks: Iterable<Uint8Array>): Promise<void>;
  /** Null if nothing is there. */
  read(path: string): Promise<Iterable<Uint8Array> | null>;
}

/** Files, on Node only; the modules are loaded on first use, so that this one runs in browsers. */
export const files: ByteStore = {
  async write(path, chunks) {
    const { replaceFileSlowly } = await fromNode('a file', () => import('../durable-file.js'));
    await replaceFileSlowly(path, chunks);
  },
  async read(path) {
    const { isMissing, readFileChunks } = await fromNode('a file', () => import('../durable-file.js'));
    try {
      return readFileChunks(path);
    } catch (error) {
      if (isMissing(error)) return null;
      throw error;
    }
  },
};

/** Passes chunks through, reporting the bytes consumed so far whenever the next one is requested. */
function* counted(chunks: Iterable<Uint8Array>, progress: Progress): Generator<Uint8Array, void> {
  let bytes = 0;
  for (const chunk of chunks) {
    yield chunk;
    bytes += chunk.length;
    progress(bytes);
  }
}

/** A byte format combined with a store. Loading errors name the path. */
export class ByteBackend implements DatasetBackend<Uint8Array> {
  readonly #format: ByteFormat;
  readonly #store: ByteStore;

  constructor(format: ByteFormat, store: ByteStore = files) {
    this.#format = format;
    this.#store = store;
  }

  get extension(): string {
    return this.#format.extension;
  }

  dump(engine: Engine): Uint8Array {
    const parts = [...this.#format.encode(engine)];
    return joinArrays(
      parts,
      parts.reduce((sum, { length }) => sum + length, 0),
    );
  }

  restore(engine: Engine, data: Uint8Array, progress?: Progress): void {
    if (!(data instanceof Uint8Array)) throw new DataError('expected a Uint8Array returned by dump()');
    this.#format.decode(engine, [data], progress);
  }

  async save(path: string, engine: Engine, progress?: Progress): Promise<void> {
    const chunks = this.#format.encode(engine);
    await this.#store.write(path, progress === undefined ? chunks : counted(chunks, progress));
  }

  async load(path: string, engine: Engine, progress?: Progress): Promise<boolean> {
    const chunks = await this.#store.read(path);
    if (chunks === null) return false;
    try {
      this.#format.decode(engine, chunks, progress);
    } catch (error) {
      throw new DataError(`${path}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
    }
    return true;
  }
}
