import { readFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { ConnectionError } from '../core/errors.js';
import { addressOf, type ConnectionSettings, type TlsSettings } from './client-options.js';

/** Bytes that came, to be read before the call returns: the buffer is used again. */
export type OnBytes = (buffer: Uint8Array, length: number) => void;

const READ_BYTES = 65_536;

/** Starts a connection; it is there with the event `connect`, or `secureConnect` for TLS. */
export async function openSocket(settings: ConnectionSettings, onBytes: OnBytes): Promise<Socket> {
  const socket =
    settings.tls === null ? plainSocket(settings, onBytes) : await tlsSocket(settings, settings.tls, onBytes);
  socket.setNoDelay(true);
  if (settings.keepAlive > 0) socket.setKeepAlive(true, settings.keepAlive);
  return socket;
}

/** Reads go into one buffer of the connection: no allocation, no copy and no stream machinery per read. */
function plainSocket(settings: ConnectionSettings, onBytes: OnBytes): Socket {
  const onread = {
    buffer: Buffer.allocUnsafeSlow(READ_BYTES),
    callback(length: number, buffer: Uint8Array) {
      onBytes(buffer, length);
      return true;
    },
  };
  if (settings.path !== null) return connect({ path: settings.path, onread });
  return connect({ host: settings.host, port: settings.port, onread, autoSelectFamily: true });
}

async function tlsSocket(settings: ConnectionSettings, tls: TlsSettings, onBytes: OnBytes): Promise<Socket> {
  const { connect: connectTls } = await import('node:tls');
  const { caFile, certFile, keyFile, ca, ...rest } = tls;
  const [caRead, cert, key] = await Promise.all(
    [caFile, certFile, keyFile].map((file) => (file ? readFile(file) : undefined)),
  );
  const authority = ca ?? caRead;
  const options = {
    ...rest,
    ...(authority === undefined ? {} : { ca: authority as string }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
  } as { servername?: string };
  // An address is no name to ask for.
  if (options.servername === undefined && settings.path === null && !/^[\d.]+$|:/.test(settings.host))
    options.servername = settings.host;
  const place = settings.path === null ? { host: settings.host, port: settings.port } : { path: settings.path };
  const socket = connectTls({ ...options, ...place });
  socket.on('data', (chunk: Buffer) => onBytes(chunk, chunk.length));
  return socket;
}

/** What went wrong on the way to a server, in words; `cause` is the system's error. */
export function connectFailure(settings: ConnectionSettings, cause: unknown): ConnectionError {
  return new ConnectionError(`cannot connect to ${addressOf(settings)}: ${reasonOf(cause)}`, { cause });
}

/** The message of an error of the system; those of several addresses are told by their codes. */
function reasonOf(cause: unknown): string {
  if (cause instanceof AggregateError) return [...new Set(cause.errors.map(reasonOf))].join(', ');
  if (!(cause instanceof Error)) return String(cause);
  const { code } = cause as NodeJS.ErrnoException;
  return code !== undefined && !cause.message.includes(code) ? `${code} ${cause.message}` : cause.message;
}

/** Codes of errors that the next attempt would meet again: certificates that do not fit. */
const lasting =
  /^(ERR_TLS_|ERR_SSL_|ERR_OSSL_|CERT_|DEPTH_ZERO_|SELF_SIGNED|UNABLE_TO_|HOSTNAME_MISMATCH|EACCES|ERR_INVALID)/;

export function isLasting(cause: unknown): boolean {
  const code = cause instanceof Error ? (cause as NodeJS.ErrnoException).code : undefined;
  return code !== undefined && lasting.test(code);
}
