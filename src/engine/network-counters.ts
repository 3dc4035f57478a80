/** Figures of the connections, counted by whoever serves them; CONFIG RESETSTAT sets them back. */
export class NetworkCounters {
  connectionsReceived = 0;
  connectionsRejected = 0;
  inputBytes = 0;
  outputBytes = 0;
  readsProcessed = 0;
  writesProcessed = 0;
  outputLimitClosed = 0;
  queryLimitClosed = 0;
  /** What connections hold now: output that waits to be read, and buffers with begun requests. */
  heldBytes = 0;

  reset(): void {
    const { heldBytes } = this;
    Object.assign(this, new NetworkCounters(), { heldBytes });
  }
}
