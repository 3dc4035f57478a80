/**
 * The outgoing direction of a connection; reads are pushed into the peer by whoever created the transport. At most one
 * send is in progress; while `busy` is true nothing more may be sent.
 */
export interface Transport {
  readonly busy: boolean;
  /** Bytes given to `send` that the kernel has not taken yet. */
  readonly pendingBytes: number;
  /**
   * Sends `bytes[start, end)`. True: the bytes are no longer needed. False: the send continues and holds the array
   * until `onDrained` is called; the caller must not write to the array again.
   */
  send(bytes: Uint8Array, start: number, end: number): boolean;
  onDrained: () => void;
  /** Closes at once; what was sent to the kernel is still delivered. */
  destroy(): void;
}
