import { connect, type Socket } from 'node:net';
import { type ConnectionOptions, connect as connectTls } from 'node:tls';
import type { Bytes } from '../core/bytes.js';
import type { TlsMaterial } from './tls-settings.js';

/** Where to. */
export interface Place {
  readonly host: Bytes;
  readonly port: number;
}

/**
 * Starts a connection to another server; `ready` is called once bytes can be exchanged. As with Redis the other side's
 * certificate has to come from a known authority, but need not carry its name: servers are known by their addresses.
 */
export function dial({ host, port }: Place, tls: TlsMaterial | null, ready: () => void): Socket {
  if (tls === null) return connect({ host, port }, ready);
  const options = { ...tls, host, port, checkServerIdentity: () => undefined } as ConnectionOptions;
  return connectTls(options, ready);
}
