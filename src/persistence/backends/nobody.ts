import type { Sink } from '../../backend/session.js';

/** A conversation whose replies nobody reads. */
export const nobody: Sink = {
  reply: () => {},
  push: () => {},
  close: () => {},
  resume: () => {},
  stats: {
    address: 'embedded:0',
    localAddress: 'embedded:0',
    fd: -1,
    queryBufferBytes: 0,
    queryBufferFreeBytes: 0,
    outputBufferBytes: 0,
    outputListLength: 0,
    outputListBytes: 0,
  },
};
