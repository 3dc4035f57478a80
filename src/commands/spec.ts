import type { Bytes } from '../core/bytes.js';
import { aclCategoriesOf } from './acl-categories.js';
import type { Follow } from './follow.js';
import { type KeyPosition, type KeySpec, keyPositions, keySpecsOf } from './key-spec.js';
import { camel } from './names.js';
import type { Shape } from './shape.js';
import type { ParamsOf, Term } from './term.js';
import { isOffered, type ServerVersion, termsAt } from './version.js';

export type Group =
  | 'generic'
  | 'string'
  | 'bitmap'
  | 'hash'
  | 'list'
  | 'set'
  | 'sorted-set'
  | 'hyperloglog'
  | 'geo'
  | 'stream'
  | 'pubsub'
  | 'transactions'
  | 'scripting'
  | 'connection'
  | 'server'
  | 'cluster'
  | 'sentinel';

/** COMMAND INFO's flags. */
export type CommandFlag =
  | 'write'
  | 'readonly'
  | 'denyoom'
  | 'admin'
  | 'pubsub'
  | 'noscript'
  | 'blocking'
  | 'loading'
  | 'stale'
  | 'skip_monitor'
  | 'skip_slowlog'
  | 'asking'
  | 'fast'
  | 'no_auth'
  | 'may_replicate'
  | 'sentinel'
  | 'no_mandatory_keys'
  | 'protected'
  | 'no_async_loading'
  | 'no_multi'
  | 'allow_busy'
  | 'movablekeys'
  | 'only_sentinel';

/** How a cluster, ring or mirror sends a command that has no key, or keys on several nodes. */
export type RequestPolicy = 'all_nodes' | 'all_shards' | 'multi_shard' | 'special';
export type ResponsePolicy =
  | 'one_succeeded'
  | 'all_succeeded'
  | 'agg_logical_and'
  | 'agg_logical_or'
  | 'agg_min'
  | 'agg_max'
  | 'agg_sum'
  | 'special';

/** A way to call the command: its façade method. */
export interface Form {
  readonly method: string;
  readonly reply: Shape;
  /** Optional params that this form requires, as further positional parameters in this order. */
  readonly take?: readonly string[];
  /** Params that this form always sends. */
  readonly fix?: Readonly<Record<string, unknown>>;
  /** Optional params that this form does not offer. */
  readonly omit?: readonly string[];
  /**
   * The names of two arguments that may stand for a single pair, where the last positional takes pairs: `hset(key,
   * field, value)`.
   */
  readonly single?: readonly [string, string];
  /** An additional line for the method's docstring. */
  readonly note?: string;
}

export interface SpecInput<A extends readonly Term[]> {
  readonly name: string;
  readonly group: Group;
  readonly since: string;
  readonly summary: string;
  readonly complexity: string;
  readonly flags: readonly CommandFlag[];
  readonly args: A;
  /** The reply of the default form. */
  readonly reply: Shape;
  /** Façade forms, unless the default (a method named like the command, with all options) suffices. */
  readonly forms?: readonly Form[];
  /** Whether it has no façade method: MULTI, EXEC and others for which the façade has an API of its own. */
  readonly hidden?: boolean;
  /** ACL categories besides those that follow from the flags: `['keyspace', 'string']`. */
  readonly acl: readonly string[];
  readonly request?: RequestPolicy;
  readonly response?: ResponsePolicy;
  /** COMMAND INFO's other tips, such as nondeterministic_output. */
  readonly tips?: readonly string[];
  /** All tips of COMMAND INFO, where they differ from how requests are routed here. */
  readonly allTips?: readonly string[] | undefined;
  /** Key specifications that do not follow from the terms. */
  readonly keySpecs?: readonly KeySpec[];
  /** Which arguments are channels: of PUBLISH the first, of others all, or patterns of channels. */
  readonly channels?: 'publish' | 'subscribe' | 'patterns';
  /** Finds keys that no key specification can: SORT's STORE, or where SET's flags depend on GET. */
  readonly findKeys?: (argv: readonly Bytes[]) => KeyPosition[] | null;
  /** Arity, where it does not follow from the terms. */
  readonly arity?: number;
  readonly deprecated?: { readonly since: string; readonly replacedBy: string };
  /**
   * Its effect on a connection that others share. `changes`: the meaning of later commands, or who may use it. `sets`:
   * something that a new connection needs too. `waits`: it waits for what was written on this very connection.
   */
  readonly connection?: 'changes' | 'sets' | 'waits';
  /** Whether only its subcommands are commands: CONFIG, OBJECT … */
  readonly container?: boolean;
  /** What a copy must repeat: the command verbatim, or what the handler says instead. */
  readonly effects?: 'verbatim' | 'own';
  /** How copies on other servers follow it, if its own words would not do there. */
  readonly follow?: Follow;
  /** Differences in older versions, oldest first. Terms and options that came later declare that themselves. */
  readonly before?: readonly Before[];
}

/** A command as it was until some release. */
export interface Before
  extends Partial<Pick<SpecInput<readonly Term[]>, 'args' | 'flags' | 'acl' | 'tips' | 'allTips' | 'arity'>> {
  readonly until: string;
}

export interface Spec<A extends readonly Term[] = readonly Term[]> extends SpecInput<A> {
  /** Words of the name: 1, or 2 for a subcommand. */
  readonly words: 1 | 2;
  /** Lower case, subcommands with a bar as Redis writes them: `config|get`. */
  readonly fullName: string;
  readonly arity: number;
  readonly keySpecs: readonly KeySpec[];
  readonly aclCategories: readonly string[];
  readonly forms: readonly Form[];
  /** Position in the table; set when the table is made. */
  id: number;
  /** The declaration, without what was derived from it. */
  readonly own: SpecInput<A>;
  /** For a container: its subcommands by lower-case word. */
  readonly subcommands: Map<string, Spec>;
  readonly isWrite: boolean;
  readonly isReadonly: boolean;
  readonly denyOom: boolean;
  readonly isFast: boolean;
  /** Whether a setting must allow it. */
  readonly isProtected: boolean;
}

export type ParamsOfSpec<S> = S extends SpecInput<infer A> ? ParamsOf<A> : never;

/** Declares a command. Façade, parser, printer, key extraction and COMMAND are derived from these declarations. */
export function command<const A extends readonly Term[], const C extends boolean = false>(
  input: SpecInput<A> & { readonly container?: C },
): Spec<A> & { readonly container: C } {
  const words = input.name.includes(' ') ? 2 : 1;
  // Rarely used facts are derived on demand: there are hundreds of commands.
  let keySpecs = input.keySpecs;
  let categories: readonly string[] | undefined;
  return {
    ...input,
    container: (input.container ?? false) as C,
    words,
    fullName: input.name.toLowerCase().replace(' ', '|'),
    arity: input.arity ?? arityOf(input.args, words, input.container ?? false),
    get keySpecs() {
      keySpecs ??= keySpecsOf(input.args, words);
      return keySpecs;
    },
    get aclCategories() {
      categories ??= aclCategoriesOf(input.flags, input.acl);
      return categories;
    },
    forms: input.forms ?? (input.hidden || input.container ? [] : [{ method: camel(input.name), reply: input.reply }]),
    id: -1,
    own: input,
    subcommands: new Map(),
    isWrite: input.flags.includes('write'),
    isReadonly: input.flags.includes('readonly'),
    denyOom: input.flags.includes('denyoom'),
    isFast: input.flags.includes('fast'),
    isProtected: input.flags.includes('protected'),
  };
}

/**
 * The command as it was in a version, which has it; the same object where nothing has changed since. A container is
 * always one of its own, without subcommands yet. Both have the same id.
 */
export function specAt(spec: Spec, version: ServerVersion): Spec {
  const before = spec.before?.find(({ until }) => !isOffered(until, version));
  const args = before?.args ?? termsAt(spec.args, version);
  if (before === undefined && args === spec.args && !spec.container) return spec;
  const { until, ...changes } = before ?? { until: '' };
  // Arity and key specifications that were derived are derived again: `own` has what the declaration said.
  const old = command({ ...spec.own, ...changes, args } as SpecInput<readonly Term[]>);
  old.id = spec.id;
  return old as Spec;
}

function arityOf(args: readonly Term[], words: number, container: boolean): number {
  if (container) return -2;
  const min = args.reduce((sum, term) => sum + term.min, words);
  const fixed = args.every((term) => term.min === term.max && !term.optional);
  return fixed ? min : -min;
}

export function arityFits(spec: Spec, argc: number): boolean {
  return spec.arity >= 0 ? argc === spec.arity : argc >= -spec.arity;
}

/** The words of the command's name as argv begins: `['CONFIG', 'GET']`. */
export function nameWords(spec: Spec): Bytes[] {
  return spec.name.split(' ');
}

/** The positions of a request's keys; null if its arguments do not tell. */
export function keysOf(spec: Spec, argv: readonly Bytes[]): KeyPosition[] | null {
  return spec.findKeys ? spec.findKeys(argv) : keyPositions(spec.keySpecs, argv);
}
