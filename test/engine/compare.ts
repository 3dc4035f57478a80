import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { findRedis, whyNoRedis } from '../../tools/redis-binary.js';
import { type RunningServer, startRedis } from '../support/redis.js';
import { type Conversation, EngineSide, linesOf, ServerSide } from './conversation.js';

/** A test per conversation: the engine and a real server must say the same. */
export function compareWithRedis(title: string, conversations: readonly Conversation[]): void {
  describe(`${title}, as a real server answers`, () => {
    let server: RunningServer | null = null;
    before(async () => {
      if ((await findRedis()) !== null) server = await startRedis();
    });
    after(async () => {
      await server?.stop();
    });
    for (const conversation of conversations) {
      test(conversation.title, async (t) => {
        if (server === null) {
          t.skip(whyNoRedis());
          return;
        }
        const remote = new ServerSide(server.port);
        const [expected, actual] = await Promise.all([
          remote.run(conversation.steps),
          new EngineSide().run(conversation.steps),
        ]);
        remote.close();
        assert.deepEqual(linesOf(conversation, actual), linesOf(conversation, expected));
      });
    }
  });
}
