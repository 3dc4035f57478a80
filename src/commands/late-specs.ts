import type { Spec } from './spec.js';
import type { UnionToIntersection } from './term.js';

/** How the declarations of a group are written down: each says how its spec is made. */
export type Declarations = Readonly<Record<string, () => Spec>>;

/** The specs of groups of declarations, by the same names. */
export type SpecsOf<G extends readonly Declarations[]> = UnionToIntersection<SpecsOfOne<G[number]>>;

type SpecsOfOne<D extends Declarations> = D extends unknown ? { readonly [K in keyof D]: ReturnType<D[K]> } : never;

/**
 * Specs that are made when they are first asked for: there are hundreds of commands, and a program gives few of them. The
 * first has the id `firstId`, the others follow in the order of their declarations.
 */
export function specsOf<const G extends readonly Declarations[]>(groups: G, firstId = 0): SpecsOf<G> {
  const specs = emptyRecord();
  let next = firstId;
  for (const declarations of groups) {
    for (const key of Object.keys(declarations)) {
      const id = next++;
      const make = (): Spec => {
        const spec = declarations[key]!();
        spec.id = id;
        put(specs, key, spec);
        if (spec.container) fillContainer(specs, key);
        return spec;
      };
      Object.defineProperty(specs, key, { get: make, enumerable: true, configurable: true });
    }
  }
  return specs as SpecsOf<G>;
}

/** The specs of both, without making any. */
export function bothOf(
  some: Readonly<Record<string, Spec>>,
  more: Readonly<Record<string, Spec>>,
): Record<string, Spec> {
  const all = emptyRecord();
  for (const specs of [some, more]) {
    for (const key of Object.keys(specs)) {
      Object.defineProperty(all, key, {
        get: () => put(all, key, specs[key]!),
        enumerable: true,
        configurable: true,
      });
    }
  }
  return all;
}

/** Gives a container its subcommands, in the order of the specs. */
export function fillContainer(specs: Readonly<Record<string, Spec>>, key: string): void {
  const { name, subcommands } = specs[key]!;
  for (const other of Object.keys(specs)) {
    if (!other.startsWith(key) || other === key) continue;
    const spec = specs[other]!;
    if (spec.words === 2 && spec.name.startsWith(`${name} `)) {
      subcommands.set(spec.name.slice(name.length + 1).toLowerCase(), spec);
    }
  }
}

/** Made without a prototype it is a hash table from the beginning, and changing what it has by a name costs next to nothing. */
function emptyRecord(): Record<string, Spec> {
  return Object.create(null) as Record<string, Spec>;
}

function put(specs: Record<string, Spec>, key: string, spec: Spec): Spec {
  Object.defineProperty(specs, key, { value: spec, enumerable: true, configurable: true, writable: false });
  return spec;
}
