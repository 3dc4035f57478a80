import { spawn } from 'node:child_process';
import { unlinkSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { NEWEST_VERSION } from '../commands/version.js';
import type { ClockName } from '../core/clock.js';
import { systemMessage, systemMessageWithPath } from '../core/system-message.js';
import { Config } from '../engine/config.js';
import { Engine } from '../engine/engine.js';
import { KEYSPAN_VERSION, releaseOf } from '../engine/redis-version.js';
import type { ShutdownOptions } from '../engine/replication/shutdown.js';
import { defaultSettings } from '../engine/settings.js';
import { PersistenceError } from '../persistence/persistence-error.js';
import { aclFile, EngineAdapter, processSurroundings, type Server, startServer } from '../server/index.js';
import { DataFiles } from './data-files.js';
import { bindOf, listenOptions, portOf } from './listen-options.js';
import { Log } from './log.js';
import { ConfigError, linesOfOptions, readConfig } from './redis-conf.js';
import { onSignals, type StopSignal } from './signals.js';

/** Set in a process that was made by `daemonize yes`, so that it does not make another. */
const DAEMON_MARK = 'KEYSPAN_DAEMON';
const LOOPBACK = '127.0.0.1 -::1';

/**
 * `keyspan serve [config-file] [--directive value …]`. Resolves once the server listens, or, with `daemonize yes`,
 * once the process in the background is made. Throws ConfigError for what cannot be used.
 */
export async function serve(words: readonly string[]): Promise<void> {
  const { args, clock } = withoutClock(words);
  const hasFile = args.length > 0 && !args[0]!.startsWith('--');
  const file = hasFile && args[0] !== '-' ? resolve(args[0]!) : null;
  const config = new Config({ ...defaultSettings(), serverVersion: NEWEST_VERSION });
  config.put('bind', LOOPBACK);
  config.put('dir', process.cwd());
  const folder = process.cwd();
  if (hasFile && /^-./.test(args[0]!)) throw new ConfigError(`directives begin with two dashes, not '${args[0]}'`);
  readConfig(config, hasFile ? args[0]! : null, linesOfOptions(hasFile ? args.slice(1) : args));
  if (config.flag('daemonize') && process.env[DAEMON_MARK] === undefined) {
    goToBackground(words, folder);
    return;
  }
  await new ServerProcess(config, file, clock).start();
}

/** `--clock manual`, ours: for tests that move the time by DEBUG CLOCK. */
function withoutClock(words: readonly string[]): { args: readonly string[]; clock: ClockName } {
  const at = words.indexOf('--clock');
  if (at < 0) return { args: words, clock: 'system' };
  const clock = words[at + 1];
  if (clock !== 'system' && clock !== 'manual') throw new ConfigError('--clock is system or manual');
  return { args: [...words.slice(0, at), ...words.slice(at + 2)], clock };
}

/** The same command once more, apart from this terminal. Node cannot fork a running process. */
function goToBackground(args: readonly string[], cwd: string): void {
  const env = { ...process.env, [DAEMON_MARK]: '1' };
  const words = [...process.execArgv, process.argv[1]!, 'serve', ...args];
  spawn(process.execPath, words, { cwd, env, detached: true, stdio: 'ignore' }).unref();
}

/** The address or path that could not be had. */
function refusedAddress(error: unknown, config: Config): string {
  const { address, port, hostname } = error as { address?: string; port?: number; hostname?: string };
  const host = address ?? hostname ?? bindOf(config).join(' ');
  return host.startsWith('/') ? host : `${host}:${port ?? config.get('port')}`;
}

/** An engine with its server, log and pid file, from a configuration. */
class ServerProcess {
  readonly #config: Config;
  readonly #engine: Engine;
  readonly #log: Log;
  readonly #file: string | null;
  readonly #files: DataFiles;
  #server: Server | null = null;
  #stopping = false;
  /** Changes of the listeners, one after the other. */
  #rebinding: Promise<void> = Promise.resolve();

  constructor(config: Config, file: string | null, clock: ClockName) {
    this.#config = config;
    this.#file = file;
    const logfile = config.get('logfile');
    this.#log = new Log(() => config.settings.logLevel, logfile === '' ? '' : resolve(logfile));
    this.#engine = new Engine({ config, clock });
    this.#engine.surroundings = processSurroundings({
      tcpPort: () => this.#server?.port ?? this.#server?.tlsPort ?? config.number('port'),
      configFile: file,
      log: (level, message) => this.#log.write(level, message),
    });
    this.#loadUsers();
    this.#files = new DataFiles(this.#engine);
  }

  async start(): Promise<void> {
    const config = this.#config;
    if (portOf(config) === null && config.number('tls-port') === 0 && config.get('unixsocket') === '') {
      throw new ConfigError('nothing to listen on: give a port, a tls-port or a unixsocket');
    }
    this.#announce();
    // Whoever connects while the data are loaded is not refused.
    this.#server = await this.#listen();
    if (config.number('port') !== 0 && this.#server.port !== null) config.put('port', String(this.#server.port));
    this.#announceMode();
    this.#engine.onShutdown = () => void this.stop();
    this.#follow();
    try {
      await this.#load();
    } catch (error) {
      // Nobody is served without the data.
      await this.#server.close();
      throw error;
    }
    this.#writePid();
    this.#engine.startCron();
    this.#followPrimary();
    const { shutdown } = this.#engine.replication;
    onSignals(
      (signal) => {
        this.#log.write('warning', `Received ${signal} scheduling shutdown...`);
        shutdown.request(this.#shutdownOptions(signal));
      },
      () => this.#stopping || shutdown.underWay,
    );
    if (config.flag('set-proc-title')) process.title = `keyspan ${this.#server.address}:${this.#server.port ?? 0}`;
    this.#log.write('notice', 'Ready to accept connections');
  }

  /** Throws ConfigError; the log tells of it too, which may be all that is left of a server in the background. */
  async #listen(): Promise<Server> {
    const config = this.#config;
    try {
      return await startServer(new EngineAdapter(this.#engine), listenOptions(config));
    } catch (error) {
      const isTold = error instanceof ConfigError;
      const problem = isTold
        ? error
        : new ConfigError(`Could not listen on ${refusedAddress(error, config)}: ${systemMessage(error)}`);
      this.#log.write('warning', problem.message);
      if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE')
        this.#log.write('warning', `Failed listening on port ${config.get('port')} (TCP), aborting.`);
      throw problem;
    }
  }

  /** `shutdown-on-sigint` and `shutdown-on-sigterm`. */
  #shutdownOptions(signal: StopSignal): ShutdownOptions {
    const words = this.#config.get(`shutdown-on-${signal.toLowerCase()}`).split(' ');
    const has = (word: string): boolean => words.includes(word);
    return { save: has('save'), nosave: has('nosave'), now: has('now'), force: has('force') };
  }

  #followPrimary(): void {
    const [host, port] = this.#config.get('replicaof').split(' ');
    if (host !== undefined && port !== undefined) this.#engine.replication.follow(host, Number(port));
  }

  /** Throws ConfigError for a file that cannot be loaded: nothing is served from half of the data. */
  async #load(): Promise<void> {
    try {
      await this.#files.load();
    } catch (error) {
      const isSystem = typeof (error as NodeJS.ErrnoException).code === 'string';
      if (!isSystem && !(error instanceof PersistenceError)) throw error;
      const reason = isSystem ? systemMessageWithPath(error) : (error as Error).message;
      this.#log.write('warning', `Fatal error loading the DB: ${reason}. Exiting.`);
      if (!this.#config.flag('appendonly'))
        this.#log.write('warning', 'Terminating server after rdb file reading failure.');
      throw new ConfigError(`Cannot load the data: ${reason}`);
    }
  }

  /** The users of the configuration file or of the file that `aclfile` names: both would leave open which ones hold. */
  #loadUsers(): void {
    const { acl } = this.#engine;
    const name = this.#config.get('aclfile');
    if (name !== '' && this.#config.users.length > 0) {
      throw new ConfigError('Users are defined in the configuration file and an ACL file is named: use one of them');
    }
    acl.configure(this.#config.users);
    if (name === '') return;
    const file = aclFile(name);
    acl.file = file;
    const problem = acl.load(file);
    if (problem !== null) throw new ConfigError(`Aborting startup because of ACL errors: ${problem}`);
  }

  /** Closes what is open and ends the process. */
  async stop(): Promise<void> {
    if (this.#stopping) return;
    this.#stopping = true;
    await this.#server?.close();
    this.#engine.stopCron();
    await this.#files.close();
    for (const name of ['pidfile', 'unixsocket']) this.#removeFile(this.#config.get(name));
    this.#log.write('warning', 'keyspan is now ready to exit, bye bye...');
    process.exit(0);
  }

  #announce(): void {
    const config = this.#config;
    const write = this.#log.write.bind(this.#log);
    write(
      'warning',
      `keyspan is starting: version=${KEYSPAN_VERSION}, redis=${releaseOf(config.settings)}, node=${process.version}`,
    );
    write(
      'warning',
      this.#file === null
        ? 'No config file specified, using the defaults and the command line'
        : 'Configuration loaded',
    );
  }

  #announceMode(): void {
    const config = this.#config;
    const write = this.#log.write.bind(this.#log);
    const mode = config.flag('cluster-enabled') ? 'cluster' : 'standalone';
    write('notice', `Running mode=${mode}, port=${config.get('port')}, PID: ${process.pid}`);
    if (mode === 'cluster')
      write('notice', 'This node is a cluster by itself and serves all slots until CLUSTER ADDSLOTS says otherwise');
    write('warning', 'Server initialized');
  }

  /** CONFIG SET of what the process carries out. */
  #follow(): void {
    const config = this.#config;
    const refusals = {
      port: 'Unable to listen on this port. Check server logs.',
      bind: 'Failed to bind to specified addresses.',
    };
    const rebind = (name: string, previous: string): string | null => {
      if (!this.#server!.canBind(portOf(config), bindOf(config))) return refusals[name as keyof typeof refusals];
      this.#rebinding = this.#rebinding.then(() => this.#rebind(name, previous));
      return null;
    };
    config.onChange('port', (_value, previous) => rebind('port', previous));
    config.onChange('bind', (_value, previous) => rebind('bind', previous));
    config.onChange('dir', (value) => {
      const problem = this.#engine.surroundings.changeDirectory(value);
      if (problem === null) config.put('dir', process.cwd());
      return problem;
    });
    const fixed = 'Unable to update TLS configuration. Check server logs.';
    for (const name of ['tls-port', 'tls-cert-file', 'tls-key-file', 'tls-ca-cert-file'])
      config.onChange(name, () => fixed);
  }

  /** The reply to CONFIG SET has gone out when an address turns out to be taken: the old value comes back, and a log line. */
  async #rebind(name: string, previous: string): Promise<void> {
    try {
      await this.#server!.rebind(portOf(this.#config), bindOf(this.#config));
    } catch (error) {
      this.#log.write('warning', `Could not listen on ${name} ${this.#config.get(name)}: ${systemMessage(error)}`);
      this.#config.put(name, previous);
    }
  }

  #writePid(): void {
    const path = this.#config.get('pidfile');
    if (path === '') return;
    try {
      writeFileSync(path, `${process.pid}\n`);
    } catch (error) {
      this.#log.write('warning', `Can't write the pid file ${path}: ${systemMessage(error)}`);
    }
  }

  #removeFile(path: string): void {
    if (path === '') return;
    try {
      unlinkSync(path);
    } catch {
      // Gone already, or never made.
    }
  }
}
