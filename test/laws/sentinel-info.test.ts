import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { commandInfo } from '../../src/commands/command-reply.js';
import { sentinelCommands } from '../../src/commands/sentinel.js';
import { bytesOf, itemsOf } from '../../src/commands/shape.js';
import type { Spec } from '../../src/commands/spec.js';
import { clientTable, commandTable } from '../../src/commands/table.js';
import type { Reply } from '../../src/core/reply.js';
import { open } from '../../src/index.js';
import { findRedis, whyNoRedis } from '../../tools/redis-binary.js';
import { startServer } from '../support/redis.js';
import { RespClient } from '../support/resp-client.js';
import { type ServerCommand, serverCommands } from './server-command.js';

const redis = await findRedis();

describe('SENTINEL', () => {
  it('is described as the real Sentinel describes it', { skip: redis === null ? whyNoRedis() : false }, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'keyspan-sentinel-'));
    const file = join(folder, 'sentinel.conf');
    writeFileSync(file, '');
    const server = await startServer([redis!.sentinel, file], [], { env: redis!.env });
    try {
      const client = await RespClient.connect(server.port);
      const theirs = (await serverCommands(client)).find(({ name }) => name === 'sentinel')!;
      client.close();
      assert.deepEqual(facts(clientTable.top('sentinel')!), facts(theirs));
      const ours = [...clientTable.top('sentinel')!.subcommands.values()];
      assert.deepEqual(ours.map(facts).sort(byName), theirs.subcommands.map(facts).sort(byName));
    } finally {
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it('is unknown to a data server, and not in its table', async () => {
    await using db = open('memory:');
    for (const call of [db.sentinelMasters(), db.sentinelMaster('x'), db.call('SENTINEL', 'MYID')]) {
      await assert.rejects(call, /^ReplyError: ERR unknown command 'SENTINEL', with args beginning with: /);
    }
    assert.deepEqual(await db.commandInfo({ names: ['sentinel', 'sentinel|myid'] }), [null, null]);
    assert.equal((await db.commandList()).filter((name) => name.startsWith('sentinel')).length, 0);
    assert.equal(await db.commandCount(), [...commandTable.topLevel].length);
  });

  it('has ids beside those of the data commands', () => {
    for (const spec of commandTable.all) assert.equal(clientTable.all[spec.id], spec);
    for (const spec of clientTable.top('sentinel')!.subcommands.values()) assert.equal(clientTable.all[spec.id], spec);
    assert.equal(clientTable.size, commandTable.size + Object.keys(sentinelCommands).length);
  });
});

interface Described {
  name: string;
  arity: number;
  flags: string[];
  categories: string[];
}

/** What can be compared of a command, whether it is of our table or was read from a server. */
function facts(command: Spec | ServerCommand): Described {
  if ('categories' in command) {
    const { name, arity, flags, categories } = command;
    return { name, arity, flags, categories };
  }
  const [name, arity, flags, , , , categories] = itemsOf(commandInfo(command))!;
  return { name: bytesOf(name!)!, arity: Number(arity), flags: words(flags!), categories: words(categories!) };
}

function words(reply: Reply): string[] {
  return itemsOf(reply)!
    .map((item) => bytesOf(item)!)
    .sort();
}

function byName(a: Described, b: Described): number {
  return a.name < b.name ? -1 : 1;
}
