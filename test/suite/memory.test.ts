import { open } from '../../src/index.js';
import { facadeSuite } from './facade-suite.js';

facadeSuite('memory:', async () => {
  const db = open('memory:', { settings: { enableDebugCommand: 'yes' } });
  return { db, close: () => db.close() };
});
