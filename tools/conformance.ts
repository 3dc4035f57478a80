/**
 * `npm run conformance [-- --units "unit/type/string unit/expire"] [--mode external] [--silence 90] [--fresh-baseline] [--failures]
 * [--against 8.0]`
 *
 * Runs Redis' own Tcl suite, unit by unit, against `keyspan serve` and compares with what redis-server passes when
 * run in the same way (that baseline is kept in the cache). A run of all units writes `docs/conformance.md`.
 * `--against 8.0` takes the suite and the server of Redis 8.0, which `npm run newer-servers` leaves in the cache, and writes
 * `docs/conformance-8.0.md`.
 * Ends with status 1 if a test fails that `docs/conformance-reasons.json` does not name, 2 if nothing could be run.
 *
 * With KEYSPAN_TCL_SUITE set to another driver of the suite (a program that takes `--mode external --server-cmd
 * --port --units --details`), that one runs the tests and brings its own baseline; `--mode spawn` then lets every
 * block of the suite start a server of its own, with which more of the tests apply.
 */
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import {
  freePort,
  keyspanCommand,
  type RunningServer,
  startKeyspan,
  startNewer,
  startRedis,
} from '../test/support/redis.js';
import { judge, page, type Reasons, type Spawned, type UnitReport } from './conformance/report.js';
import { findSuite, findTclsh } from './conformance/suite.js';
import { runUnit, type UnitOptions, type UnitOutcome } from './conformance/unit.js';
import { findNewerSuite, whyNoNewer } from './newer-server.js';
import { cacheFolder, findRedis, whyNoRedis } from './redis-binary.js';

const run = promisify(execFile);

/** The units about what keyspan's server offers; the others test replication, persistence, cluster, or start servers of their own (ACL). */
const units_default = [
  'unit/printver unit/auth unit/protocol unit/keyspace unit/scan unit/info unit/info-command unit/type/string',
  'unit/type/incr unit/type/list unit/type/list-2 unit/type/list-3 unit/type/set unit/type/zset unit/type/hash',
  'unit/sort unit/expire unit/other unit/multi unit/quit unit/latency-monitor unit/pubsub unit/pubsubshard',
  'unit/slowlog unit/maxmemory unit/introspection unit/introspection-2 unit/limits unit/obuf-limits unit/bitops',
  'unit/bitfield unit/geo unit/memefficiency unit/hyperloglog unit/lazyfree unit/pause unit/querybuf',
  'unit/pendingquerybuf unit/networking unit/violations unit/replybufsize unit/dump',
  'unit/type/stream unit/type/stream-cgroups unit/tracking unit/scripting unit/functions',
].join(' ');

/** Those whose subjects 8.0 has changed, or brought. */
const units_newer = [
  'unit/type/string unit/type/incr unit/type/list unit/type/list-2 unit/type/list-3 unit/type/set unit/type/zset',
  'unit/type/hash unit/type/hash-field-expire unit/type/stream unit/type/stream-cgroups unit/expire unit/keyspace',
  'unit/scan unit/sort unit/bitops unit/bitfield unit/geo unit/hyperloglog unit/multi unit/protocol unit/dump',
  'unit/functions',
].join(' ');

const { values } = parseArgs({
  options: {
    units: { type: 'string' },
    against: { type: 'string', default: '7.0' },
    mode: { type: 'string', default: 'external' },
    silence: { type: 'string', default: '90' },
    'fresh-baseline': { type: 'boolean', default: false },
    failures: { type: 'boolean', default: false },
  },
});
const newer = values.against === '8.0';
if (!newer && values.against !== '7.0') throw new Error('--against is 7.0 or 8.0');
const units_all = newer ? units_newer : units_default;
const units = (values.units ?? units_all).split(/[\s,]+/).filter(Boolean);
const complete = units_all.split(' ').every((unit) => units.includes(unit));
const reasonsFile = `docs/conformance-reasons${newer ? '-8.0' : ''}.json`;
const spawnedFile = 'docs/conformance-spawned.json';
const ownVersion = newer ? ['--server-version', '8.0'] : [];
const settings = ['--enable-protected-configs', 'yes', '--enable-module-command', 'yes'];

type Baseline = Record<string, { passed: string[] }>;

async function ownDriver(report: (unit: UnitReport) => void): Promise<void> {
  if (values.mode !== 'external') throw new Error(`--mode ${values.mode} needs KEYSPAN_TCL_SUITE`);
  const redis = await findRedis();
  if (redis === null) throw new Error(whyNoRedis());
  const suite = newer ? findNewerSuite() : await findSuite();
  if (suite === null) throw new Error(whyNoNewer());
  const options = { suite, tclsh: await findTclsh(), attempts_max: 12 };
  const silence_max_ms = Number(values.silence) * 1000;
  const baselineFile = join(cacheFolder(), `conformance-baseline-${newer ? '8.0' : redis.version}.json`);
  const baseline: Baseline =
    existsSync(baselineFile) && !values['fresh-baseline'] ? JSON.parse(readFileSync(baselineFile, 'utf8')) : {};
  const attempt = (unit: string, start: () => Promise<RunningServer>): Promise<UnitOutcome> => {
    const all: UnitOptions = { ...options, start, silence_max_ms };
    return runUnit(unit, all);
  };
  for (const unit of units) {
    if (!existsSync(join(options.suite, `tests/${unit}.tcl`))) throw new Error(`the suite has no unit ${unit}`);
    if (baseline[unit] === undefined) {
      const real = await attempt(unit, () =>
        newer ? startNewer('redis', { args: settings }) : startRedis({ args: settings }),
      );
      baseline[unit] = { passed: real.passed };
      writeFileSync(baselineFile, JSON.stringify(baseline, null, 1));
      for (const [name, why] of Object.entries(real.failed))
        console.log(`  (redis-server fails ${name}: ${why.slice(0, 120)})`);
      for (const why of real.exceptions) console.log(`  (redis-server, between tests: ${why.slice(0, 160)})`);
    }
    const outcome = await attempt(unit, () => startKeyspan({ args: [...settings, ...ownVersion] }));
    const expected = baseline[unit].passed;
    const missing = expected.filter((name) => !outcome.passed.includes(name));
    const failing = Object.fromEntries(missing.map((name) => [name, outcome.failed[name] ?? 'did not run']));
    report({ unit, expected, failing, exceptions: outcome.exceptions });
  }
}

interface DriverDetails {
  units: Record<
    string,
    {
      ok: Record<string, number>;
      err: Record<string, string>;
      baseline_failed: string[];
      baseline_aborted: string[];
      exceptions: string[];
    }
  >;
}

/** Another driver of the suite, with its own baseline. */
async function namedDriver(program: string, report: (unit: UnitReport) => void): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'keyspan-suite-'));
  const file = join(folder, 'details.json');
  const port = String(await freePort());
  const args = ['--mode', values.mode, '--port', port, '--server-cmd', keyspanCommand().join(' '), '--details', file];
  try {
    const child = run(program, [...args, '--units', units.join(' ')], { maxBuffer: 1 << 26 });
    child.child.stdout?.pipe(process.stdout);
    // It ends with a status of its own when tests fail; what counts is the file.
    await child.catch((error: Error) => {
      if (!existsSync(file)) throw error;
    });
    const details = JSON.parse(readFileSync(file, 'utf8')) as DriverDetails;
    for (const [unit, { ok, err, baseline_failed, baseline_aborted, exceptions }] of Object.entries(details.units)) {
      const missing = [...(baseline_failed ?? []), ...(baseline_aborted ?? [])];
      const failing = Object.fromEntries(
        missing.map((name) => [name, (err[name] ?? 'did not run').split('\n').slice(0, 3).join(' ')]),
      );
      const expected = [...Object.keys(ok), ...missing.filter((name) => !(name in ok))];
      report({ unit, expected, failing, exceptions });
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const reports: UnitReport[] = [];
const report = (unit: UnitReport): void => {
  reports.push(unit);
  const failed = Object.entries(unit.failing);
  console.log(`${unit.unit.padEnd(28)} ${unit.expected.length - failed.length} of ${unit.expected.length}`);
  if (values.failures) for (const [name, why] of failed) console.log(`    ${name}: ${why.slice(0, 200)}`);
  if (values.failures) for (const why of unit.exceptions) console.log(`    (between tests) ${why.slice(0, 200)}`);
};

try {
  const program = process.env.KEYSPAN_TCL_SUITE;
  if (program === undefined || program === '') await ownDriver(report);
  else await namedDriver(program, report);
} catch (error) {
  console.error(`conformance: ${(error as Error).message}`);
  process.exit(2);
}

const reasons: Reasons = existsSync(reasonsFile) ? JSON.parse(readFileSync(reasonsFile, 'utf8')) : {};
const { unexplained, obsolete } = judge(reports, reasons);
const spawned: Spawned = newer || !existsSync(spawnedFile) ? {} : JSON.parse(readFileSync(spawnedFile, 'utf8'));
if (values.mode === 'spawn' && !newer) {
  for (const { unit, expected, failing } of reports) {
    spawned[unit] = { passed: expected.length - Object.keys(failing).length, of: expected.length };
  }
  writeFileSync(spawnedFile, `${JSON.stringify(spawned, null, 2)}\n`);
}
// The page is about the driver of this repository; another one counts differently.
if (complete && !process.env.KEYSPAN_TCL_SUITE)
  writeFileSync(
    `docs/conformance${newer ? '-8.0' : ''}.md`,
    page(reports, reasons, newer ? '8.0.2' : '7.0.15', spawned),
  );
for (const { unit, test } of obsolete) console.log(`passes now, remove its reason: ${unit}: ${test}`);
for (const { unit, test, message } of unexplained) console.log(`FAILS: ${unit}: ${test}: ${message.slice(0, 300)}`);
const total = reports.reduce((sum, { expected }) => sum + expected.length, 0);
const failing = reports.reduce((sum, unit) => sum + Object.keys(unit.failing).length, 0);
console.log(
  `${total - failing} of the ${total} tests that redis-server passes; ${unexplained.length} failures without a reason`,
);
if (unexplained.length > 0) process.exitCode = 1;
