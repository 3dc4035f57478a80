import { readFileSync } from 'node:fs';
import type { SecureVersion, TlsOptions } from 'node:tls';
import { systemMessage } from '../core/system-message.js';
import type { Config } from '../engine/config.js';
import type { ServerOptions } from '../server/index.js';
import { ConfigError } from './redis-conf.js';

/** What the parameters about the network ask a server for. Throws ConfigError for files that cannot be read. */
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

/** Null: nothing is to be listened on by TCP. */
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
  const file = (name: string): Buffer | undefined => {
    const path = config.get(name);
    if (path === '') return undefined;
    try {
      return readFileSync(path);
    } catch (error) {
      throw new ConfigError(`${name} '${path}': ${systemMessage(error)}`);
    }
  };
  const given = (name: string): string | undefined => config.get(name) || undefined;
  const versions = config
    .get('tls-protocols')
    .split(/\s+/)
    .filter((word) => /^TLSv1(\.[0-3])?$/.test(word))
    .sort() as SecureVersion[];
  return {
    cert: file('tls-cert-file'),
    key: file('tls-key-file'),
    ca: file('tls-ca-cert-file'),
    dhparam: file('tls-dh-params-file'),
    passphrase: given('tls-key-file-pass'),
    ciphers: [given('tls-ciphersuites'), given('tls-ciphers')].filter(Boolean).join(':') || undefined,
    honorCipherOrder: config.flag('tls-prefer-server-ciphers'),
    requestCert: config.get('tls-auth-clients') === 'yes',
    rejectUnauthorized: config.get('tls-auth-clients') === 'yes',
    ...(versions.length > 0 ? { minVersion: versions[0], maxVersion: versions.at(-1) } : {}),
  };
}
