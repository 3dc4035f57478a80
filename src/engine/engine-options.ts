import { type ServerVersion, serverVersions } from '../commands/version.js';
import type { Clock, ClockName } from '../core/clock.js';
import { DataError } from '../core/errors.js';
import type { Config } from './config.js';
import type { Settings } from './settings.js';

/** Options of an engine. Defaults are those of redis-server. */
export interface EngineOptions {
  /** Number of logical databases. Default 16. */
  databases?: number;
  /** The source of time: a clock object, or the name of one. Default: the system clock. */
  clock?: Clock | ClockName;
  /** Seeds all random choices, making them repeatable. */
  seed?: number;
  /** The hash seed, for engines whose hash tables share records. Default: random. */
  hashSeed?: number;
  settings?: Partial<Settings>;
  /** The Redis version to emulate. Default 7.0; `open` and `embedded` choose the newest. */
  serverVersion?: ServerVersion;
  /** A configuration that was already read; `settings` are then its own. */
  config?: Config;
}

const clockNames: readonly string[] = ['system', 'manual', 'app'] satisfies ClockName[];
/** Redis takes any number that an int holds; each costs some hundred bytes. */
const DATABASES_MAX = 2 ** 20;

/** Throws DataError for an option that no engine can have. */
export function checkEngineOptions({ databases = 1, clock = 'system', seed = 0, serverVersion }: EngineOptions): void {
  if (!Number.isInteger(databases) || databases < 1 || databases > DATABASES_MAX)
    throw new DataError(`databases: expected an integer from 1 to ${DATABASES_MAX}, not ${databases}`);
  if (typeof clock === 'string' ? !clockNames.includes(clock) : typeof clock?.now !== 'function')
    throw new DataError(`clock: expected 'system', 'manual', 'app' or an object with now(), not ${String(clock)}`);
  if (!Number.isFinite(seed)) throw new DataError(`seed: expected a number, not ${seed}`);
  if (serverVersion !== undefined && !serverVersions.includes(serverVersion))
    throw new DataError(`serverVersion: expected one of ${serverVersions.join(', ')}, not ${serverVersion}`);
}
