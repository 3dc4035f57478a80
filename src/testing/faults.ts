import { keysOf as keyPositionsOf, type Spec } from '../commands/spec.js';
import { commandTable } from '../commands/table.js';
import { type Bytes, bytesFromText, textFromBytes } from '../core/bytes.js';
import { keySlot } from '../core/crc16.js';
import { DataError } from '../core/errors.js';

/**
 * What a fault does to a command. Only `error`, `drop: 'before'` and `stall: 'before'` keep it from being carried out.
 */
export type FaultAction =
  /** Replies with this error. */
  | { readonly error: string }
  /** Carries it out after so many milliseconds of real time; what the connection sends next waits. */
  | { readonly delay: number }
  /** Closes the connection before carrying it out, or after that but before its reply. */
  | { readonly drop: 'before' | 'after' }
  /** Carries it out and closes the connection after so many bytes of the reply. */
  | { readonly cut: number }
  /** Never replies, nor sends anything else on this connection. */
  | { readonly stall: 'before' | 'after' };

/**
 * Which commands a fault applies to. Without `on` and `when`: all but those of the handshake (HELLO, AUTH, SELECT,
 * CLIENT …).
 */
export interface FaultFilter {
  /** Names, such as `'GET'` or `'CONFIG SET'`; a container's name means all its subcommands. */
  readonly on?: string | readonly string[];
  /** Commands with this key. */
  readonly key?: string;
  /** A predicate on the arguments as text, name first. */
  readonly when?: (argv: readonly string[]) => boolean;
  /** How many matching commands to let pass first: 2 starts at the third. Default 0. */
  readonly skip?: number;
  /** How many commands the fault applies to. Default 1. */
  readonly times?: number;
}

/** A fault that was injected. */
export interface Fault {
  /** How many commands it has been applied to. */
  readonly hits: number;
  clear(): void;
}

interface Armed {
  matches(spec: Spec | undefined, argv: readonly Bytes[]): boolean;
  action(argv: readonly Bytes[]): FaultAction;
  skip: number;
  left: number;
  hits: number;
}

/**
 * The faults of a test server. Each applies to matching commands, from any connection, until it is used up or cleared.
 */
export class Faults {
  readonly #armed = new Set<Armed>();

  /** Whether commands have to be checked for faults at all. */
  get any(): boolean {
    return this.#armed.size > 0;
  }

  inject(action: FaultAction, filter: FaultFilter = {}): Fault {
    return this.#arm(filterOf(filter), () => action, filter);
  }

  /** Rejects writes as a replica does. */
  readOnly(filter: FaultFilter = {}): Fault {
    return this.#answer("READONLY You can't write against a read only replica.", filter, (spec) => spec.isWrite);
  }

  /** Rejects commands as a server does while it loads its data. */
  loading(filter: FaultFilter = {}): Fault {
    return this.#answer(
      'LOADING Redis is loading the dataset in memory',
      filter,
      (spec) => !spec.flags.includes('loading'),
    );
  }

  /** Rejects commands that may need memory. */
  outOfMemory(filter: FaultFilter = {}): Fault {
    const text = "OOM command not allowed when used memory > 'maxmemory'.";
    return this.#answer(text, filter, (spec) => spec.denyOom);
  }

  /**
   * Redirects permanently, as a cluster node does that does not serve the slot of the first key; `to` is `host:port`.
   */
  moved(to: string, filter: FaultFilter = {}): Fault {
    return this.#redirect('MOVED', to, filter);
  }

  /** Redirects this one command, as a cluster node does while a slot migrates; `to` is `host:port`. */
  ask(to: string, filter: FaultFilter = {}): Fault {
    return this.#redirect('ASK', to, filter);
  }

  clear(): void {
    this.#armed.clear();
  }

  /**
   * @internal What happens to this command, counting it as a hit; null for nothing. Faults apply in the order of
   * injection.
   */
  meet(argv: readonly Bytes[]): FaultAction | null {
    const spec = commandTable.lookup(argv as Bytes[]);
    for (const armed of this.#armed) {
      if (!armed.matches(spec, argv)) continue;
      if (armed.skip > 0) {
        armed.skip--;
        continue;
      }
      armed.hits++;
      if (--armed.left === 0) this.#armed.delete(armed);
      return armed.action(argv);
    }
    return null;
  }

  #answer(error: string, filter: FaultFilter, which: (spec: Spec) => boolean): Fault {
    const fits = filterOf(filter);
    return this.#arm(
      (spec, argv) => spec !== undefined && which(spec) && fits(spec, argv),
      () => ({ error }),
      filter,
    );
  }

  #redirect(kind: 'MOVED' | 'ASK', to: string, filter: FaultFilter): Fault {
    const fits = filterOf(filter);
    const error = (argv: readonly Bytes[]): string => `${kind} ${keySlot(keysOf(argv)[0]!)} ${to}`;
    return this.#arm(
      (spec, argv) => keysOf(argv).length > 0 && fits(spec, argv),
      (argv) => ({ error: error(argv) }),
      filter,
    );
  }

  #arm(matches: Armed['matches'], action: Armed['action'], { skip = 0, times = 1 }: FaultFilter): Fault {
    if (!(skip >= 0) || !(times >= 1)) throw new DataError("a fault needs 'skip' ≥ 0 and 'times' ≥ 1");
    const armed: Armed = { matches, action, skip, left: times, hits: 0 };
    this.#armed.add(armed);
    return {
      get hits() {
        return armed.hits;
      },
      clear: () => void this.#armed.delete(armed),
    };
  }
}

function keysOf(argv: readonly Bytes[]): Bytes[] {
  const spec = commandTable.lookup(argv as Bytes[]);
  const positions = spec === undefined ? null : keyPositionsOf(spec, argv);
  return (positions ?? []).map(({ index }) => argv[index]!);
}

function filterOf({ on, key, when }: FaultFilter): Armed['matches'] {
  const names = on === undefined ? null : [on].flat().map(fullNameOf);
  const bytes = key === undefined ? null : bytesFromText(key);
  return (spec, argv) => {
    if (names === null && when === undefined && spec?.group === 'connection') return false;
    if (names !== null && !names.some((name) => spec?.fullName === name || spec?.fullName.startsWith(`${name}|`))) {
      return false;
    }
    return (bytes === null || keysOf(argv).includes(bytes)) && (when === undefined || when(argv.map(textFromBytes)));
  };
}

/** Throws DataError for an unknown command: a fault that can never apply would hide a mistake in a test. */
function fullNameOf(name: string): string {
  const spec = commandTable.byFullName(name.toLowerCase().trim().replace(/\s+/, '|'));
  if (spec === undefined) throw new DataError(`unknown command '${name}'`);
  return spec.fullName;
}
