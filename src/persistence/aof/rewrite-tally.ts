/** What INFO tells of the rewrites of a log. */
export class RewriteTally {
  /** Rewrites begun. */
  rewrites = 0;
  failuresInARow = 0;
  lastFailed = false;
  /** How long the last one took; −1 before the first. */
  lastSeconds = -1;
  /** When the one that runs was begun, Unix ms; null: none runs. */
  startedAt: number | null = null;

  began(now: number): void {
    this.rewrites++;
    this.startedAt = now;
  }

  /** `failed`: not for being called off. */
  ended(now: number, failed: boolean): void {
    this.lastSeconds = Math.round((now - (this.startedAt ?? now)) / 1000);
    this.startedAt = null;
    this.lastFailed = failed;
    this.failuresInARow = failed ? this.failuresInARow + 1 : 0;
  }
}
