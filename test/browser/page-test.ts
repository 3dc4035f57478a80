/** What the suites use of `node:test`, for a page: served under that name by its import map. `runTests` runs what was described. */

/** What became of a test; `error` is null if it passed. */
export interface PageResult {
  readonly name: string;
  readonly error: string | null;
}

export interface PageContext {
  diagnostic(message: string): void;
}

type Step = (context: PageContext) => unknown;

interface Test {
  readonly name: string;
  readonly run: Step;
}

class Group {
  readonly name: string;
  readonly items: (Group | Test)[] = [];
  readonly before: Step[] = [];
  readonly after: Step[] = [];
  readonly beforeEach: Step[] = [];
  readonly afterEach: Step[] = [];

  constructor(name: string) {
    this.name = name;
  }
}

/** A test that hangs fails after this long. */
const TEST_TIMEOUT_MS = 20_000;

const root = new Group('');
let current = root;
const context: PageContext = { diagnostic: () => undefined };

export function describe(name: string, fill: () => void): void {
  const outer = current;
  const group = new Group(name);
  outer.items.push(group);
  current = group;
  try {
    fill();
  } finally {
    current = outer;
  }
}

export function it(name: string, run: Step): void {
  current.items.push({ name, run });
}

export const test = it;
export default it;

export const before = (step: Step): number => current.before.push(step);
export const after = (step: Step): number => current.after.push(step);
export const beforeEach = (step: Step): number => current.beforeEach.push(step);
export const afterEach = (step: Step): number => current.afterEach.push(step);

/** Runs everything in the order in which it was described. */
export async function runTests(): Promise<PageResult[]> {
  const results: PageResult[] = [];
  await runGroup(root, [], results);
  return results;
}

async function runGroup(group: Group, outer: readonly Group[], results: PageResult[]): Promise<void> {
  const path = [...outer, group];
  const title = (name: string): string => [...path.map((part) => part.name), name].filter(Boolean).join(' › ');
  const noted = async (name: string, steps: readonly Step[]): Promise<boolean> => {
    const error = await failureOf(steps);
    if (error !== null) results.push({ name: title(name), error });
    return error === null;
  };
  if (await noted('before', group.before)) {
    for (const item of group.items) {
      if (item instanceof Group) {
        await runGroup(item, path, results);
        continue;
      }
      const first = path.flatMap((part) => part.beforeEach);
      const last = path.flatMap((part) => part.afterEach);
      const error = (await failureOf([...first, item.run])) ?? (await failureOf(last));
      results.push({ name: title(item.name), error });
    }
  }
  await noted('after', group.after);
}

async function failureOf(steps: readonly Step[]): Promise<string | null> {
  for (const step of steps) {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`not done within ${TEST_TIMEOUT_MS} ms`)), TEST_TIMEOUT_MS);
    });
    try {
      await Promise.race([step(context), late]);
    } catch (error) {
      return error instanceof Error ? (error.stack ?? String(error)) : String(error);
    } finally {
      clearTimeout(timer);
    }
  }
  return null;
}
