import { textFromBytes } from '../core/bytes.js';
import { anyReply, bytes, bytesOf, command, custom, list, manyBytes, ok, text } from './words.js';

/** `encoding:raw refcount:1 …` as an object; numeric values become numbers. */
const facts = custom('Record<string, string | number>', (reply) => {
  const found: Record<string, string | number> = {};
  for (const part of textFromBytes(bytesOf(reply) ?? '').split(' ')) {
    const colon = part.indexOf(':');
    const value = part.slice(colon + 1);
    if (colon > 0) found[part.slice(0, colon)] = /^-?\d+(\.\d+)?$/.test(value) ? Number(value) : value;
  }
  return found;
});

/** The words that are followed by keys. */
const aboutKeys = new Set(['OBJECT', 'DIGEST-VALUE', 'SDSLEN', 'LISTPACK', 'QUICKLIST', 'HTSTATS-KEY']);

const anyArgs = manyBytes('args', { min: 0 });
/** Keys or other words: that depends on the first word. */
const args: typeof anyArgs = {
  ...anyArgs,
  role: 'key',
  print(params, out, encode) {
    const given = Array.isArray(params.args) ? params.args : params.args === undefined ? [] : [params.args];
    const keys = aboutKeys.has(String(params.subcommand).toUpperCase());
    for (const word of given) out.push(keys ? encode(word, 'key') : encode(word));
  },
};

/** DEBUG. In Redis it is not a container: its words are arguments. */
export const debugCommands = {
  debug: () =>
    command({
      name: 'DEBUG',
      group: 'server',
      since: '1.0.0',
      summary: 'Looks into the engine and provokes states that tests need.',
      complexity: 'Depends on the subcommand.',
      flags: ['admin', 'noscript', 'loading', 'stale', 'protected'],
      acl: [],
      args: [bytes('subcommand'), args],
      reply: anyReply,
      forms: [
        { method: 'debug', reply: anyReply, take: ['args'] },
        {
          method: 'debugDigest',
          reply: text,
          fix: { subcommand: 'DIGEST' },
          omit: ['args'],
          note: 'A checksum of all data.',
        },
        {
          method: 'debugDigestValue',
          reply: list(text),
          fix: { subcommand: 'DIGEST-VALUE' },
          take: ['args'],
          note: 'Checksums of the values of some keys.',
        },
        {
          method: 'debugObject',
          reply: facts,
          fix: { subcommand: 'OBJECT' },
          take: ['args'],
          note: 'Facts about the value of a key.',
        },
        {
          method: 'debugSleep',
          reply: ok,
          fix: { subcommand: 'SLEEP' },
          take: ['args'],
          note: 'Blocks the whole engine for some seconds.',
        },
      ],
    }),
};
