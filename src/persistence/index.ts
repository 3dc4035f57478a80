/** Data kept outside an engine: `keyspan/persistence`. */
export { aofFormat } from './backends/aof-format.js';
export type { DatasetBackend, Progress } from './backends/backend.js';
export {
  type IndexedFactory,
  indexedStore,
  type PrivateFolder,
  privateFileStore,
} from './backends/browser-stores.js';
export { ByteBackend, type ByteFormat, type ByteStore, files } from './backends/byte-backend.js';
export { type JsonEntry, jsonFormat } from './backends/json-format.js';
export { MemoryBackend } from './backends/memory-backend.js';
export { rdbFormat } from './backends/rdb-format.js';
export { backendNamed, Dataset, type DatasetOptions, registerBackend } from './dataset.js';
