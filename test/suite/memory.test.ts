import { facadeSuite } from './facade-suite.js';
import { openMemory } from './open-memory.js';

facadeSuite('memory:', openMemory);
