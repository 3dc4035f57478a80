import type { Bytes } from '../core/bytes.js';
import { bitmapCommands } from './bitmap.js';
import { clusterCommands } from './cluster.js';
import { connectionCommands } from './connection.js';
import { genericCommands } from './generic.js';
import { geoCommands } from './geo.js';
import { hashCommands } from './hash.js';
import { hyperloglogCommands } from './hyperloglog.js';
import { bothOf, fillContainer, specsOf } from './late-specs.js';
import { listCommands } from './list.js';
import { keyOf } from './names.js';
import { pubsubCommands } from './pubsub.js';
import { scriptingCommands } from './scripting.js';
import { sentinelCommands } from './sentinel.js';
import { serverCommands } from './server.js';
import { setCommands } from './set.js';
import { type Spec, specAt } from './spec.js';
import { streamCommands } from './stream.js';
import { stringCommands } from './string.js';
import { transactionCommands } from './transactions.js';
import { isOffered, NEWEST_VERSION, type ServerVersion, stepsOf, type VersionSteps } from './version.js';
import { zsetCommands } from './zset.js';

/** Every command of a data server, by its name in handlers and façade: `zadd`, `configGet`. */
export const commands = specsOf([
  bitmapCommands,
  clusterCommands,
  connectionCommands,
  genericCommands,
  geoCommands,
  hashCommands,
  hyperloglogCommands,
  listCommands,
  pubsubCommands,
  scriptingCommands,
  serverCommands,
  setCommands,
  streamCommands,
  stringCommands,
  transactionCommands,
  zsetCommands,
]);

/** The command table: look-up by the words that clients send. */
export class CommandTable {
  readonly #specs: Readonly<Record<string, Spec>>;
  /** The names in `#specs` by id, which is the same in the tables of all versions. */
  readonly #keys: readonly (string | undefined)[];
  /** What was asked for already, by word in lower and in upper case: what clients mostly send. */
  readonly #byWord = new Map<string, Spec>();
  readonly #byId: (Spec | undefined)[] = [];
  #all: readonly Spec[] | null = null;
  readonly size: number;
  /** Which versions the one that it is of is not older than: for what differs beside the commands. */
  readonly since: VersionSteps;

  /** Specs by their names; `keys` has these names by id. */
  constructor(
    specs: Readonly<Record<string, Spec>>,
    keys: readonly (string | undefined)[] = Object.keys(specs),
    version: ServerVersion = NEWEST_VERSION,
  ) {
    this.#specs = specs;
    this.#keys = keys;
    this.size = Object.keys(specs).length;
    this.since = stepsOf(version);
  }

  /** All of them, which are then made if they were not: O(commands) the first time. */
  get all(): readonly Spec[] {
    this.#all ??= Object.values(this.#specs);
    return this.#all;
  }

  /** Top-level commands, containers included. */
  get topLevel(): Iterable<Spec> {
    return this.all.filter((spec) => spec.words === 1);
  }

  /** By the first word alone, in any case. */
  top(word: Bytes): Spec | undefined {
    return this.#byWord.get(word) ?? this.#top(word.toLowerCase());
  }

  /** The table's own spec of a command that the table of some version has; undefined if this version does not. */
  own(spec: Spec): Spec | undefined {
    return this.#byId[spec.id] ?? this.#own(spec.id);
  }

  /** By the words of a request: a subcommand's spec where there is one, its container's if the word is unknown. */
  lookup(argv: readonly Bytes[]): Spec | undefined {
    const spec = this.top(argv[0]);
    if (spec === undefined || !spec.container || argv.length < 2) return spec;
    return spec.subcommands.get(argv[1].toLowerCase()) ?? spec;
  }

  /** By the name that the façade has for it: `configGet`. */
  byKey(key: string): Spec | undefined {
    return Object.hasOwn(this.#specs, key) ? this.#specs[key] : undefined;
  }

  /** By full name as Redis writes it: `config|get`. */
  byFullName(name: Bytes): Spec | undefined {
    const bar = name.indexOf('|');
    if (bar < 0) return this.top(name);
    return this.top(name.slice(0, bar))?.subcommands.get(name.slice(bar + 1).toLowerCase());
  }

  #top(word: Bytes): Spec | undefined {
    const known = this.#byWord.get(word);
    if (known !== undefined) return known;
    const spec = this.byKey(keyOf(word));
    if (spec?.fullName !== word) return undefined;
    this.#byWord.set(word, spec).set(spec.name, spec);
    return spec;
  }

  #own(id: number): Spec | undefined {
    const key = this.#keys[id];
    if (key === undefined) return undefined;
    const spec = this.#specs[key];
    this.#byId[id] = spec;
    return spec;
  }
}

/** All commands of all versions, as they are in the newest. */
export const commandTable = new CommandTable(commands);

const tables = new Map<ServerVersion, CommandTable>([[NEWEST_VERSION, commandTable]]);

/** The commands that a server of some version has, as they were then. Made once per version, O(commands). */
export function tableOf(version: ServerVersion): CommandTable {
  let table = tables.get(version);
  if (table === undefined) {
    table = oldTable(version);
    tables.set(version, table);
  }
  return table;
}

function oldTable(version: ServerVersion): CommandTable {
  const specs: Record<string, Spec> = {};
  const keys: string[] = [];
  for (const [key, spec] of Object.entries<Spec>(commands)) {
    if (!isOffered(spec.since, version)) continue;
    specs[key] = specAt(spec, version);
    keys[spec.id] = key;
  }
  for (const key of keys) if (key !== undefined && specs[key]!.container) fillContainer(specs, key);
  return new CommandTable(specs, keys, version);
}

/**
 * As `commandTable`, with the commands that only a Sentinel has: what a client may send. They stand last, so that a
 * command has one id in both tables.
 */
export const clientTable = new CommandTable(bothOf(commands, specsOf([sentinelCommands], commandTable.size)));
