import { ListChain } from './list-chain.js';

/** So many short lists are in work at a time, of all engines of the process together. */
const BENCHES_MAX = 64;

/** A short list that is worked on in a chain which is not its own. */
interface Guest {
  /** Somebody else needs the bench: the list takes its elements along. */
  leaveBench(): void;
}

/**
 * A place where a short list is unpacked: its commands change the chain, and it is packed again only when another list
 * needs the place. With fewer lists in use than there are benches none is ever packed.
 */
export class ListBench {
  chain = new ListChain(null);
  guest: Guest | null = null;
  /** Walks under way, during which the list stays. */
  walks = 0;
}

const benches: ListBench[] = [];
let last = 0;

/** A bench for `guest`, the chain still as the one before left it: of the one that came first. */
export function takeBench(guest: Guest): ListBench {
  const bench = benches.length < BENCHES_MAX ? newBench() : nextBench();
  bench.guest?.leaveBench();
  bench.guest = guest;
  return bench;
}

function newBench(): ListBench {
  const bench = new ListBench();
  benches.push(bench);
  return bench;
}

function nextBench(): ListBench {
  for (let tries = 0; tries < BENCHES_MAX; tries++) {
    last = (last + 1) % BENCHES_MAX;
    if (benches[last].walks === 0) return benches[last];
  }
  return new ListBench();
}
