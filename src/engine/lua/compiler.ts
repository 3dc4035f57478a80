import type { Bytes } from '../../core/bytes.js';
import type { LuaError } from './error.js';
import { type Expression, ExpressionCompiler } from './expression-compiler.js';
import { FunctionScope } from './scope.js';

/** Statements and blocks: the rest of the language. See ExpressionCompiler. */
class Compiler extends ExpressionCompiler {
  /** The chunk as the body of a JavaScript function. */
  chunk(): string {
    this.scope = new FunctionScope(null, true);
    const body = this.block();
    if (this.lexer.token.kind !== 'eof') this.expected('<eof>');
    return this.functionText('...va', body);
  }

  /** Statements up to a word that ends the block; variables are its own. */
  block(): string {
    this.scope.blocks.push(new Map());
    const text = this.statements();
    this.scope.blocks.pop();
    return text;
  }

  private statements(): string {
    this.nest();
    const parts: string[] = [];
    while (!this.blockEnds()) {
      const last = this.at('return') || this.at('break');
      parts.push(this.statement());
      this.accept(';');
      if (last) break;
    }
    this.unnest();
    return parts.join('\n');
  }

  private blockEnds(): boolean {
    const { kind, text } = this.lexer.token;
    return (
      kind === 'eof' ||
      (kind === 'keyword' && (text === 'end' || text === 'else' || text === 'elseif' || text === 'until'))
    );
  }

  private statement(): string {
    const { kind, text, line } = this.lexer.token;
    if (kind !== 'keyword') return this.expressionStatement();
    switch (text) {
      case 'if':
        return this.ifStatement(line);
      case 'while':
        return this.whileStatement(line);
      case 'do': {
        this.lexer.next();
        const body = this.block();
        this.match('end', 'do', line);
        return `{${body}}`;
      }
      case 'for':
        return this.forStatement(line);
      case 'repeat':
        return this.repeatStatement(line);
      case 'function':
        return this.functionStatement(line);
      case 'local':
        this.lexer.next();
        return this.accept('function') ? this.localFunction() : this.localStatement();
      case 'return':
        return this.returnStatement();
      case 'break':
        if (this.scope.loops === 0) {
          this.lexer.next();
          this.lexer.fail('no loop to break');
        }
        this.lexer.next();
        return 'break;';
      default:
        return this.expressionStatement();
    }
  }

  private ifStatement(line: number): string {
    let text = '';
    do {
      this.lexer.next();
      const condition = this.condition(this.expression());
      this.expect('then');
      text += `${text === '' ? '' : 'else '}if(${condition}){${this.block()}}`;
    } while (this.at('elseif'));
    if (this.accept('else')) text += `else{${this.block()}}`;
    this.match('end', 'if', line);
    return text;
  }

  private loopBody(): string {
    this.scope.loops++;
    const body = this.block();
    this.scope.loops--;
    return body;
  }

  private whileStatement(line: number): string {
    this.lexer.next();
    const condition = this.condition(this.expression());
    this.expect('do');
    const body = this.loopBody();
    this.match('end', 'while', line);
    return `while(${condition}){L.turn(${this.site(line)});${body}}`;
  }

  /** The condition sees the variables of the body. */
  private repeatStatement(line: number): string {
    this.lexer.next();
    this.scope.blocks.push(new Map());
    this.scope.loops++;
    const body = this.statements();
    this.scope.loops--;
    this.match('until', 'repeat', line);
    const condition = this.condition(this.expression());
    this.scope.blocks.pop();
    // What follows a `return` or `break` is never reached, and JavaScript does not mind.
    return `for(;;){L.turn(${this.site(line)});${body}\nif(${condition})break;}`;
  }

  private forStatement(line: number): string {
    this.lexer.next();
    const name = this.name();
    if (this.at('=')) return this.numericFor(name, line);
    if (this.at(',') || this.at('in')) return this.genericFor(name, line);
    return this.expected("'=' or 'in'", true);
  }

  private numericFor(name: string, line: number): string {
    this.lexer.next();
    const site = this.site(line);
    const from = this.single(this.expression());
    this.expect(',');
    const to = this.single(this.expression());
    const step = this.accept(',') ? this.single(this.expression()) : null;
    this.expect('do');
    const [i, end, by] = [this.fresh('i'), this.fresh('end'), this.fresh('by')];
    this.scope.blocks.push(new Map());
    const variable = this.declare(name);
    const body = this.loopBody();
    this.scope.blocks.pop();
    this.match('end', 'for', line);
    const bounds =
      `let ${i}=${from},${end}=${to}${step === null ? '' : `,${by}=${step}`};` +
      `${i}=L.bound(${i},'initial value',${site});${end}=L.bound(${end},'limit',${site});` +
      (step === null ? '' : `${by}=L.bound(${by},'step',${site});`);
    const test = step === null ? `${i}<=${end}` : `${by}>0?${i}<=${end}:${i}>=${end}`;
    const next = step === null ? `${i}++` : `${i}+=${by}`;
    return `{${bounds}for(;${test};${next}){L.turn(${site});let ${variable}=${i};${body}}}`;
  }

  private genericFor(firstName: string, line: number): string {
    const names = [firstName];
    while (this.accept(',')) names.push(this.name());
    this.expect('in');
    const [f, s, c, r] = [this.fresh('f'), this.fresh('s'), this.fresh('c'), this.fresh('r')];
    const init = this.assignments([`let ${f}`, `let ${s}`, `let ${c}`], this.expressionList());
    this.expect('do');
    const site = this.site(line);
    this.scope.blocks.push(new Map());
    const variables = names.map((name) => this.declare(name));
    const body = this.loopBody();
    this.scope.blocks.pop();
    this.match('end', 'for', line);
    const rest = variables
      .slice(1)
      .map((variable, k) => `let ${variable}=Array.isArray(${r})?${r}[${k + 1}]:undefined;`)
      .join('');
    const step = this.callText(f, site, [s, c], null);
    return (
      `{${init}for(;;){L.turn(${site});const ${r}=${step};let ${variables[0]}=L.first(${r});` +
      `if(${variables[0]}===undefined)break;${c}=${variables[0]};${rest}${body}}}`
    );
  }

  private functionStatement(line: number): string {
    this.lexer.next();
    let target: Expression = this.variable(this.name());
    let isMethod = false;
    while (this.at('.') || this.at(':')) {
      isMethod = this.at(':');
      this.lexer.next();
      target = this.field(target, this.name(), line);
      if (isMethod) break;
    }
    const body = this.functionBody(isMethod, line);
    return target.assign!(body);
  }

  private localFunction(): string {
    const variable = this.declare(this.name());
    return `let ${variable};${variable}=${this.functionBody(false, this.lexer.lastLine)};`;
  }

  private localStatement(): string {
    const names = [this.name()];
    while (this.accept(',')) names.push(this.name());
    const values = this.accept('=') ? this.expressionList() : [];
    return this.assignments(
      names.map((name) => `let ${this.declare(name)}`),
      values,
    );
  }

  /** `targets` are given the values of the expressions; all of these are evaluated first to last. */
  private assignments(targets: readonly string[], values: readonly Expression[]): string {
    const last = values[values.length - 1];
    if (!last?.isMulti || values.length > targets.length) {
      const extra = values.slice(targets.length).map((value) => `${this.single(value)};`);
      const parts = targets.map(
        (target, k) => `${target}=${k < values.length ? this.single(values[k]) : 'undefined'};`,
      );
      return parts.join('') + extra.join('');
    }
    if (values.length === targets.length) {
      return targets.map((target, k) => `${target}=${this.single(values[k])};`).join('');
    }
    const rest = this.scratch();
    const before = values.length - 1;
    return targets
      .map((target, k) => {
        if (k < before) return `${target}=${this.single(values[k])};`;
        return k === before ? `${rest}=L.many(${last.js});${target}=${rest}[0];` : `${target}=${rest}[${k - before}];`;
      })
      .join('');
  }

  private returnStatement(): string {
    this.lexer.next();
    if (this.blockEnds() || this.at(';')) return 'return L.NONE;';
    const values = this.expressionList();
    if (values.length === 1) return `return ${values[0].js};`;
    return `return ${this.listText(values)};`;
  }

  private expressionStatement(): string {
    const target = this.suffixed();
    if (target.isCall) return `${target.js};`;
    if (this.at('=') || this.at(',')) return this.assignment(target);
    return this.expected('=');
  }

  private assignment(firstTarget: Expression): string {
    const targets = [firstTarget];
    if (!firstTarget.assign) this.lexer.fail('syntax error');
    while (this.accept(',')) {
      targets.push(this.suffixed());
      if (!targets[targets.length - 1].assign) this.lexer.fail('syntax error');
    }
    this.expect('=');
    const values = this.expressionList();
    if (targets.length === 1 && values.length === 1) return `${targets[0].assign!(this.single(values[0]))};`;
    // Objects and keys of the targets are evaluated before the values, and assigned to after all of them.
    const fixed = targets.map((target) => target.fix!());
    const holders = targets.map(() => this.scratch());
    const before = fixed.map(({ prepare }) => prepare).join('');
    const writes = fixed.map(({ assign }, k) => `${assign(holders[k])};`).reverse();
    return before + this.assignments(holders, values) + writes.join('');
  }
}

export type { LuaError };

/** Lua source as JavaScript; `sites` is filled with the places that its errors name. Throws a LuaError. */
export function compileText(source: Bytes, chunk: string): { text: string; sites: ExpressionCompiler['sites'] } {
  const compiler = new Compiler(source, chunk);
  return { text: compiler.chunk(), sites: compiler.sites };
}
