import type { Bytes } from '../../core/bytes.js';
import type { Site } from './error.js';
import { Lexer } from './lexer.js';
import { FunctionScope, type Variable } from './scope.js';

/** A piece of JavaScript and what is known about it. */
export interface Expression {
  readonly js: string;
  /** May be any number of values: a call or `...`. */
  readonly isMulti?: boolean;
  readonly isCall?: boolean;
  /** As a JavaScript condition, where that is simpler. */
  readonly condition?: string;
  /** What errors call it: `local 'x'`. */
  readonly label?: string;
  /** A literal: can be evaluated twice, and compared with `===`. */
  readonly isConstant?: boolean;
  readonly assign?: (value: string) => string;
  /** For assignments to several targets: evaluates the target's parts into scratch variables. */
  readonly fix?: () => { prepare: string; assign: (value: string) => string };
}

interface Operator {
  left: number;
  right: number;
  make: string;
}

/** By priority, as the reference manual has it; `..` and `^` bind to the right. */
const operators = new Map<string, Operator>([
  ['or', { left: 1, right: 1, make: 'or' }],
  ['and', { left: 2, right: 2, make: 'and' }],
  ['<', { left: 3, right: 3, make: 'less' }],
  ['>', { left: 3, right: 3, make: 'more' }],
  ['<=', { left: 3, right: 3, make: 'lessOrEqual' }],
  ['>=', { left: 3, right: 3, make: 'moreOrEqual' }],
  ['~=', { left: 3, right: 3, make: 'differs' }],
  ['==', { left: 3, right: 3, make: 'equals' }],
  ['..', { left: 5, right: 4, make: 'concat' }],
  ['+', { left: 6, right: 6, make: 'add' }],
  ['-', { left: 6, right: 6, make: 'sub' }],
  ['*', { left: 7, right: 7, make: 'mul' }],
  ['/', { left: 7, right: 7, make: 'div' }],
  ['%', { left: 7, right: 7, make: 'mod' }],
  ['^', { left: 10, right: 9, make: 'pow' }],
]);
const UNARY_PRIORITY = 8;
/** Blocks and expressions within each other. */
const NESTING_MAX = 200;
const LOCALS_MAX = 200;

/**
 * Lua to JavaScript in one pass: each construct becomes text as it is read. A local becomes a local, a function a
 * function, everything else a call of the runtime (`L`) with the place (`S[n]`) for its errors. Where the source names
 * coroutines, functions become generators, so that they can yield.
 */
export abstract class ExpressionCompiler {
  readonly lexer: Lexer;
  readonly sites: Site[] = [];
  scope = new FunctionScope(null, true);
  readonly #yields: boolean;
  #count = 0;
  #nesting = 0;

  constructor(source: Bytes, chunk: string) {
    this.#yields = source.includes('coroutine');
    this.lexer = new Lexer(source, chunk);
  }

  protected abstract block(): string;

  // Tokens

  protected at(text: string): boolean {
    const { token } = this.lexer;
    return token.text === text && (token.kind === 'symbol' || token.kind === 'keyword');
  }

  protected accept(text: string): boolean {
    if (!this.at(text)) return false;
    this.lexer.next();
    return true;
  }

  protected expect(text: string): void {
    if (!this.accept(text)) this.expected(text);
  }

  protected expected(what: string, quoted = false): never {
    this.lexer.fail(`${quoted ? what : `'${what}'`} expected`);
  }

  /** The word that closes what was opened at `line`. */
  protected match(what: string, opener: string, line: number): void {
    if (this.accept(what)) return;
    if (line === this.lexer.token.line) this.expected(what);
    this.lexer.fail(`'${what}' expected (to close '${opener}' at line ${line})`);
  }

  protected name(): string {
    const { token } = this.lexer;
    if (token.kind !== 'name') this.expected('<name>');
    this.lexer.next();
    return token.text;
  }

  protected nest(): void {
    if (++this.#nesting > NESTING_MAX) this.lexer.fail('chunk has too many syntax levels');
  }

  protected unnest(): void {
    this.#nesting--;
  }

  // Names in the text

  protected fresh(prefix: string): string {
    return `${prefix}${++this.#count}`;
  }

  protected scratch(): string {
    const name = this.fresh('t');
    this.scope.scratch.push(name);
    return name;
  }

  protected site(line: number, first?: string, second?: string): string {
    this.sites.push({ chunk: this.lexer.chunk, line, first, second });
    return `S[${this.sites.length - 1}]`;
  }

  protected declare(name: string): string {
    const { scope } = this;
    const block = scope.blocks[scope.blocks.length - 1];
    const total = scope.blocks.reduce((sum, { size }) => sum + size, 0);
    if (total >= LOCALS_MAX) this.lexer.fail('too many local variables');
    const js = `$${name}_${++this.#count}`;
    block.set(name, { name, js, owner: scope });
    return js;
  }

  // Expressions

  protected single({ js, isMulti }: Expression): string {
    return isMulti ? `L.first(${js})` : js;
  }

  protected condition(expression: Expression): string {
    return expression.condition ?? `L.truthy(${this.single(expression)})`;
  }

  protected expressionList(): Expression[] {
    const list = [this.expression()];
    while (this.accept(',')) list.push(this.expression());
    return list;
  }

  /** As an array of values: the last may be many. */
  protected listText(values: readonly Expression[]): string {
    const last = values[values.length - 1];
    if (!last) return '[]';
    if (values.length === 1 && last.isMulti) return `L.many(${last.js})`;
    const items = values.map((value, k) =>
      k === values.length - 1 && value.isMulti ? `...L.many(${value.js})` : this.single(value),
    );
    return `[${items.join(',')}]`;
  }

  protected expression(limit = 0): Expression {
    this.nest();
    let left = this.unary();
    for (;;) {
      const { token } = this.lexer;
      const operator = token.kind === 'symbol' || token.kind === 'keyword' ? operators.get(token.text) : undefined;
      if (operator === undefined || operator.left <= limit) break;
      this.lexer.next();
      const { line } = token;
      left = this.binary(operator.make, left, this.expression(operator.right), line);
    }
    this.unnest();
    return left;
  }

  private unary(): Expression {
    const { line } = this.lexer.token;
    if (this.accept('not')) return boolean(`!${this.condition(this.expression(UNARY_PRIORITY))}`);
    if (this.accept('-')) {
      const operand = this.expression(UNARY_PRIORITY);
      return { js: `L.negate(${this.single(operand)},${this.site(line, operand.label)})` };
    }
    if (this.accept('#')) {
      const operand = this.expression(UNARY_PRIORITY);
      return { js: `L.length(${this.single(operand)},${this.site(line, operand.label)})` };
    }
    return this.simple();
  }

  private binary(make: string, left: Expression, right: Expression, line: number): Expression {
    const [a, b] = [this.single(left), this.single(right)];
    switch (make) {
      case 'and':
      case 'or':
        return this.shortCut(make, left, right);
      case 'equals':
      case 'differs': {
        const same = left.isConstant || right.isConstant ? `(${a}===${b})` : `L.equals(${a},${b})`;
        return boolean(make === 'equals' ? same : `!${same}`);
      }
      case 'less':
      case 'lessOrEqual':
        return boolean(`L.${make}(${a},${b},${this.site(line)})`);
      case 'more':
      case 'moreOrEqual': {
        const [x, y] = [this.scratch(), this.scratch()];
        const test = make === 'more' ? 'less' : 'lessOrEqual';
        return boolean(`(${x}=${a},${y}=${b},L.${test}(${y},${x},${this.site(line)}))`);
      }
      default:
        return { js: `L.${make}(${a},${b},${this.site(line, left.label, right.label)})` };
    }
  }

  private shortCut(make: 'and' | 'or', left: Expression, right: Expression): Expression {
    const kept = this.scratch();
    const [a, b] = [this.single(left), this.single(right)];
    const js = make === 'and' ? `(L.truthy(${kept}=${a})?${b}:${kept})` : `(L.truthy(${kept}=${a})?${kept}:${b})`;
    const sign = make === 'and' ? '&&' : '||';
    return { js, condition: `(${this.condition(left)}${sign}${this.condition(right)})` };
  }

  private simple(): Expression {
    const { kind, text, value, line } = this.lexer.token;
    if (kind === 'number') {
      this.lexer.next();
      return constant(Number.isFinite(value) ? `${value}` : 'Infinity');
    }
    if (kind === 'string') {
      this.lexer.next();
      return constant(quoted(text));
    }
    if (this.accept('nil')) return constant('undefined');
    if (this.accept('true')) return constant('true');
    if (this.accept('false')) return constant('false');
    if (this.at('...')) {
      if (!this.scope.isVararg) this.lexer.fail("cannot use '...' outside a vararg function");
      this.lexer.next();
      return { js: 'va', isMulti: true };
    }
    if (this.at('{')) return this.tableConstructor();
    if (this.accept('function')) return { js: this.functionBody(false, line) };
    return this.suffixed();
  }

  /** A name or a parenthesis, and what is applied to it. */
  protected suffixed(): Expression {
    let expression = this.primary();
    for (;;) {
      const { kind, line } = this.lexer.token;
      if (this.accept('.')) {
        expression = this.field(expression, this.name(), line);
      } else if (this.accept('[')) {
        const key = this.expression();
        this.expect(']');
        expression = this.element(expression, this.single(key), line);
      } else if (this.accept(':')) {
        const name = this.name();
        const site = this.site(this.lexer.token.line, `method '${name}'`, expression.label);
        const object = this.single(expression);
        expression = this.callExpression(this.callText(object, site, this.arguments(), name));
      } else if (this.at('(') || this.at('{') || kind === 'string') {
        const f = this.single(expression);
        const site = this.site(line, expression.label);
        expression = this.callExpression(this.callText(f, site, this.arguments(), null));
      } else return expression;
    }
  }

  private callExpression(js: string): Expression {
    return { js, isMulti: true, isCall: true };
  }

  private primary(): Expression {
    const { line } = this.lexer.token;
    if (this.accept('(')) {
      const inner = this.expression();
      this.match(')', '(', line);
      // What is in parentheses keeps its name in messages.
      return { js: `(${this.single(inner)})`, condition: inner.condition, label: inner.label };
    }
    if (this.lexer.token.kind !== 'name') this.lexer.fail('unexpected symbol');
    return this.variable(this.name());
  }

  protected variable(name: string): Expression {
    const { line } = this.lexer.token;
    const local = this.scope.find(name);
    if (local) return this.localExpression(local);
    const label = `global '${name}'`;
    const assign = (value: string): string => `L.setIndex(G,${quoted(name)},${value},${this.site(line, label)})`;
    return {
      js: `L.indexText(G,${quoted(name)},${this.site(line, label)})`,
      label,
      assign,
      fix: () => ({ prepare: '', assign }),
    };
  }

  private localExpression({ js, name, owner }: Variable): Expression {
    const assign = (value: string): string => `${js}=${value}`;
    const label = `${owner === this.scope ? 'local' : 'upvalue'} '${name}'`;
    return { js, label, assign, fix: () => ({ prepare: '', assign }) };
  }

  protected field(object: Expression, name: string, line: number): Expression {
    const base = this.element(object, quoted(name), line);
    return { ...base, js: base.js.replace(/^L\.index\(/, 'L.indexText('), label: `field '${name}'` };
  }

  private element(object: Expression, key: string, line: number): Expression {
    const base = this.single(object);
    const site = this.site(line, object.label);
    return {
      js: `L.index(${base},${key},${site})`,
      label: "field '?'",
      assign: (value) => `L.setIndex(${base},${key},${value},${site})`,
      fix: () => {
        const [o, k] = [this.scratch(), this.scratch()];
        return { prepare: `${o}=${base};${k}=${key};`, assign: (value) => `L.setIndex(${o},${k},${value},${site})` };
      },
    };
  }

  private arguments(): string[] {
    const { kind, text, line } = this.lexer.token;
    if (kind === 'string') {
      this.lexer.next();
      return [quoted(text)];
    }
    if (this.at('{')) return [this.tableConstructor().js];
    if (!this.at('(')) this.expected('function arguments', true);
    if (line !== this.lexer.lastLine) this.lexer.fail('ambiguous syntax (function call x new statement)');
    this.lexer.next();
    if (this.accept(')')) return [];
    const values = this.expressionList();
    this.match(')', '(', line);
    const last = values.length - 1;
    return values.map((value, k) => (k === last && value.isMulti ? `...L.many(${value.js})` : this.single(value)));
  }

  /** `method`: `f` is the object. */
  protected callText(f: string, site: string, args: readonly string[], method: string | null): string {
    const list = `[${args.join(',')}]`;
    if (method !== null) {
      const text = `(${f},${quoted(method)},${site},${list})`;
      return this.#yields ? `(yield* L.methodSteps${text})` : `L.callMethod${text}`;
    }
    if (this.#yields) return `(yield* L.callSteps(${f},${site},${list}))`;
    if (args.length > 3 || args.some((arg) => arg.startsWith('...'))) return `L.callMany(${f},${site},${list})`;
    return `L.call${args.length}(${[f, site, ...args].join(',')})`;
  }

  private tableConstructor(): Expression {
    const { line } = this.lexer.token;
    this.expect('{');
    const items: Expression[] = [];
    const fields: string[] = [];
    while (!this.at('}')) {
      if (this.lexer.token.kind === 'name' && this.lexer.peek().text === '=' && this.lexer.peek().kind === 'symbol') {
        const key = quoted(this.name());
        this.lexer.next();
        fields.push(`[${key},${this.single(this.expression())},${this.site(line)}]`);
      } else if (this.accept('[')) {
        const key = this.single(this.expression());
        this.expect(']');
        this.expect('=');
        fields.push(`[${key},${this.single(this.expression())},${this.site(line)}]`);
      } else items.push(this.expression());
      if (!this.accept(',') && !this.accept(';')) break;
    }
    this.match('}', '{', line);
    if (fields.length === 0)
      return { js: items.length === 0 ? 'new L.LuaTable()' : `L.newList(${this.listText(items)})` };
    return { js: `L.newTable(${this.listText(items)},[${fields.join(',')}])` };
  }

  protected functionBody(isMethod: boolean, line: number): string {
    const names = isMethod ? ['self'] : [];
    this.expect('(');
    let isVararg = false;
    while (!this.at(')')) {
      if (this.accept('...')) {
        isVararg = true;
        break;
      }
      names.push(this.name());
      if (!this.accept(',')) break;
      if (this.at(')')) this.expected('<name>');
    }
    this.expect(')');
    this.scope = new FunctionScope(this.scope, isVararg);
    const params = names.map((name) => this.declare(name));
    if (isVararg) params.push('...va');
    const body = this.block();
    const text = this.functionText(params.join(','), body);
    this.scope = this.scope.parent!;
    this.match('end', 'function', line);
    return text;
  }

  protected functionText(params: string, body: string): string {
    const { scratch } = this.scope;
    const head = scratch.length > 0 ? `let ${scratch.join(',')};` : '';
    const all = `(${params}){${head}${body}\nreturn L.NONE;}`;
    return this.#yields ? `L.stepping(function*${all})` : `(function${all})`;
  }
}

function boolean(js: string): Expression {
  return { js, condition: js };
}

function constant(js: string): Expression {
  return { js, isConstant: true };
}

/** As a JavaScript string literal. */
function quoted(text: string): string {
  return JSON.stringify(text).replace(/[\u007f-\uffff]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
