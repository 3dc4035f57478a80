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
  /** Output that waits for clients to read it, as it is now. */
  heldOutputBytes = 0;

  reset(): void {
    const { heldOutputBytes } = this;
    Object.assign(this, new NetworkCounters(), { heldOutputBytes });
  }
}
