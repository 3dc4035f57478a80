import type { Sink } from '../../src/backend/session.js';
import { silentSink } from '../../src/backend/silent-sink.js';

/** Takes what nobody wants to know. */
export const silent: Sink = silentSink('127.0.0.1:1', '127.0.0.1:2');
