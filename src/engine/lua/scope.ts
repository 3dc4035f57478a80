/** A local variable: its name in Lua and in the code made of it. */
export interface Variable {
  readonly name: string;
  readonly js: string;
  readonly owner: FunctionScope;
}

/** The variables of one function, block by block. */
export class FunctionScope {
  readonly parent: FunctionScope | null;
  readonly isVararg: boolean;
  readonly blocks: Map<string, Variable>[] = [new Map()];
  /** Scratch variables, declared at the head of the function. */
  readonly scratch: string[] = [];
  /** Loops that are open here: `break` needs one. */
  loops = 0;

  constructor(parent: FunctionScope | null, isVararg: boolean) {
    this.parent = parent;
    this.isVararg = isVararg;
  }

  find(name: string): Variable | null {
    for (let i = this.blocks.length - 1; i >= 0; i--) {
      const variable = this.blocks[i].get(name);
      if (variable) return variable;
    }
    return this.parent?.find(name) ?? null;
  }
}
