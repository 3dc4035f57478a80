import type { Sink } from '../../src/backend/session.js';

/** Takes what nobody wants to know. */
export const silent: Sink = {
  reply: () => {},
  push: () => {},
  close: () => {},
  resume: () => {},
  stats: {
    address: '127.0.0.1:1',
    localAddress: '127.0.0.1:2',
    fd: 9,
    queryBufferBytes: 0,
    queryBufferFreeBytes: 0,
    outputBufferBytes: 0,
    outputListLength: 0,
    outputListBytes: 0,
  },
};
