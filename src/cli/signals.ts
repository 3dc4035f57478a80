export type StopSignal = 'SIGINT' | 'SIGTERM';

/**
 * Calls `stop` on SIGINT and SIGTERM. A second signal ends the process at once, as long as it is `stopping`.
 */
export function onSignals(stop: (signal: StopSignal) => void, stopping: () => boolean = () => true): void {
  let asked = false;
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (asked && stopping()) process.exit(1);
      asked = true;
      stop(signal);
    });
  }
  // Closing the terminal must not end a server that was sent to the background.
  process.on('SIGHUP', () => {});
}
