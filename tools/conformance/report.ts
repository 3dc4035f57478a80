/** The outcome of the suite as a page, and the judgement whether the list of known failures has grown. */

export interface UnitReport {
  unit: string;
  /** What the real server passes, in the suite's order. */
  expected: string[];
  /** Those of `expected` that did not pass, with what they said. */
  failing: Record<string, string>;
  exceptions: string[];
}

/** Why a test is allowed to fail: unit → test → reason. */
export type Reasons = Record<string, Record<string, string>>;

export interface Judgement {
  /** Failing tests without a reason: these fail the run. */
  unexplained: { unit: string; test: string; message: string }[];
  /** Reasons whose test passes now: to be removed, the list may only shrink. */
  obsolete: { unit: string; test: string }[];
}

export function judge(reports: readonly UnitReport[], reasons: Reasons): Judgement {
  const unexplained: Judgement['unexplained'] = [];
  const obsolete: Judgement['obsolete'] = [];
  for (const { unit, failing, expected } of reports) {
    const known = reasons[unit] ?? {};
    for (const [test, message] of Object.entries(failing)) {
      if (!(test in known)) unexplained.push({ unit, test, message });
    }
    for (const test of Object.keys(known)) {
      if (!(test in failing) && expected.includes(test)) obsolete.push({ unit, test });
    }
  }
  return { unexplained, obsolete };
}

/** By unit: how many of the tests that the real server passes have passed when every block started servers of its own. */
export type Spawned = Record<string, { passed: number; of: number }>;

/** `docs/conformance.md`. */
export function page(reports: readonly UnitReport[], reasons: Reasons, version: string, spawned: Spawned = {}): string {
  const sum = (count: (report: UnitReport) => number) => reports.reduce((total, report) => total + count(report), 0);
  const total = sum((report) => report.expected.length);
  const passed = total - sum((report) => Object.keys(report.failing).length);
  const lines = [
    `# Conformance with the Redis ${version.slice(0, 3)} test suite`,
    '',
    `Redis' own Tcl suite (${version}, from Debian's source package) against \`keyspan serve\` of the same version.`,
    `The total of a unit is what redis-server ${version} passes in the same way of running. Written by \`npm run conformance\`.`,
    'Not run: among others the units about replication, persistence and cluster, and those that start servers of their own (ACL).',
    'Do not edit by hand. Reasons live in `conformance-reasons*.json`; that list may only shrink.',
    '',
    '| unit | passed | of |',
    '|---|--:|--:|',
    ...reports.map(({ unit, expected, failing }) => {
      return `| ${unit} | ${expected.length - Object.keys(failing).length} | ${expected.length} |`;
    }),
    `| **all** | **${passed}** | **${total}** |`,
    '',
    '## Failing tests',
    '',
  ];
  if (passed === total) lines.push('None.', '');
  for (const { unit, failing } of reports) {
    const names = Object.keys(failing);
    if (names.length === 0) continue;
    lines.push(...failures(unit, names, reasons));
  }
  return [...lines, ...spawnedSection(spawned, reasons)].join('\n');
}

/** The units that were run with `--mode spawn`, as they were when that was last done. */
function spawnedSection(spawned: Spawned, reasons: Reasons): string[] {
  const units = Object.entries(spawned);
  if (units.length === 0) return [];
  const sum = (what: 'passed' | 'of') => units.reduce((total, [, counts]) => total + counts[what], 0);
  return [
    '## Units that start servers of their own',
    '',
    'Run with `--mode spawn`; all servers of a test are ours. The numbers are those of the last such run (`conformance-spawned.json`).',
    '',
    '| unit | passed | of |',
    '|---|--:|--:|',
    ...units.map(([unit, { passed, of }]) => `| ${unit} | ${passed} | ${of} |`),
    `| **all** | **${sum('passed')}** | **${sum('of')}** |`,
    '',
    ...units.flatMap(([unit]) => failures(unit, Object.keys(reasons[unit] ?? {}), reasons)),
  ];
}

function failures(unit: string, names: readonly string[], reasons: Reasons): string[] {
  if (names.length === 0) return [];
  const rows = names.map((name) => `| ${cell(name)} | ${cell(reasons[unit]?.[name] ?? '**unexplained**')} |`);
  return [`### ${unit}`, '', '| test | reason |', '|---|---|', ...rows, ''];
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}
