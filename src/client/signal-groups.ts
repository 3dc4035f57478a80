/** What an abort ends. */
export interface Abortable {
  abort(reason: unknown): void;
}

/** One listener per signal, however many commands follow it; it is taken off when none is left. */
export class SignalGroups {
  readonly #groups = new Map<AbortSignal, { members: Set<Abortable>; listener: () => void }>();

  /** How many signals are listened to. */
  get size(): number {
    return this.#groups.size;
  }

  add(signal: AbortSignal, member: Abortable): void {
    let group = this.#groups.get(signal);
    if (group === undefined) {
      group = { members: new Set(), listener: () => this.#abort(signal) };
      this.#groups.set(signal, group);
      signal.addEventListener('abort', group.listener);
    }
    group.members.add(member);
  }

  remove(signal: AbortSignal, member: Abortable): void {
    const group = this.#groups.get(signal);
    if (group === undefined || !group.members.delete(member) || group.members.size > 0) return;
    this.#groups.delete(signal);
    signal.removeEventListener('abort', group.listener);
  }

  #abort(signal: AbortSignal): void {
    for (const member of [...(this.#groups.get(signal)?.members ?? [])]) member.abort(signal.reason);
  }
}
