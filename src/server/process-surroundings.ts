import { chmodSync, existsSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { machine, release, totalmem, type } from 'node:os';
import { resolve } from 'node:path';
import { systemMessage } from '../core/system-message.js';
import type { LogLevel } from '../engine/settings.js';
import type { AclFile } from '../engine/storage.js';
import { type ConfigFile, plainSurroundings, type Surroundings } from '../engine/surroundings.js';

/** Options of `processSurroundings`. */
export interface ProcessSurroundingsOptions {
  /** The port that clients connect to, evaluated each time. */
  tcpPort(): number;
  configFile?: string | null;
  log?(level: LogLevel, message: string): void;
}

/** The surroundings that a server process gives its engine: facts for INFO, the configuration file, the log. */
export function processSurroundings(options: ProcessSurroundingsOptions): Surroundings {
  const { configFile } = options;
  return {
    ...plainSurroundings(),
    os: `${type()} ${release()} ${machine()}`,
    executable: process.execPath,
    eventApi: 'libuv',
    get tcpPort() {
      return options.tcpPort();
    },
    configFile: configFile ? fileAt(resolve(configFile)) : null,
    systemMemoryBytes: totalmem(),
    changeDirectory(path) {
      try {
        process.chdir(path);
        return null;
      } catch (error) {
        return systemMessage(error);
      }
    },
    log: (level, message) => options.log?.(level, message),
  };
}

/** The ACL file at a path, for `aclfile`. Its errors carry the system's message. */
export function aclFile(name: string): AclFile {
  const { read, write } = fileAt(resolve(name));
  const explained =
    <A extends unknown[], R>(work: (...args: A) => R) =>
    (...args: A): R => {
      try {
        return work(...args);
      } catch (error) {
        throw new Error(systemMessage(error), { cause: error });
      }
    };
  return { name, read: explained(read), write: explained(write) };
}

/** A file that is replaced atomically: readers see the old text or the new. */
function fileAt(path: string): ConfigFile {
  return {
    path,
    read: () => readFileSync(path, 'latin1'),
    write(text) {
      const fresh = `${path}.${process.pid}.tmp`;
      writeFileSync(fresh, text, 'latin1');
      if (existsSync(path)) chmodSync(fresh, statSync(path).mode & 0o777);
      renameSync(fresh, path);
    },
  };
}
