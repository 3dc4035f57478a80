/** Runs one unit of the suite against a server that is started for it, whatever the tests do to that server. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { RunningServer } from '../../test/support/redis.js';

export interface UnitOutcome {
  passed: string[];
  /** Failed tests and what they said. */
  failed: Record<string, string>;
  /** Errors outside of tests. */
  exceptions: string[];
}

export interface UnitOptions {
  suite: string;
  tclsh: string;
  start: () => Promise<RunningServer>;
  /** A test silent for so long hangs: it has failed, and the unit is run again without it. */
  silence_max_ms: number;
  attempts_max: number;
}

/** Runs the unit, again after every test that hung or ended the server; never throws for what tests do. */
export async function runUnit(unit: string, options: UnitOptions): Promise<UnitOutcome> {
  const folder = mkdtempSync(join(tmpdir(), 'keyspan-unit-'));
  const stuck = new Map<string, string>();
  let outcome: UnitOutcome = { passed: [], failed: {}, exceptions: [] };
  try {
    for (let attempt = 0; attempt < options.attempts_max; attempt++) {
      const events = join(folder, `events-${attempt}`);
      const skip = join(folder, 'skip');
      writeFileSync(skip, [...stuck.keys()].join('\n'));
      const server = await options.start();
      const ending = await runGlue([events, unit, '127.0.0.1', String(server.port), skip], events, options);
      const alive = server.alive();
      await server.stop();
      const { result, open, done } = read(events);
      outcome = result;
      if (done || open === null || stuck.has(open)) {
        if (!done) outcome.exceptions.push(`the unit did not reach its end: ${ending}`);
        break;
      }
      stuck.set(open, alive ? ending : `the server ended: ${server.output().slice(-300)}`);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  for (const [name, why] of stuck) outcome.failed[name] = why;
  outcome.passed = outcome.passed.filter((name) => !(name in outcome.failed));
  return outcome;
}

function gluePath(): string {
  const near = fileURLToPath(new URL('../../../tools/conformance/glue.tcl', import.meta.url));
  return existsSync(near) ? near : join(process.cwd(), 'tools/conformance/glue.tcl');
}

/** How the interpreter ended, in words. */
function runGlue(args: string[], events: string, options: UnitOptions): Promise<string> {
  writeFileSync(events, '');
  return new Promise((resolve) => {
    const child: ChildProcess = spawn(options.tclsh, [gluePath(), ...args], {
      cwd: options.suite,
      env: { ...process.env, LC_ALL: 'C.UTF-8' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    const keep = (chunk: Buffer) => {
      output = (output + chunk.toString()).slice(-2000);
    };
    child.stdout!.on('data', keep);
    child.stderr!.on('data', keep);
    let size = -1;
    let since = Date.now();
    let hung = false;
    const watch = setInterval(() => {
      const now = readFileSync(events).length;
      if (now !== size) {
        size = now;
        since = Date.now();
      } else if (Date.now() - since > options.silence_max_ms) {
        hung = true;
        child.kill('SIGKILL');
      }
    }, 200);
    child.once('error', (error) => {
      output += String(error);
    });
    child.once('close', (code) => {
      clearInterval(watch);
      resolve(
        hung ? `no reply within ${options.silence_max_ms / 1000} s` : `status ${code}: ${output.trim().slice(-300)}`,
      );
    });
  });
}

/** The events of a run; `open` is the test that began and did not end. */
function read(file: string): { result: UnitOutcome; open: string | null; done: boolean } {
  const passed = new Set<string>();
  const failed: Record<string, string> = {};
  const exceptions: string[] = [];
  let open: string | null = null;
  let done = false;
  for (const line of readFileSync(file, 'utf8').split('\n')) {
    const [kind, name = '', message = ''] = line.split('\t');
    if (kind === 'begin') open = name;
    if (kind === 'ok') passed.add(name);
    if (kind === 'err') failed[name] = message;
    if (kind === 'exception') exceptions.push(`${name}: ${message}`);
    if (kind === 'done') done = true;
    if (kind === 'ok' || kind === 'err') open = null;
  }
  for (const name of Object.keys(failed)) passed.delete(name);
  return { result: { passed: [...passed], failed, exceptions }, open, done };
}
