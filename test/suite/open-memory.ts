import { open } from '../../src/index.js';
import type { Open } from './facade-suite.js';

/** The engine in the process, as the suite runs over it in Node and in a browser. */
export const openMemory: Open = async () => {
  const db = open('memory:', { settings: { enableDebugCommand: 'yes' } });
  return { db, close: () => db.close() };
};
