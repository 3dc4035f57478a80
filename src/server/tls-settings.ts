import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SecureVersion, TlsOptions } from 'node:tls';
import { systemMessage } from '../core/system-message.js';
import type { Config } from '../engine/config.js';

/** TLS material as plain data that can be passed to another thread. */
export interface TlsMaterial {
  readonly cert?: Uint8Array;
  readonly key?: Uint8Array;
  readonly ca?: readonly Uint8Array[];
  readonly passphrase?: string;
  readonly ciphers?: string;
  readonly minVersion?: SecureVersion;
  readonly maxVersion?: SecureVersion;
}

/** TLS options for listeners, from the `tls-…` parameters. Throws an Error naming a file that cannot be read. */
export function listeningTls(config: Config): TlsOptions {
  const clients = config.get('tls-auth-clients');
  return {
    ...(common(config) as TlsOptions),
    cert: file(config, 'tls-cert-file'),
    key: file(config, 'tls-key-file'),
    passphrase: given(config, 'tls-key-file-pass'),
    dhparam: file(config, 'tls-dh-params-file'),
    honorCipherOrder: config.flag('tls-prefer-server-ciphers'),
    // With `optional`, clients without a certificate are admitted; the listener rejects those with an invalid one.
    requestCert: clients !== 'no',
    rejectUnauthorized: clients === 'yes',
  };
}

/**
 * TLS options for connections to other servers: with the client certificate, or else the server's. Throws an Error
 * naming a file that cannot be read.
 */
export function dialingTls(config: Config): TlsMaterial {
  const own = given(config, 'tls-client-cert-file') !== undefined && given(config, 'tls-client-key-file') !== undefined;
  const role = own ? 'tls-client' : 'tls';
  return {
    ...common(config),
    cert: file(config, `${role}-cert-file`),
    key: file(config, `${role}-key-file`),
    passphrase: given(config, `${role}-key-file-pass`),
  };
}

function common(config: Config): TlsMaterial {
  const versions = config
    .get('tls-protocols')
    .split(/\s+/)
    .filter((word) => /^TLSv1(\.[0-3])?$/.test(word))
    .sort() as SecureVersion[];
  const authorities = [file(config, 'tls-ca-cert-file') ?? [], folder(config, 'tls-ca-cert-dir')].flat();
  const ciphers = [given(config, 'tls-ciphersuites'), given(config, 'tls-ciphers')].filter(Boolean).join(':');
  return {
    ...(authorities.length === 0 ? {} : { ca: authorities }),
    ...(ciphers === '' ? {} : { ciphers }),
    ...(versions.length === 0 ? {} : { minVersion: versions[0], maxVersion: versions.at(-1) }),
  };
}

const given = (config: Config, name: string): string | undefined => config.get(name) || undefined;

function file(config: Config, name: string): Buffer | undefined {
  const path = given(config, name);
  return path === undefined ? undefined : named(name, path, () => readFileSync(path));
}

/** All certificates in a folder. */
function folder(config: Config, name: string): Buffer[] {
  const path = given(config, name);
  if (path === undefined) return [];
  return named(name, path, () =>
    readdirSync(path, { withFileTypes: true })
      .filter((entry) => !entry.isDirectory())
      .map((entry) => readFileSync(join(path, entry.name))),
  );
}

function named<T>(name: string, path: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new Error(`${name} '${path}': ${systemMessage(error)}`, { cause: error });
  }
}
