/**
 * One direction of a connection: bytes out. Reading is pushed into the peer by whoever made the transport.
 * At most one send is under way; while it is, `busy` is true and nothing more may be sent.
 */
export interface Transport {
  readonly busy: boolean;
  /** Bytes given to `send` that the kernel has not taken yet. */
  readonly pendingBytes: number;
  /**
   * Sends `bytes[start, end)`. True: the bytes are no longer needed. False: the send goes on and holds the array
   * until `onDrained` is called; the caller must not write to the array again.
   */
  send(bytes: Uint8Array, start: number, end: number): boolean;
  onDrained: () => void;
  /** Closes at once; what was sent to the kernel is still delivered. */
  destroy(): void;
}
