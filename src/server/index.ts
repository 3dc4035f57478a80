export { EngineAdapter } from './engine-adapter.js';
export type {
  ConnectionInfo,
  EnginePort,
  LogLevel,
  NetworkConfig,
  NetworkCounters,
  OutputClass,
  OutputLimit,
  ServerSession,
} from './engine-port.js';
export { aclFile, type ProcessSurroundingsOptions, processSurroundings } from './process-surroundings.js';
export { type Server, type ServerOptions, startServer } from './server.js';
