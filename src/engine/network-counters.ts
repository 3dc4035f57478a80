/** Counters of connections, updated by whoever serves them; CONFIG RESETSTAT resets them. */
export class NetworkCounters {
  connectionsReceived = 0;
  connectionsRejected = 0;
  inputBytes = 0;
  outputBytes = 0;
  readsProcessed = 0;
  writesProcessed = 0;
  outputLimitClosed = 0;
  queryLimitClosed = 0;
  /** Turns of the event loop in which connections were served, and how long they took. */
  turns = 0;
  turnMicros = 0;
  /** What connections hold now: output that waits to be read, and buffers with begun requests. */
  heldBytes = 0;
  /** What is listened on, a line for each: `name=tcp,bind=127.0.0.1,port=6379`. */
  listeners: readonly string[] = [];

  reset(): void {
    const { heldBytes, listeners } = this;
    Object.assign(this, new NetworkCounters(), { heldBytes, listeners });
  }
}
