import { keysOf as keyPositionsOf, type Spec } from '../commands/spec.js';
import { commandTable } from '../commands/table.js';
import { type Bytes, bytesFromText, textFromBytes } from '../core/bytes.js';
import { keySlot } from '../core/crc16.js';
import { DataError } from '../core/errors.js';

/** What happens to a command that a fault meets. Only `error`, `drop: 'before'` and `stall: 'before'` leave it undone. */
export type FaultAction =
  /** This error is the reply. */
  | { readonly error: string }
  /** It is carried out so many milliseconds later, on the machine's clock; what the connection sends next waits. */
  | { readonly delay: number }
  /** The connection is closed before it is carried out, or after it but before its reply. */
  | { readonly drop: 'before' | 'after' }
  /** It is carried out, and after so many bytes of the reply the connection is closed. */
  | { readonly cut: number }
  /** No reply ever comes, nor anything else on this connection. */
  | { readonly stall: 'before' | 'after' };

/** Which commands a fault meets. Without `on` and `when`: all but those of the handshake (HELLO, AUTH, SELECT, CLIENT …). */
export interface FaultFilter {
  /** Names, such as `'GET'` or `'CONFIG SET'`; a container's name means all its subcommands. */
  readonly on?: string | readonly string[];
  /** Commands with this key. */
  readonly key?: string;
  /** The arguments as text, the name first. */
  readonly when?: (argv: readonly string[]) => boolean;
  /** How many commands pass before the first that is met: 2 for the third. Default 0. */
  readonly skip?: number;
  /** How many commands are met. Default 1. */
  readonly times?: number;
}

/** A fault that was injected. */
export interface Fault {
  /** How many commands it has met. */
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

/** The faults of a test server. Each meets the commands that fit, from any connection, until it is used up or cleared. */
export class Faults {
  readonly #armed = new Set<Armed>();

  /** Whether commands have to be looked at. */
  get any(): boolean {
    return this.#armed.size > 0;
  }

  inject(action: FaultAction, filter: FaultFilter = {}): Fault {
    return this.#arm(filterOf(filter), () => action, filter);
  }

  /** Writes are answered as by a replica. */
  readOnly(filter: FaultFilter = {}): Fault {
    return this.#answer("READONLY You can't write against a read only replica.", filter, (spec) => spec.isWrite);
  }

  /** As while a data file is read. */
  loading(filter: FaultFilter = {}): Fault {
    return this.#answer(
      'LOADING Redis is loading the dataset in memory',
      filter,
      (spec) => !spec.flags.includes('loading'),
    );
  }

  /** Commands that may need memory are refused. */
  outOfMemory(filter: FaultFilter = {}): Fault {
    const text = "OOM command not allowed when used memory > 'maxmemory'.";
    return this.#answer(text, filter, (spec) => spec.denyOom);
  }

  /** As by a node of a cluster that does not serve the slot of the first key (any more): `to` is `host:port`. */
  moved(to: string, filter: FaultFilter = {}): Fault {
    return this.#redirect('MOVED', to, filter);
  }

  /** As while a slot migrates: this command alone has to be asked of `to`. */
  ask(to: string, filter: FaultFilter = {}): Fault {
    return this.#redirect('ASK', to, filter);
  }

  clear(): void {
    this.#armed.clear();
  }

  /** @internal What happens to this command, and counts it; null for nothing. The first that was injected goes first. */
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
    if (!(skip >= 0) || !(times >= 1)) throw new DataError('a fault needs skip ≥ 0 and times ≥ 1');
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

/** Throws DataError for what is no command: a fault that can never happen would hide a test's mistake. */
function fullNameOf(name: string): string {
  const spec = commandTable.byFullName(name.toLowerCase().trim().replace(/\s+/, '|'));
  if (spec === undefined) throw new DataError(`there is no command '${name}'`);
  return spec.fullName;
}
