import type { Backend, BackendStats, Capabilities } from './backend/backend.js';
import { LazyBackend } from './backend/lazy-backend.js';
import { LateMemory } from './open-memory.js';
import type { MirrorOptions } from './sharding/mirror.js';
import type { NodeInput } from './sharding/node.js';
import { checkHash, checkNodes, requiredOf } from './sharding/node-names.js';
import type { RingOptions } from './sharding/ring.js';

/** Several nodes as one. It is loaded when it is opened, as nodes are watched from then on. */
class LateGroup extends LazyBackend {
  readonly #kind: string;
  readonly #nodes: ReadonlyMap<string, Backend>;

  constructor(kind: 'ring' | 'mirror', inputs: readonly NodeInput[], load: () => Promise<Backend>) {
    super(capabilitiesOf(inputs), load);
    this.#kind = kind;
    this.#nodes = new Map(inputs.map(({ name, backend }, index) => [name ?? String(index), backend]));
    this.load().catch(() => {});
  }

  /** The backend of each node by name, in the order of the nodes. */
  override get nodes(): ReadonlyMap<string, Backend> {
    return this.#nodes;
  }

  override stats(): BackendStats {
    return this.loaded === null ? { kind: this.#kind } : super.stats();
  }
}

function capabilitiesOf(inputs: readonly NodeInput[]): Capabilities {
  const all = (what: keyof Capabilities): boolean => inputs.every(({ backend }) => backend.capabilities[what]);
  return { transactions: all('transactions'), blocking: all('blocking'), pubsub: all('pubsub'), manyNodes: true };
}

function check(inputs: readonly NodeInput[], { hash = 'ketama' }: Pick<RingOptions, 'hash'>): void {
  checkNodes(inputs.map(({ name, weight = 1 }, index) => ({ name: name ?? String(index), weight })));
  checkHash(hash);
}

/** Engines among the nodes that are yet to be loaded: nobody is to take that for a node that does not answer. */
function lateEngines(inputs: readonly NodeInput[]): LateMemory[] {
  return inputs.flatMap(({ backend }) => (backend instanceof LateMemory && backend.isLate ? [backend] : []));
}

async function loaded(engines: readonly LateMemory[]): Promise<void> {
  await Promise.all(engines.map((engine) => engine.connect()));
}

let rings: typeof import('./sharding/ring.js') | null = null;
let mirrors: typeof import('./sharding/mirror.js') | null = null;

/** A ring of nodes. Throws DataError for nodes that cannot be. */
export function ringOf(inputs: readonly NodeInput[], options: RingOptions): Backend {
  check(inputs, options);
  const engines = lateEngines(inputs);
  if (rings !== null && engines.length === 0) return new rings.Ring(inputs, options);
  return new LateGroup('ring', inputs, async () => {
    [rings] = await Promise.all([import('./sharding/ring.js'), loaded(engines)]);
    return new rings.Ring(inputs, options);
  });
}

/** A mirror of nodes. Throws DataError for nodes that cannot be. */
export function mirrorOf(inputs: readonly NodeInput[], options: MirrorOptions): Backend {
  check(inputs, options);
  requiredOf(options.writes ?? 'any', inputs.length);
  const engines = lateEngines(inputs);
  if (mirrors !== null && engines.length === 0) return new mirrors.Mirror(inputs, options);
  return new LateGroup('mirror', inputs, async () => {
    [mirrors] = await Promise.all([import('./sharding/mirror.js'), loaded(engines)]);
    return new mirrors.Mirror(inputs, options);
  });
}
