/** Calls `stop` on SIGINT and SIGTERM. A second signal ends the process at once. */
export function onSignals(stop: (signal: 'SIGINT' | 'SIGTERM') => void): void {
  let asked = false;
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (asked) process.exit(1);
      asked = true;
      stop(signal);
    });
  }
  // The terminal that goes away is no reason to end a server that has been put into the background.
  process.on('SIGHUP', () => {});
}
