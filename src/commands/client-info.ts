import { textFromBytes } from '../core/bytes.js';
import type { Reply } from '../core/reply.js';
import { bytesOf, custom, list, type Shape, text } from './shape.js';
import { fieldsOf } from './stream-shape.js';

/**
 * A connection as CLIENT LIST describes it; times in seconds, sizes in bytes. Fields vary with the server's version.
 */
export interface ClientInfo {
  id: number;
  addr: string;
  laddr: string;
  fd: number;
  name: string;
  age: number;
  idle: number;
  flags: string;
  db: number;
  sub: number;
  psub: number;
  ssub: number;
  multi: number;
  qbuf: number;
  qbufFree: number;
  argvMem: number;
  multiMem: number;
  rbs: number;
  rbp: number;
  obl: number;
  oll: number;
  omem: number;
  totMem: number;
  events: string;
  cmd: string;
  user: string;
  redir: number;
  resp: number;
  [more: string]: string | number;
}

/** Fields that stay text even if they look like numbers. */
const texts = new Set(['addr', 'laddr', 'name', 'flags', 'events', 'cmd', 'user', 'lib-name', 'lib-ver']);

function clientOf(line: string): ClientInfo {
  const info: Record<string, string | number> = {};
  for (const part of line.split(' ')) {
    const equals = part.indexOf('=');
    if (equals <= 0) continue;
    const name = part.slice(0, equals);
    const value = part.slice(equals + 1);
    const field = name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());
    info[field] = !texts.has(name) && /^-?\d+$/.test(value) ? Number(value) : value;
  }
  return info as ClientInfo;
}

function linesOf(reply: Reply): string[] {
  return textFromBytes(bytesOf(reply) ?? '')
    .split('\n')
    .filter((line) => line !== '');
}

/** One line of CLIENT LIST as an object. */
export const clientInfo: Shape = custom('ClientInfo', (reply) => clientOf(linesOf(reply)[0] ?? ''));
export const clientInfos: Shape = custom('ClientInfo[]', (reply) => linesOf(reply).map(clientOf));

/** The tracking state of this connection. */
export const trackingInfo: Shape = fieldsOf(
  ['flags', 'flags', list(text)],
  ['redirect', 'redirect', custom('number', Number)],
  ['prefixes', 'prefixes', list(text)],
);
