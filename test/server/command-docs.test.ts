import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { findRedis } from '../../tools/redis-binary.js';
import { type RunningServer, startKeyspan, startRedis } from '../support/redis.js';
import { plain, RespClient, type RespNode } from '../support/resp-client.js';

/** What COMMAND DOCS says of the arguments that are keys, beside redis-server; and that its texts can be read at all. */
const available = (await findRedis()) !== null;
const commands = ['get', 'lmove', 'mget', 'bitop', 'copy', 'eval', 'ping'];

/** The key specifications that the arguments name, in order. */
function keySpecs(node: RespNode): unknown[] {
  const items = node.items ?? [];
  return items.flatMap((item, i) =>
    item.text === 'key_spec_index' ? [plain(items[i + 1]!)] : item.items === null ? [] : keySpecs(item),
  );
}

describe('COMMAND DOCS', () => {
  let own: RunningServer;
  let client: RespClient;
  before(async () => {
    own = await startKeyspan({ args: ['--server-version', '8.4'] });
    client = await RespClient.connect(own.port);
  });
  after(async () => {
    client?.close();
    await own?.stop();
  });

  test('all of it is UTF-8', async () => {
    const { raw } = await client.send('COMMAND', 'DOCS');
    const bytes = Buffer.from(raw, 'latin1');
    assert.doesNotThrow(() => new TextDecoder('utf-8', { fatal: true }).decode(bytes));
    assert.ok(bytes.toString('utf8').includes('O(n · log n)'), 'it has more than ASCII');
  });

  test('names the key specification of each key', { skip: available ? false : 'no redis-server' }, async () => {
    const real = await startRedis();
    const theirs = await RespClient.connect(real.port);
    try {
      for (const name of commands) {
        const [ours, wanted] = await Promise.all(
          [client, theirs].map(async (one) => keySpecs((await one.send('COMMAND', 'DOCS', name)).node)),
        );
        assert.deepEqual(ours, wanted, name);
      }
    } finally {
      theirs.close();
      await real.stop();
    }
  });
});
