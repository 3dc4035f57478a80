import { joinArrays } from '../../core/bytes.js';
import type { ByteStore } from './byte-backend.js';

/** The part of IndexedDB that is used, so that a test can provide its own. */
export interface IndexedFactory {
  open(name: string, version: number): IndexedRequest<IndexedDatabase> & { onupgradeneeded: (() => void) | null };
}
interface IndexedRequest<T> {
  readonly result: T;
  readonly error: unknown;
  onsuccess: (() => void) | null;
  onerror: (() => void) | null;
}
interface IndexedDatabase {
  createObjectStore(name: string): unknown;
  transaction(name: string, mode: 'readonly' | 'readwrite'): IndexedTransaction;
  close(): void;
}
interface IndexedTransaction {
  objectStore(name: string): {
    put(value: Uint8Array, key: string): IndexedRequest<unknown>;
    get(key: string): IndexedRequest<Uint8Array | undefined>;
  };
  readonly error: unknown;
  oncomplete: (() => void) | null;
  onerror: (() => void) | null;
  onabort: (() => void) | null;
}

const STORE = 'datasets';

/** Stores datasets in IndexedDB, one record each. A write is one transaction: a failure keeps the old record. */
export function indexedStore(database = 'keyspan', factory: IndexedFactory = globalOf('indexedDB')): ByteStore {
  const opened = async (): Promise<IndexedDatabase> => {
    const request = factory.open(database, 1);
    request.onupgradeneeded = () => {
      request.result.createObjectStore(STORE);
    };
    return await settled(request);
  };
  return {
    async write(path, chunks) {
      const value = joined(chunks);
      const db = await opened();
      try {
        const transaction = db.transaction(STORE, 'readwrite');
        transaction.objectStore(STORE).put(value, path);
        await new Promise<void>((resolve, reject) => {
          transaction.oncomplete = () => resolve();
          transaction.onerror = () => reject(transaction.error);
          transaction.onabort = () => reject(transaction.error);
        });
      } finally {
        db.close();
      }
    },
    async read(path) {
      const db = await opened();
      try {
        const value = await settled(db.transaction(STORE, 'readonly').objectStore(STORE).get(path));
        return value === undefined ? null : [value];
      } finally {
        db.close();
      }
    },
  };
}

/** The part of the origin private file system that is used. */
export interface PrivateFolder {
  getFileHandle(name: string, options?: { create?: boolean }): Promise<PrivateFile>;
}
interface PrivateFile {
  getFile(): Promise<{ arrayBuffer(): Promise<ArrayBuffer> }>;
  createWritable(): Promise<{ write(data: Uint8Array): Promise<void>; close(): Promise<void>; abort(): Promise<void> }>;
}

/**
 * Stores datasets in the origin private file system, one file each. The old content stays until the new file is closed.
 */
export function privateFileStore(folder: () => Promise<PrivateFolder> = rootFolder): ByteStore {
  return {
    async write(path, chunks) {
      const handle = await (await folder()).getFileHandle(path, { create: true });
      const file = await handle.createWritable();
      try {
        for (const chunk of chunks) await file.write(chunk);
      } catch (error) {
        await file.abort();
        throw error;
      }
      await file.close();
    },
    async read(path) {
      try {
        const handle = await (await folder()).getFileHandle(path);
        return [new Uint8Array(await (await handle.getFile()).arrayBuffer())];
      } catch (error) {
        if ((error as { name?: string }).name === 'NotFoundError') return null;
        throw error;
      }
    },
  };
}

function rootFolder(): Promise<PrivateFolder> {
  return globalOf<{ storage: { getDirectory(): Promise<PrivateFolder> } }>('navigator').storage.getDirectory();
}

function globalOf<T>(name: string): T {
  return (globalThis as unknown as Record<string, T>)[name];
}

function joined(chunks: Iterable<Uint8Array>): Uint8Array {
  const parts = [...chunks];
  return joinArrays(
    parts,
    parts.reduce((sum, { length }) => sum + length, 0),
  );
}

function settled<T>(request: IndexedRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
