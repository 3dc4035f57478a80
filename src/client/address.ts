import { DataError } from '../core/errors.js';

/** Where a node listens. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

/**
 * What nodes say of themselves and each other → where they are from here, for networks that translate addresses
 * (NAT, containers). A table of `host:port` → `host:port`, or a function; what it does not name stays as it is.
 */
export type AddressMap =
  | Readonly<Record<string, string | Address>>
  | ((address: Address) => string | Address | null | undefined);

/** `host:port`, with brackets around an IPv6 address. */
export function addressText({ host, port }: Address): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

export function sameAddress(a: Address | null, b: Address | null): boolean {
  return a !== null && b !== null && a.port === b.port && a.host === b.host;
}

/** Reads `host`, `host:port` or `[IPv6]:port`. Throws DataError for anything else. */
export function parseAddress(text: string, portDefault: number): Address {
  const found = /^(\[[^\]]+\]|[^:]*)(?::(\d{1,5}))?$/.exec(text);
  const port = found?.[2] === undefined ? portDefault : Number(found[2]);
  const host = found?.[1]?.replace(/^\[(.*)\]$/, '$1') ?? '';
  if (host === '' || port < 1 || port > 65_535) throw new DataError(`'${text}' is no address: expected host:port`);
  return { host, port };
}

/** Where an address that a node named is from here. */
export function mappedAddress(map: AddressMap | undefined, address: Address): Address {
  if (map === undefined) return address;
  const text = addressText(address);
  const found = typeof map === 'function' ? map(address) : Object.hasOwn(map, text) ? map[text] : undefined;
  if (found === null || found === undefined) return address;
  return typeof found === 'string' ? parseAddress(found, address.port) : found;
}

/** Adds those that are not in the list yet, as far as `max` allows. */
export function addAddresses(list: Address[], more: readonly Address[], max: number): void {
  for (const address of more) {
    if (list.length >= max) return;
    if (!list.some((known) => sameAddress(known, address))) list.push(address);
  }
}
