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

/** `docs/conformance.md`. */
export function page(reports: readonly UnitReport[], reasons: Reasons): string {
  const sum = (count: (report: UnitReport) => number) => reports.reduce((total, report) => total + count(report), 0);
  const total = sum((report) => report.expected.length);
  const passed = total - sum((report) => Object.keys(report.failing).length);
  const lines = [
    '# Conformance with the Redis test suite',
    '',
    "Redis' own Tcl suite (7.0.15, from Debian's source package, fetched when the tool runs) against `keyspan serve`.",
    'The total of a unit is what redis-server 7.0.15 passes in the same way of running. Written by `npm run conformance`.',
    'Not run: the units about replication, persistence and cluster, and those that start servers of their own (ACL).',
    'Do not edit by hand. Reasons live in `conformance-reasons.json`; that list may only shrink.',
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
    lines.push(`### ${unit}`, '', '| test | reason |', '|---|---|');
    for (const name of names) lines.push(`| ${cell(name)} | ${cell(reasons[unit]?.[name] ?? '**unexplained**')} |`);
    lines.push('');
  }
  return lines.join('\n');
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}
