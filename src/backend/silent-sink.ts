import type { Sink, SinkStats } from './session.js';

/** The facts of a conversation that has no socket; `address` is what CLIENT LIST and MONITOR show. */
export function socketless(address = '', localAddress = address): SinkStats {
  return {
    address,
    localAddress,
    fd: -1,
    queryBufferBytes: 0,
    queryBufferFreeBytes: 0,
    outputBufferBytes: 0,
    outputListLength: 0,
    outputListBytes: 0,
  };
}

/** For a conversation whose replies nobody reads. */
export function silentSink(address = '', localAddress = address): Sink {
  return {
    reply: () => {},
    push: () => {},
    close: () => {},
    resume: () => {},
    stats: socketless(address, localAddress),
  };
}
