/** Glob patterns: PSUBSCRIBE and KEYS of the real server decide what matches. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { compileGlob, matchGlob } from '../../src/core/glob.js';
import { Random } from '../../src/core/random.js';
import { RespClient } from '../support/resp-client.js';
import { withRedis } from './oracle.js';

/** The server's own answer, which has no short cut for `*`: PUBLISH matches the channel against the patterns subscribed to. */
async function serverMatches(pairs: readonly (readonly [string, string])[], port: number): Promise<boolean[]> {
  const subscriber = await RespClient.connect(port);
  const publisher = await RespClient.connect(port);
  await subscriber.send('HELLO', '3');
  const found: boolean[] = [];
  for (const [pattern, text] of pairs) {
    await subscriber.send('PSUBSCRIBE', pattern);
    found.push((await publisher.value('PUBLISH', text, 'x')) === 1);
    await subscriber.send('PUNSUBSCRIBE', pattern);
  }
  subscriber.close();
  publisher.close();
  return found;
}

const edges: [string, string][] = [];
for (const pattern of [
  ...[
    '',
    '*',
    '**',
    '?',
    '??',
    'a',
    'a*',
    '*a',
    'a*b',
    '*a*',
    'a**b',
    '*?',
    '?*',
    '\\',
    '\\*',
    '\\a',
    'a\\',
    '*\\',
    '\\\\',
    'a*b*c*',
  ],
  ...[
    '[',
    '[a',
    '[a-',
    '[a-z',
    '[a-z]',
    '[z-a]',
    '[^',
    '[^a',
    '[^a-b]',
    '[^]',
    '[]',
    '[]a]',
    '[\\]]',
    '[\\]',
    '[\\',
    '[a\\-z]',
    '[a-]',
    '[-a]',
  ],
  ...[
    '[^\\',
    '[a-\\]',
    '[\\a-c]',
    '[!a]',
    '[^^]',
    '[a-c-e]',
    '[\xf0-\x10]',
    '[\x80-\xff]',
    '[\x10-\x90]',
    '[a]*',
    '*[a',
    '*[^a',
    'a[b]c',
    '[[]',
    '[*]',
    '[?]',
  ],
  ...[
    'a\0b',
    'a\0*',
    '*\0',
    '[\0]',
    '[\0-a]',
    'A[A-Z]',
    '*ab',
    '*aab',
    '*a?b',
    '*[ab]c',
    '*\\a',
    'ab*?',
    'ab**',
    'ab**?',
  ],
]) {
  for (const text of [
    '',
    'a',
    'b',
    'ab',
    'aab',
    'abc',
    'aabaab',
    '-',
    ']',
    '[',
    '\\',
    '^',
    'a\0b',
    '*',
    '?',
    '\xf0',
    '\x85',
    '\x05',
    'A',
    'AB',
    'acc',
  ]) {
    edges.push([pattern, text]);
  }
}

describe('glob', () => {
  it('agrees with the real server on edges and on random patterns', (t) =>
    withRedis(t, async (_, port) => {
      const random = new Random(7);
      const letters = (alphabet: string, max: number): string => {
        let text = '';
        for (let n = random.below(max + 1); n > 0; n--) text += alphabet[random.below(alphabet.length)];
        return text;
      };
      const pairs = [...edges];
      for (let i = 0; i < 1500; i++) pairs.push([letters('ab*?[]^-\\c', 9), letters('abc-]^\\', 7)]);
      for (let i = 0; i < 500; i++) pairs.push([letters('a*?b', 10), letters('ab', 12)]);
      const expected = await serverMatches(pairs, port);
      pairs.forEach(([pattern, text], i) => {
        const title = JSON.stringify([pattern, text]);
        assert.equal(matchGlob(pattern, text), expected[i], title);
        assert.equal(compileGlob(pattern)(text), expected[i], `compiled ${title}`);
      });
      assert.ok(expected.filter(Boolean).length > 300);
    }));

  // CONFIG GET matches without regard to case; these were read off the rules of its matcher.
  const nocase = [
    ['MaxMem*', 'maxmemory', true],
    ['[M-N]axmemory', 'MAXMEMORY', true],
    ['[Z-a]', 'b', false],
    ['[Z-a]', 'z', false],
    ['[\\A]', 'a', false],
    ['[A]', 'a', true],
    ['\\A', 'a', true],
    ['[^A]', 'a', false],
  ] as const;
  for (const [pattern, text, expected] of nocase) {
    it(`without case, ${pattern} ${expected ? 'matches' : 'does not match'} ${text}`, () => {
      assert.equal(matchGlob(pattern, text, true), expected);
    });
  }

  it('gives up after a thousand stars', () => {
    assert.equal(matchGlob(`${'a*'.repeat(1000)}a`, 'a'.repeat(1001)), true);
    assert.equal(matchGlob(`${'a*'.repeat(1001)}a`, 'a'.repeat(1002)), false);
  });

  it('takes no exponential time', () => {
    const start = performance.now();
    assert.equal(matchGlob(`${'*a'.repeat(500)}b`, 'a'.repeat(50_000)), false);
    assert.equal(matchGlob('*?*a*?*a*?*a*?*b', 'a'.repeat(50_000)), false);
    assert.ok(performance.now() - start < 2000);
  });
});
