interface Placed {
  readonly member: string;
  readonly score: number;
}

/**
 * What a program without Redis keeps instead of a sorted set: a `Map` from member to score, and an array in the order
 * of (score, member) that is kept by binary search and `splice`.
 */
export class SortedMap {
  readonly #scores = new Map<string, number>();
  readonly #order: Placed[] = [];

  set(member: string, score: number): void {
    const old = this.#scores.get(member);
    if (old === score) return;
    if (old !== undefined) this.#order.splice(this.#placeOf(member, old), 1);
    this.#scores.set(member, score);
    this.#order.splice(this.#placeOf(member, score), 0, { member, score });
  }

  score(member: string): number | undefined {
    return this.#scores.get(member);
  }

  rank(member: string): number | undefined {
    const score = this.#scores.get(member);
    return score === undefined ? undefined : this.#placeOf(member, score);
  }

  /** The members of the ranks `start` … `stop`, inclusive. */
  range(start: number, stop: number): string[] {
    return this.#order.slice(start, stop + 1).map(({ member }) => member);
  }

  /** How many come before this one. */
  #placeOf(member: string, score: number): number {
    const order = this.#order;
    let low = 0;
    let high = order.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const at = order[middle]!;
      if (at.score < score || (at.score === score && at.member < member)) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
