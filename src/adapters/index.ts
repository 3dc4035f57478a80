/** Stores for other packages, on any backend. None of them is needed to import this. */

export { KeyvStore, type KeyvStoreOptions } from './keyv-store.js';
export { type SessionStore, type SessionStoreOptions, sessionStore } from './session-store.js';
