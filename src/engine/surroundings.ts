import type { LogLevel } from './settings.js';

/** The configuration file that the server was started with, for CONFIG REWRITE. Both throw the system's error. */
export interface ConfigFile {
  readonly path: string;
  read(): string;
  write(text: string): void;
}

/** V8's own account of its memory and the process's, bytes. */
export interface ProcessMemory {
  allocated: number;
  active: number;
  resident: number;
}

/** What only the host process knows and can do. */
export interface Surroundings {
  /** Kernel, release and machine: `Linux 6.1.0 x86_64`. */
  readonly os: string;
  readonly archBits: 32 | 64;
  readonly processId: number;
  readonly executable: string;
  /** The mechanism that waits for sockets. */
  readonly eventApi: string;
  /** The port that clients connect to; 0 without one. */
  readonly tcpPort: number;
  readonly configFile: ConfigFile | null;
  readonly systemMemoryBytes: number;
  memory(): ProcessMemory;
  /** Seconds of CPU that the process has used. */
  cpu(): { user: number; system: number };
  /** Changes the working directory; returns why it cannot, or null. */
  changeDirectory(path: string): string | null;
  log(level: LogLevel, message: string): void;
}

interface ProcessLike {
  readonly pid?: number;
  readonly platform?: string;
  readonly arch?: string;
  readonly execPath?: string;
  memoryUsage?(): { heapUsed: number; heapTotal: number; external: number; rss: number };
  cpuUsage?(): { user: number; system: number };
}

/** The surroundings without a server: facts about the process where the runtime tells them, else zeros. */
export function plainSurroundings(): Surroundings {
  const host = (globalThis as { process?: ProcessLike }).process ?? {};
  return {
    os: host.platform ? `${host.platform} ${host.arch}` : 'unknown',
    archBits: host.arch === 'ia32' || host.arch === 'arm' ? 32 : 64,
    processId: host.pid ?? 0,
    executable: host.execPath ?? '',
    eventApi: 'none',
    tcpPort: 0,
    configFile: null,
    systemMemoryBytes: 0,
    memory() {
      const usage = host.memoryUsage?.();
      if (!usage) return { allocated: 0, active: 0, resident: 0 };
      return {
        allocated: usage.heapUsed + usage.external,
        active: usage.heapTotal + usage.external,
        resident: usage.rss,
      };
    },
    cpu() {
      const usage = host.cpuUsage?.() ?? { user: 0, system: 0 };
      return { user: usage.user / 1_000_000, system: usage.system / 1_000_000 };
    },
    changeDirectory: () => 'No such file or directory',
    log: () => {},
  };
}
