/** Some arrays that several hold since one fork. */
interface Share {
  holders: number;
}

/**
 * With whom a holder of forked data shares its arrays. Every fork makes a share which both sides hold; a fork of a fork
 * joins the shares of its parent as well, since what those cover is now its own, too. Whoever must write to a shared
 * array copies it first, unless all others have left.
 */
export class Lineage {
  #shares: Share[] = [];
  /** Nothing was written since the last fork: the next one joins its share. */
  #still = false;
  #left = false;

  /** Nobody else holds what was shared. O(forks since the last time this was so). */
  get alone(): boolean {
    if (this.#left) return false;
    this.#shares = this.#shares.filter(({ holders }) => holders > 1);
    return this.#shares.length === 0;
  }

  /** The lineage of a copy. O(forks that are held). */
  fork(): Lineage {
    this.#shares = this.#shares.filter(({ holders }) => holders > 1);
    if (!this.#still || this.#shares.length === 0) this.#shares.push({ holders: 1 });
    this.#still = true;
    const child = new Lineage();
    child.#shares = this.#shares.slice();
    for (const share of child.#shares) share.holders++;
    return child;
  }

  /** Something that was shared has been copied or replaced. */
  parted(): void {
    this.#still = false;
  }

  /** Gives up all that is held: the data of this holder are not used any more. */
  leave(): void {
    for (const share of this.#shares) share.holders--;
    this.#shares = [];
    this.#left = true;
  }
}
