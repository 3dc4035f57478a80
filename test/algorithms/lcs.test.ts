/** LCS: the text, its length and the stretches, in the server's order. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Random } from '../../src/core/random.js';
import { lcsLength, lcsMatches, lcsTableBytes, lcsText } from '../../src/engine/values/lcs.js';
import { withRedis } from './oracle.js';

describe('longest common subsequence', () => {
  it('equals the real server', (t) =>
    withRedis(t, async (redis) => {
      const random = new Random(31);
      const text = (): string => {
        let all = '';
        const letters = 2 + random.below(4);
        for (let n = random.below(25); n > 0; n--) all += 'ab\0\xffc'[random.below(letters)];
        return all;
      };
      for (let i = 0; i < 400; i++) {
        const a = text();
        const b = random.below(10) === 0 ? a : text();
        const min = random.below(4);
        await redis.pipeline([
          ['SET', 'a', a],
          ['SET', 'b', b],
        ]);
        const title = JSON.stringify([a, b, min]);
        assert.equal(lcsText(a, b), await redis.value('LCS', 'a', 'b'), title);
        assert.equal(lcsLength(a, b), await redis.value('LCS', 'a', 'b', 'LEN'), title);
        const { matches, length } = lcsMatches(a, b, BigInt(min));
        const expected = await redis.value('LCS', 'a', 'b', 'IDX', 'MINMATCHLEN', min, 'WITHMATCHLEN');
        assert.deepEqual(
          ['matches', matches.map((match) => [match.a, match.b, match.length]), 'len', length],
          expected,
          title,
        );
      }
    }));

  it('the table is refused at the same size', (t) =>
    withRedis(t, async (redis) => {
      // 4 × (|a| + 1) × (|b| + 1) against the least limit of 1 MiB.
      await redis.pipeline([
        ['CONFIG', 'SET', 'proto-max-bulk-len', '1mb'],
        ['SET', 'a', 'x'.repeat(511)],
      ]);
      for (const size of [510, 511, 512]) {
        await redis.send('SET', 'b', 'x'.repeat(size));
        const refused = (await redis.value('LCS', 'a', 'b', 'LEN')) instanceof Error;
        assert.equal(lcsTableBytes(511, size) > 1024 * 1024, refused);
      }
    }));
});
