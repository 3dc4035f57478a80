import { parseArgs, printArgs } from '../commands/grammar.js';
import { decodeAny, type Rename, type ReplyView, type Shape } from '../commands/shape.js';
import { keysOf, nameWords, type Spec } from '../commands/spec.js';
import type { Encode, Role, Term } from '../commands/term.js';
import { arrayFromBytes, type Bytes, bytesFromArray, bytesFromText } from '../core/bytes.js';
import { DataError } from '../core/errors.js';
import { ErrorReply } from '../core/reply.js';
import type { Request } from './backend.js';
import { type AnyCodec, encodeWith } from './codec.js';
import type { FormCall } from './form-call.js';
import { rawRequest } from './install.js';
import { encodeArg, replyViewOf, type ViewOptions } from './view.js';

/** Makes a reply of what was read by the wire's own kinds. */
export type ReplyCallback = (reply: never) => unknown;

/**
 * How a view sees commands: what it prints for arguments (a prefix before names, a codec for values) and how it reads
 * replies (names without the prefix, values decoded, callbacks). What is a name and what a value, the table says.
 */
export class Lens {
  readonly options: ViewOptions;
  readonly view: ReplyView;
  readonly encode: Encode;
  readonly hasPrefix: boolean;
  /** Whether `shapeOf` may give another shape than the table's. */
  altersReplies: boolean;
  readonly #prefix: Bytes;
  readonly #rename: Rename;
  readonly #callbacks: Map<string, ReplyCallback>;
  /** Shapes that differ from the table's. */
  readonly #shapes = new Map<FormCall, Shape>();

  constructor(options: ViewOptions, callbacks: ReadonlyMap<string, ReplyCallback> = new Map()) {
    this.options = options;
    this.view = replyViewOf(options);
    this.#prefix = prefixOf(options);
    this.#callbacks = new Map(callbacks);
    const prefix = this.#prefix;
    this.hasPrefix = prefix !== '';
    this.altersReplies = this.hasPrefix || callbacks.size > 0;
    this.#rename = (name) => (name.startsWith(prefix) ? name.slice(prefix.length) : name);
    this.encode = encoderOf(prefix, options.codec ?? null);
  }

  /** A view of this view: prefixes follow each other, other options replace those of before. */
  with(options: ViewOptions): Lens {
    const merged = { ...this.options, ...options };
    if (options.prefix !== undefined && this.#prefix !== '') {
      // As bytes: two halves of a character may come from two prefixes.
      merged.prefix = arrayFromBytes(this.#prefix + prefixOf(options));
    }
    return new Lens(merged, this.#callbacks);
  }

  /** Whether text arguments and replies are as those of a plain text view: the short ways know no others. */
  get isPlain(): boolean {
    return this.#prefix === '' && !this.options.codec && this.#callbacks.size === 0;
  }

  /** Replies of a command, by its name, go through `callback`; null takes it off. */
  setCallback(command: string, callback: ReplyCallback | null): void {
    const { name } = rawRequest(command, []).spec;
    if (callback === null) this.#callbacks.delete(name);
    else this.#callbacks.set(name, callback);
    this.#shapes.clear();
    this.altersReplies = this.hasPrefix || this.#callbacks.size > 0;
  }

  request(call: FormCall, args: readonly unknown[]): Request {
    return { spec: call.spec, argv: call.print(args, this.encode) };
  }

  /** A request from words. Names get the prefix; values are sent as they are, without codec. */
  raw(name: string, args: readonly unknown[]): Request {
    const request = rawRequest(name, args);
    return this.#prefix === '' ? request : this.#named(request);
  }

  /** The shape of a form's replies in this view. */
  shapeOf(call: FormCall): Shape {
    if (!this.altersReplies) return call.form.reply;
    let shape = this.#shapes.get(call);
    if (shape === undefined) {
      const callback = this.#callbacks.get(call.spec.name);
      shape = this.#renamed(call.form.reply, callback === undefined ? call.form.reply : answered(callback));
      this.#shapes.set(call, shape);
    }
    return shape;
  }

  /** The shape of replies that are read by their wire kinds. */
  rawShapeOf(spec: Spec): Shape {
    const callback = this.#callbacks.get(spec.name);
    return this.#renamed(spec.reply, callback === undefined ? wireShape : answered(callback));
  }

  /** Whether a name has the view's prefix. */
  owns(name: Bytes): boolean {
    return name.startsWith(this.#prefix);
  }

  /** A name as the view's user knows it. */
  nameOf(name: Bytes): Bytes {
    return this.#rename(name);
  }

  /** A pattern as the view's user gave it. */
  patternOf(pattern: Bytes): Bytes {
    const prefix = escapeGlob(this.#prefix);
    return pattern.startsWith(prefix) ? pattern.slice(prefix.length) : pattern;
  }

  #renamed(declared: Shape, shape: Shape): Shape {
    if (this.#prefix === '' || declared.rename === undefined) return shape;
    return {
      type: shape.type,
      decode: (reply, view) => shape.decode(declared.rename!(reply, this.#rename), view),
    };
  }

  #named(request: Request): Request {
    const { spec, argv } = request;
    if (spec.args.some(namesMore)) {
      const reprinted = reprint(spec, argv, this.#prefix);
      if (reprinted !== null) return { spec, argv: reprinted };
    }
    const found = keysOf(spec, argv);
    if (found === null || found.length === 0) return request;
    const named = [...argv];
    for (const { index } of found) named[index] = this.#prefix + argv[index]!;
    return { spec, argv: named };
  }
}

const wireShape: Shape = { type: 'unknown', decode: decodeAny };

function answered(callback: ReplyCallback): Shape {
  return { type: 'unknown', decode: (reply, view) => callback(decodeAny(reply, view) as never) };
}

function prefixOf({ prefix = '' }: ViewOptions): Bytes {
  if (typeof prefix === 'string') return bytesFromText(prefix);
  if (prefix instanceof Uint8Array) return bytesFromArray(prefix);
  throw new DataError('a prefix is a string or Uint8Array');
}

function encoderOf(prefix: Bytes, codec: AnyCodec | null): Encode {
  if (prefix === '' && codec === null) return encodeArg;
  const encode = (value: unknown, role?: Role): Bytes => {
    if (role === 'value' && codec !== null) return encodeWith(codec, value);
    const bytes = encodeArg(value);
    return prefix === '' ? bytes : withPrefix(prefix, bytes, role);
  };
  return Object.assign(encode, { narrows: prefix !== '' });
}

function withPrefix(prefix: Bytes, bytes: Bytes, role: Role | undefined): Bytes {
  if (role === 'key') return prefix + bytes;
  if (role === 'pattern') return escapeGlob(prefix) + bytes;
  if (role !== 'sortPattern' || bytes === '#') return bytes;
  if (prefix.includes('*')) throw new DataError("SORT's patterns cannot have a prefix with '*' in it");
  return prefix + bytes;
}

function escapeGlob(text: Bytes): Bytes {
  return text.replace(/[*?[\]\\^-]/g, '\\$&');
}

/** Whether a term takes names of which the key specifications know nothing. */
function namesMore(term: Term): boolean {
  if (term.keys === undefined && isName(term.role)) return true;
  return (
    term.options?.some((option) => option.keys === undefined && option.args.some(({ role }) => isName(role))) ?? false
  );
}

function isName(role: Role | undefined): boolean {
  return role !== undefined && role !== 'value';
}

/** The arguments, read by the command's grammar and printed with names prefixed; null where they cannot be read. */
function reprint(spec: Spec, argv: readonly Bytes[], prefix: Bytes): Bytes[] | null {
  const encode: Encode = Object.assign((value: unknown, role?: Role) => withPrefix(prefix, value as Bytes, role), {
    asParsed: true,
    narrows: true,
  });
  try {
    const params = parseArgs(spec.args, argv, spec.words, spec.name) as Record<string, unknown>;
    return params.late === undefined ? printArgs(spec.args, params, nameWords(spec), encode) : null;
  } catch (error) {
    if (error instanceof ErrorReply || error instanceof DataError) return null;
    throw error;
  }
}
