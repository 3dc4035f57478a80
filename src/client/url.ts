import { DataError } from '../core/errors.js';
import { parseAddress } from './address.js';
import type { ClientOptions, TlsSettings } from './client-options.js';
import { Secret } from './secret.js';

interface Scheme {
  readonly tls: boolean;
  readonly unix: boolean;
  /** The hosts are Sentinels, and the path begins with the name of a service. */
  readonly sentinel?: true;
}

/** URL schemes that a network client serves. */
const schemes: Readonly<Record<string, Scheme>> = {
  redis: { tls: false, unix: false },
  rediss: { tls: true, unix: false },
  valkey: { tls: false, unix: false },
  valkeys: { tls: true, unix: false },
  unix: { tls: false, unix: true },
  'redis+unix': { tls: false, unix: true },
  'redis+sentinel': { tls: false, unix: false, sentinel: true },
  'rediss+sentinel': { tls: true, unix: false, sentinel: true },
  'valkey+sentinel': { tls: false, unix: false, sentinel: true },
  'valkeys+sentinel': { tls: true, unix: false, sentinel: true },
};

const EXPECTED =
  'redis://[user[:password]@]host[:port][,host[:port]…][/db][?option=value], rediss://…, ' +
  'redis+sentinel://[user[:password]@]host[:port][,…]/service[/db], unix://[user[:password]@]/path[?db=n]';

/** Whether `open` should give this URL to the network client. */
export function isClientUrl(url: string): boolean {
  return (/^([a-z][a-z0-9+.-]*):/i.exec(url)?.[1] ?? '').toLowerCase() in schemes;
}

/** Options that stand beside a URL. What the URL says counts more. */
export interface UrlArguments extends ClientOptions {
  /** Whether percent-escapes in host, path, user and password are replaced; true unless said otherwise. */
  decodeComponents?: boolean;
}

type Draft = { -readonly [K in keyof UrlArguments]: UrlArguments[K] } & {
  tlsDraft: { -readonly [K in keyof TlsSettings]: TlsSettings[K] };
};
type Read = (draft: Draft, value: string, name: string) => void;

function wrong(name: string, expected: string): DataError {
  return new DataError(`option '${name}' of the URL: expected ${expected}`);
}

function whole(value: string, name: string): number {
  if (!/^\d{1,15}$/.test(value)) throw wrong(name, 'a whole number');
  return Number(value);
}

function seconds(value: string, name: string): number {
  if (!/^\d+(\.\d+)?$/.test(value)) throw wrong(name, 'a number of seconds');
  return Number(value) * 1000;
}

function yes(value: string, name: string): boolean {
  if (/^(true|yes|on|1)$/i.test(value)) return true;
  if (/^(false|no|off|0|)$/i.test(value)) return false;
  throw wrong(name, 'true or false');
}

function oneOf<const T extends string>(value: string, name: string, words: readonly T[]): T {
  const found = words.find((word) => word === value);
  if (found === undefined) throw wrong(name, words.join(' or '));
  return found;
}

type NumberKey =
  | 'db'
  | 'port'
  | 'timeout'
  | 'connectTimeout'
  | 'keepAlive'
  | 'discoveryTimeout'
  | 'roleCheckInterval'
  | 'pingInterval'
  | 'retriesMax'
  | 'queueMax'
  | 'queueBytesMax'
  | 'maxConnections';
const number =
  (key: NumberKey): Read =>
  (draft, value, name) => {
    draft[key] = whole(value, name);
  };
const duration =
  (key: NumberKey): Read =>
  (draft, value, name) => {
    draft[key] = seconds(value, name);
  };
const text =
  (key: 'host' | 'path' | 'username' | 'name' | 'sentinelUsername'): Read =>
  (draft, value) => {
    draft[key] = value;
  };
const file =
  (key: 'caFile' | 'certFile' | 'keyFile' | 'servername'): Read =>
  (draft, value) => {
    draft.tlsDraft[key] = value;
  };

/** Options in milliseconds have this library's names; those of redis-py keep its names, and its seconds. */
const readers: Readonly<Record<string, Read>> = {
  db: number('db'),
  host: text('host'),
  port: number('port'),
  username: text('username'),
  password: (draft, value) => {
    draft.password = new Secret(value);
  },
  name: text('name'),
  client_name: text('name'),
  path: text('path'),
  unix_socket_path: text('path'),
  protocol: (draft, value, name) => {
    draft.protocol = Number(oneOf(value, name, ['2', '3'])) as 2 | 3;
  },
  retry: (draft, value, name) => {
    draft.retry = oneOf(value, name, ['never', 'safe', 'always']);
  },
  retry_on_timeout: (draft, value, name) => {
    draft.retry = yes(value, name) ? 'safe' : 'never';
  },
  timeout: number('timeout'),
  socketTimeout: number('timeout'),
  socket_timeout: duration('timeout'),
  connectTimeout: number('connectTimeout'),
  socket_connect_timeout: duration('connectTimeout'),
  keepAlive: number('keepAlive'),
  socket_keepalive: (draft, value, name) => {
    draft.keepAlive = yes(value, name) ? 5000 : 0;
  },
  pingInterval: number('pingInterval'),
  health_check_interval: duration('pingInterval'),
  retriesMax: number('retriesMax'),
  queueMax: number('queueMax'),
  queueBytesMax: number('queueBytesMax'),
  discoveryTimeout: number('discoveryTimeout'),
  roleCheckInterval: number('roleCheckInterval'),
  readFrom: (draft, value, name) => {
    draft.readFrom = oneOf(value, name, ['primary', 'preferReplica', 'replica']);
  },
  sentinelUsername: text('sentinelUsername'),
  sentinelPassword: (draft, value) => {
    draft.sentinelPassword = new Secret(value);
  },
  sentinelTls: (draft, value, name) => {
    draft.sentinelTls = yes(value, name);
  },
  maxConnections: number('maxConnections'),
  max_connections: number('maxConnections'),
  decodeComponents: () => {},
  decode_components: () => {},
  servername: file('servername'),
  caFile: file('caFile'),
  ssl_ca_certs: file('caFile'),
  certFile: file('certFile'),
  ssl_certfile: file('certFile'),
  keyFile: file('keyFile'),
  ssl_keyfile: file('keyFile'),
  rejectUnauthorized: (draft, value, name) => {
    draft.tlsDraft.rejectUnauthorized = yes(value, name);
  },
  ssl_cert_reqs: (draft, value, name) => {
    draft.tlsDraft.rejectUnauthorized = oneOf(value, name, ['required', 'none']) === 'required';
  },
};

/**
 * The options that a URL stands for. What the URL says wins over `given`, its query wins over its other parts; so the
 * database is the query's `db`, else the path's number, else `given.db`, else 0.
 * Throws DataError for a URL of another form and for an unknown option, never showing what may be a password.
 */
export function parseUrl(url: string, given: UrlArguments = {}): ClientOptions {
  const parts = /^([a-z][a-z0-9+.-]*):\/\/([^/?#]*)([^?#]*)(?:\?([^#]*))?(#.*)?$/i.exec(url);
  const scheme = parts === null ? undefined : schemes[parts[1]!.toLowerCase()];
  if (parts === null || scheme === undefined || parts[5] !== undefined)
    throw new DataError(`wrong URL: expected ${EXPECTED}`);
  const query = [...new URLSearchParams(parts[4] ?? '')];
  const decode = decoderOf(query, given);
  const tls = given.tls === undefined || typeof given.tls === 'boolean' ? {} : given.tls;
  const draft: Draft = { ...given, tlsDraft: { ...tls } };
  readAuthority(draft, parts[2]!, scheme, decode);
  if (scheme.sentinel) readService(draft, parts[3]!, decode);
  else readPath(draft, parts[3]!, scheme.unix, decode);
  for (const [name, value] of query) {
    const read = Object.hasOwn(readers, name) ? readers[name] : undefined;
    if (read === undefined) {
      throw new DataError(`unknown option '${name}' in the URL: expected one of ${Object.keys(readers).join(', ')}`);
    }
    read(draft, value, name);
  }
  const { tlsDraft, decodeComponents: _, ...options } = draft;
  if (options.port !== undefined && (options.port < 1 || options.port > 65_535))
    throw new DataError('the port of the URL: expected 1 to 65535');
  const secure = scheme.tls || (given.tls !== undefined && given.tls !== false);
  if (!secure && Object.keys(tlsDraft).length > 0) throw new DataError('TLS options in the URL: expected rediss://');
  return secure ? { ...options, tls: tlsDraft } : options;
}

function decoderOf(
  query: readonly (readonly [string, string])[],
  given: UrlArguments,
): (part: string, what: string) => string {
  const said = query.findLast(([name]) => name === 'decodeComponents' || name === 'decode_components');
  const wanted = said === undefined ? (given.decodeComponents ?? true) : yes(said[1], said[0]);
  return (part, what) => {
    if (!wanted) return part;
    try {
      return decodeURIComponent(part);
    } catch {
      throw new DataError(`the ${what} of the URL holds a malformed percent-escape: expected %25 for a percent sign`);
    }
  };
}

function readAuthority(
  draft: Draft,
  authority: string,
  { unix, sentinel }: Scheme,
  decode: (part: string, what: string) => string,
): void {
  const at = authority.lastIndexOf('@');
  if (at >= 0) readUser(draft, authority.slice(0, at), decode);
  const place = authority.slice(at + 1);
  if (unix) {
    if (place !== '') throw new DataError('a unix URL has no host: expected unix:///path/to/socket');
    return;
  }
  if (sentinel || place.includes(',')) {
    const hosts = place.split(',').map((host) => decode(host, 'host'));
    for (const host of hosts) parseAddress(host, 1);
    if (sentinel) draft.sentinels = hosts;
    else draft.hosts = hosts;
    return;
  }
  if (place !== '') delete draft.hosts;
  const found = /^(\[[^\]]+\]|[^:]*)(?::(\d*))?$/.exec(place);
  // What was taken for a port may be a password without its @: it is not shown.
  if (/^[^:[]*:[^:]*\D[^:]*$/.test(place)) {
    throw new DataError('the port of the URL: expected a number, as in redis://user:password@host:6379');
  }
  if (found === null) throw new DataError(`the host of the URL: expected ${EXPECTED}`);
  const host = decode(found[1]!, 'host').replace(/^\[(.*)\]$/, '$1');
  if (host !== '') draft.host = host;
  if (found[2] !== undefined && found[2] !== '') draft.port = Number(found[2]);
}

function readUser(draft: Draft, user: string, decode: (part: string, what: string) => string): void {
  const colon = user.indexOf(':');
  const name = decode(colon < 0 ? user : user.slice(0, colon), 'user');
  if (name !== '') draft.username = name;
  if (colon >= 0) draft.password = new Secret(decode(user.slice(colon + 1), 'password'));
}

/** `/service`, or `/service/db`. */
function readService(draft: Draft, path: string, decode: (part: string, what: string) => string): void {
  const [service = '', db = '', ...rest] = path.split('/').slice(1);
  if (service !== '') draft.service = decode(service, 'path');
  if (draft.service === undefined || rest.length > 0)
    throw new DataError('the path of the URL: expected a service, as in redis+sentinel://host:26379/service/0');
  readPath(draft, `/${db}`, false, decode);
}

function readPath(draft: Draft, path: string, unix: boolean, decode: (part: string, what: string) => string): void {
  if (unix) {
    if (path === '' || path === '/') throw new DataError('a unix URL needs a path: expected unix:///path/to/socket');
    draft.path = decode(path, 'path');
    return;
  }
  const name = decode(path.slice(1), 'path');
  if (name === '') return;
  if (!/^\d{1,9}$/.test(name))
    throw new DataError('the path of the URL: expected a database number, as in redis://host/0');
  draft.db = Number(name);
}
