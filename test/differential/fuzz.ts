/** Episodes one after another, differences collected, shortened and printed so that they can be replayed. */
import { type EpisodeOptions, episode, type Step } from './generator.js';
import { type OpponentName, opponents } from './opponent.js';
import { type Difference, Runner } from './runner.js';

export interface FuzzOptions extends Partial<EpisodeOptions> {
  portA: number;
  portB: number;
  seed: number;
  /** Ends after so many commands or so much time, whichever comes first. */
  commands_max?: number;
  time_max_ms?: number;
  episodes_max?: number;
  differences_max?: number;
  /** How long one difference may be shortened; 0 leaves it as it is. */
  shorten_ms?: number;
  log?: (line: string) => void;
}

export interface Finding {
  seed: number;
  difference: Difference;
  /** The shortest trace found that still shows it. */
  trace: Step[];
}

export interface FuzzOutcome {
  commands_count: number;
  episodes_count: number;
  checkpoints_count: number;
  elapsed_ms: number;
  findings: Finding[];
}

/** Runs until a limit is reached. Findings of the same kind (command and sort of difference) are told once. */
export async function fuzz(options: FuzzOptions): Promise<FuzzOutcome> {
  const { log = () => {}, against = '7.0' } = options;
  const shape: EpisodeOptions = {
    steps: options.steps ?? 2000,
    checkpoint_steps: options.checkpoint_steps ?? 250,
    malformed: options.malformed ?? 0.15,
    exclude: options.exclude ?? new Set(),
    only: options.only ?? null,
    tune: options.tune ?? true,
    against,
  };
  const runner = new Runner(options.portA, options.portB, opponents[against].wording);
  await runner.open();
  const start = Date.now();
  const findings: Finding[] = [];
  const kinds = new Set<string>();
  let episodes = 0;
  let commands = 0;
  const over = () =>
    commands >= (options.commands_max ?? Number.POSITIVE_INFINITY) ||
    Date.now() - start >= (options.time_max_ms ?? Number.POSITIVE_INFINITY) ||
    episodes >= (options.episodes_max ?? Number.POSITIVE_INFINITY) ||
    findings.length >= (options.differences_max ?? 10) ||
    !runner.alive;
  try {
    while (!over()) {
      const seed = (options.seed + episodes) >>> 0;
      const steps = episode(seed, shape);
      runner.commands_count = 0;
      const difference = await runner.run(steps, shape.tune);
      commands += runner.commands_count;
      episodes++;
      if (difference === null || kinds.has(kindOf(difference))) continue;
      kinds.add(kindOf(difference));
      const trace = steps.slice(0, difference.step + 1);
      const finding = runner.alive
        ? await shorten(runner, { seed, difference, trace }, shape.tune, options.shorten_ms ?? 10_000)
        : { seed, difference, trace };
      findings.push(finding);
      log(describe(finding, against));
    }
    if (!runner.alive) log('a server closed the control connection: it has probably crashed');
  } finally {
    runner.close();
  }
  const elapsed_ms = Date.now() - start;
  return {
    commands_count: commands,
    episodes_count: episodes,
    checkpoints_count: runner.checkpoints_count,
    elapsed_ms,
    findings,
  };
}

/** Differences of one kind are reported once per run. */
function kindOf(difference: Difference): string {
  const subject = (difference.argv[0] ?? '(scene)').toUpperCase();
  const what = difference.what.replace(/\d+|of .*$/g, '');
  const error = /^-\w+/.exec(difference.a)?.[0] ?? difference.a[0] ?? '';
  const other = /^-\w+/.exec(difference.b)?.[0] ?? difference.b[0] ?? '';
  return subject.startsWith('(') ? what : `${subject} ${what} ${error} ${other}`;
}

/** Leaves out ever smaller pieces of the trace while the same kind of difference remains (delta debugging). */
async function shorten(runner: Runner, finding: Finding, tune: boolean, limit_ms: number): Promise<Finding> {
  const deadline = Date.now() + limit_ms;
  let best = finding;
  const check: Step = { kind: 'checkpoint', connection: 0, argv: [], comparison: 'exact' };
  // A difference of the state shows sooner if every candidate ends with a checkpoint.
  const attempt = async (trace: Step[]): Promise<boolean> => {
    const last = trace.at(-1)?.kind === 'checkpoint' ? trace : [...trace, check];
    const difference = await runner.run(last, tune);
    if (difference === null || kindOf(difference) !== kindOf(finding.difference)) return false;
    best = { ...finding, difference, trace: last.slice(0, difference.step + 1) };
    return true;
  };
  let piece = Math.ceil(best.trace.length / 2);
  while (piece >= 1 && Date.now() < deadline && runner.alive) {
    let removed = false;
    for (let at = best.trace.length - piece; at > -piece && Date.now() < deadline; at -= piece) {
      const from = Math.max(0, at);
      const rest = [...best.trace.slice(0, from), ...best.trace.slice(at + piece)];
      if (rest.length < best.trace.length && (await attempt(rest))) removed = true;
    }
    if (piece === 1 && !removed) break;
    if (!removed || piece > best.trace.length / 2) piece = piece === 1 ? 1 : Math.ceil(piece / 2);
  }
  return best;
}

/** A finding as text: the seed, both replies, and the last steps in a form that redis-cli accepts. */
function describe(finding: Finding, against: OpponentName): string {
  const { difference, seed, trace } = finding;
  const shown = trace.slice(-20);
  const lines = shown.map((step) => {
    const kind = step.kind === 'plain' ? '' : `  # ${step.kind}`;
    return `    ${step.connection}> ${step.argv.map(quote).join(' ')}${kind}`;
  });
  if (trace.length > shown.length) lines.unshift(`    … ${trace.length - shown.length} earlier steps`);
  return [
    `DIFFERENCE (seed ${seed}, step ${difference.step}): ${difference.what}`,
    `  ${difference.argv.map(quote).join(' ')}`,
    `  a: ${preview(difference.a)}`,
    `  b: ${preview(difference.b)}`,
    '  trace (connection> command):',
    ...lines,
    `  again: npm run fuzz -- --seed ${seed} --episodes 1 --against ${against}`,
  ].join('\n');
}

function quote(word: string): string {
  if (/^[\w:.*?{}[\]()@+-]+$/.test(word) && word.length < 200) return word;
  return JSON.stringify(word.length > 200 ? `${word.slice(0, 60)}…(${word.length} bytes)` : word).replace(
    /[\u007f-\uffff]/g,
    (c) => `\\x${c.charCodeAt(0).toString(16)}`,
  );
}

function preview(raw: string): string {
  const text = JSON.stringify(raw);
  return text.length > 600 ? `${text.slice(0, 600)}… (${raw.length} bytes)` : text;
}
