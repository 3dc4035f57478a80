import { connect, type Socket } from 'node:net';
import { type ConnectionOptions, connect as connectTls } from 'node:tls';
import type { Bytes } from '../core/bytes.js';
import type { TlsMaterial } from './tls-settings.js';

/** An address to connect to. */
export interface Place {
  readonly host: Bytes;
  readonly port: number;
  /** The address to connect from; empty or absent: the system chooses. */
  readonly sourceAddress?: Bytes;
}

/**
 * Connects to another server; `ready` is called once bytes can be exchanged. As in Redis, the other side's certificate
 * must come from a known authority but need not match a name: servers are known by their addresses.
 */
export function dial({ host, port, sourceAddress }: Place, tls: TlsMaterial | null, ready: () => void): Socket {
  const place = { host, port, ...(sourceAddress ? { localAddress: sourceAddress } : {}) };
  if (tls === null) return connect(place, ready);
  const options = { ...tls, ...place, checkServerIdentity: () => undefined } as ConnectionOptions;
  return connectTls(options, ready);
}
