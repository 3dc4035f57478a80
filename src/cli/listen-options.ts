import type { TlsOptions } from 'node:tls';
import type { Config } from '../engine/config.js';
import type { ServerOptions } from '../server/index.js';
import { listeningTls } from '../server/tls-settings.js';
import { ConfigError } from './redis-conf.js';

/** The server options that the network parameters ask for. Throws ConfigError for files that cannot be read. */
export function listenOptions(config: Config): ServerOptions {
  const unixSocket = config.get('unixsocket');
  const tlsPort = config.number('tls-port');
  return {
    port: portOf(config),
    bind: bindOf(config),
    backlog: config.number('tcp-backlog'),
    ...(unixSocket === '' ? {} : { unixSocket, unixSocketMode: Number.parseInt(config.get('unixsocketperm'), 8) }),
    ...(tlsPort === 0 ? {} : { tls: { port: tlsPort, ...tlsOptions(config) } }),
  };
}

/** Null if the server should not listen on TCP. */
export function portOf(config: Config): number | null {
  return config.number('port') === 0 || bindOf(config).length === 0 ? null : config.number('port');
}

export function bindOf(config: Config): string[] {
  return config
    .get('bind')
    .split(' ')
    .filter((address) => address !== '');
}

function tlsOptions(config: Config): TlsOptions {
  try {
    return listeningTls(config);
  } catch (error) {
    throw new ConfigError((error as Error).message);
  }
}
