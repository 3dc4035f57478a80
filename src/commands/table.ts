import type { Bytes } from '../core/bytes.js';
import { bitmapCommands } from './bitmap.js';
import { clusterCommands } from './cluster.js';
import { connectionCommands } from './connection.js';
import { genericCommands } from './generic.js';
import { geoCommands } from './geo.js';
import { hashCommands } from './hash.js';
import { hyperloglogCommands } from './hyperloglog.js';
import { listCommands } from './list.js';
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

/** Every command of a data server, by the name which the handlers and the façade use: `zadd`, `configGet`. */
export const commands = {
  ...bitmapCommands,
  ...clusterCommands,
  ...connectionCommands,
  ...genericCommands,
  ...geoCommands,
  ...hashCommands,
  ...hyperloglogCommands,
  ...listCommands,
  ...pubsubCommands,
  ...scriptingCommands,
  ...serverCommands,
  ...setCommands,
  ...streamCommands,
  ...stringCommands,
  ...transactionCommands,
  ...zsetCommands,
};

export type CommandKey = keyof typeof commands;

/** The table: look-up by the words that a client sends. */
export class CommandTable {
  readonly #byName = new Map<string, Spec>();
  /** As `#byName`, in lower and in upper case: what clients mostly send. */
  readonly #byWord = new Map<string, Spec>();
  /** By id, which is the same in the tables of all versions. */
  readonly #byId: (Spec | undefined)[] = [];
  readonly all: readonly Spec[];
  /** Which versions the one that it is of is not older than: for what differs beside the commands. */
  readonly since: VersionSteps;

  /** Specs that have no id yet get their positions. */
  constructor(specs: readonly Spec[], version: ServerVersion = NEWEST_VERSION) {
    this.all = specs;
    this.since = stepsOf(version);
    specs.forEach((spec, position) => {
      if (spec.id < 0) spec.id = position;
      this.#byId[spec.id] = spec;
      if (spec.words === 1) this.#byName.set(spec.name.toLowerCase(), spec);
    });
    for (const [name, spec] of this.#byName) this.#byWord.set(name, spec).set(name.toUpperCase(), spec);
    for (const spec of specs) {
      if (spec.words === 1) continue;
      const [container, sub] = spec.name.toLowerCase().split(' ');
      this.#byName.get(container)!.subcommands.set(sub, spec);
    }
  }

  get size(): number {
    return this.all.length;
  }

  /** Top-level commands, containers included. */
  get topLevel(): Iterable<Spec> {
    return this.#byName.values();
  }

  /** By the first word alone, in any case. */
  top(word: Bytes): Spec | undefined {
    return this.#byWord.get(word) ?? this.#byName.get(word.toLowerCase());
  }

  /** The table's own spec of a command that the table of some version has; undefined if this version does not. */
  own(spec: Spec): Spec | undefined {
    return this.#byId[spec.id];
  }

  /** By the words of a request: a subcommand's spec where there is one, its container's if the word is unknown. */
  lookup(argv: readonly Bytes[]): Spec | undefined {
    const spec = this.top(argv[0]);
    if (spec === undefined || !spec.container || argv.length < 2) return spec;
    return spec.subcommands.get(argv[1].toLowerCase()) ?? spec;
  }

  /** By full name as Redis writes it: `config|get`. */
  byFullName(name: Bytes): Spec | undefined {
    const bar = name.indexOf('|');
    if (bar < 0) return this.top(name);
    return this.top(name.slice(0, bar))?.subcommands.get(name.slice(bar + 1).toLowerCase());
  }
}

/** All commands of all versions, as they are in the newest. */
export const commandTable = new CommandTable(Object.values(commands));

const tables = new Map<ServerVersion, CommandTable>([[NEWEST_VERSION, commandTable]]);

/** The commands that a server of some version has, as they were then. Made once per version, O(commands). */
export function tableOf(version: ServerVersion): CommandTable {
  let table = tables.get(version);
  if (table === undefined) {
    const offered = commandTable.all.filter((spec) => isOffered(spec.since, version));
    table = new CommandTable(
      offered.map((spec) => specAt(spec, version)),
      version,
    );
    tables.set(version, table);
  }
  return table;
}

/**
 * As `commandTable`, with the commands that only a Sentinel has: what a client may send. They stand last, so that a
 * command has one id in both tables.
 */
export const clientTable = new CommandTable([...commandTable.all, ...Object.values(sentinelCommands)]);
