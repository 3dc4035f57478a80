import { DataError } from '../../core/errors.js';
import { type Address, addressText, parseAddress } from '../address.js';
import type { ClientOptions } from '../client-options.js';
import { parseUrl, type UrlArguments } from '../url.js';
import { type ClusterOptions, type ClusterReadFrom, clusterDefaults } from './cluster-options.js';

/** URL schemes of clusters, and of one of their nodes. */
const schemes: Readonly<Record<string, string>> = {
  'redis+cluster': 'redis',
  'rediss+cluster': 'rediss',
  'valkey+cluster': 'valkey',
  'valkeys+cluster': 'valkeys',
};

const EXPECTED = 'redis+cluster://[user[:password]@]host[:port][,host[:port]…][?option=value] or rediss+cluster://…';
const readFroms: readonly string[] = ['primary', 'preferReplica', 'replica', 'nearest'] satisfies ClusterReadFrom[];

/** What `open` takes for a cluster. */
export interface ClusterArguments extends Omit<ClusterOptions, 'hosts'>, Pick<UrlArguments, 'decodeComponents'> {
  hosts?: ClusterOptions['hosts'];
}

/** Whether `open` should give this URL to the cluster client. */
export function isClusterUrl(url: string): boolean {
  return Object.hasOwn(schemes, schemeOf(url));
}

function schemeOf(url: string): string {
  return (/^([a-z][a-z0-9+.-]*):/i.exec(url)?.[1] ?? '').toLowerCase();
}

/**
 * The options of a cluster's URL: `redis+cluster://user:password@h1:7000,h2:7001/?readFrom=preferReplica`. Options are
 * those of `redis://` URLs, and `readFrom`, `refreshInterval`, `redirectsMax`; those of the URL win over `given`. The URL
 * of one node will do as well. Throws DataError for a URL of another form, never showing what may be a password.
 */
export function parseClusterUrl(url: string, given: ClusterArguments = {}): ClusterOptions {
  const scheme = schemeOf(url);
  const single = schemes[scheme] ?? scheme;
  const parts = /^[^:]+:\/\/((?:[^@/?#]*@)?)([^/?#]*)(\/?)([^?#]*)(?:\?([^#]*))?$/.exec(url);
  if (parts === null) throw new DataError(`wrong URL: expected ${EXPECTED}`);
  const [, user = '', places = '', , path = '', search = ''] = parts;
  if (path !== '' && path !== '0') throw new DataError('a cluster has database 0 only: expected no path in the URL');
  const { options, rest } = ownOptions(search);
  const seeds = places
    .split(',')
    .filter((place) => place !== '')
    .map(seedOf);
  const [first = { host: 'localhost', port: clusterDefaults.port }, ...more] = seeds;
  const { hosts = [], readFrom, ...arguments_ } = given;
  const parsed = parseUrl(`${single}://${user}${addressText(first)}${rest}`, arguments_ as ClientOptions);
  const { db: _, readFrom: __, host, port, ...common } = parsed;
  // A URL that names no node leaves it to the hosts of the options.
  const named = seeds.length > 0 || hosts.length === 0;
  return {
    ...common,
    ...(named ? { host, port } : {}),
    ...(readFrom === undefined ? {} : { readFrom }),
    ...options,
    hosts: [...more, ...hosts],
  };
}

function seedOf(place: string): Address {
  return parseAddress(place, clusterDefaults.port);
}

/** The options that only clusters have, and the others as they stood. */
function ownOptions(search: string): { options: ClusterOptions; rest: string } {
  const options: ClusterOptions = {};
  const query = new URLSearchParams(search);
  for (const name of ['refreshInterval', 'redirectsMax'] as const) {
    const value = query.get(name);
    if (value === null) continue;
    if (!/^\d{1,9}$/.test(value)) throw new DataError(`option '${name}' of the URL: expected a whole number`);
    options[name] = Number(value);
    query.delete(name);
  }
  const readFrom = query.get('readFrom');
  if (readFrom !== null) {
    if (!readFroms.includes(readFrom))
      throw new DataError(`option 'readFrom' of the URL: expected ${readFroms.join(' or ')}`);
    options.readFrom = readFrom as ClusterReadFrom;
    query.delete('readFrom');
  }
  const rest = query.toString();
  return { options, rest: rest === '' ? '' : `?${rest}` };
}
