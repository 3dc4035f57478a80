/** What is refused, held back or told to others around a command, as a real server does it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Reply } from '../../src/core/reply.js';
import { ErrorReply, PENDING } from '../../src/core/reply.js';
import { Engine } from '../../src/engine/engine.js';
import { infoText } from '../../src/engine/info.js';
import { LocalClient } from './conversation.js';

function textOf(reply: Reply): string {
  return reply instanceof ErrorReply ? reply.text : String(reply);
}

test('writes are refused while min-replicas-to-write is not met, also those of a transaction', () => {
  const engine = new Engine({ seed: 1 });
  const { session } = new LocalClient(engine);
  session.call(['MULTI']);
  session.call(['INCR', 'n']);
  engine.config.set([['min-replicas-to-write', '1']], true);
  assert.equal(
    textOf(session.call(['EXEC'])),
    'EXECABORT Transaction discarded because of: NOREPLICAS Not enough good replicas to write.',
  );
  assert.equal(textOf(session.call(['SET', 'k', 'v'])), 'NOREPLICAS Not enough good replicas to write.');
  assert.equal(session.call(['GET', 'n']), null);
  engine.config.set([['min-replicas-max-lag', '0']], true);
  assert.equal(session.call(['INCR', 'n']), 1);
});

test('a paused client counts as blocked; scripts are judged by their flags', () => {
  const engine = new Engine({ seed: 1 });
  const other = new LocalClient(engine);
  const asking = new LocalClient(engine);
  asking.session.call(['CLIENT', 'PAUSE', '100000', 'WRITE']);
  assert.equal(other.session.call(['EVAL', '#!lua flags=no-writes\nreturn 1', '0']), 1);
  assert.equal(other.session.call(['EVAL_RO', 'return 2', '0']), 2);
  for (const argv of [
    ['PFCOUNT', 'h'],
    ['PUBLISH', 'c', 'm'],
    ['EVAL', 'return 1', '0'],
    ['EVAL', '#!lua\nreturn 1', '0'],
  ]) {
    const held = new LocalClient(engine);
    assert.equal(held.session.call(argv), PENDING, argv[0]);
    assert.match(infoText(engine, ['clients']), /blocked_clients:1\r/);
    held.session.end();
  }
  engine.pauses.end('client');
});

test('a served BLPOP is noted in the slow log when it is served', () => {
  const engine = new Engine({ seed: 1, settings: { slowlogLogSlowerThan: 0 } });
  const waiting = new LocalClient(engine);
  const pushing = new LocalClient(engine);
  assert.equal(waiting.session.call(['BLPOP', 'l', '0']), PENDING);
  engine.slowlog.reset();
  pushing.session.call(['RPUSH', 'l', 'a']);
  assert.deepEqual(
    engine.slowlog.entries.map(({ argv }) => argv),
    [
      ['BLPOP', 'l', '0'],
      ['RPUSH', 'l', 'a'],
    ],
  );
});

test('MONITOR shows a script before what it does', () => {
  const engine = new Engine({ seed: 1 });
  const monitor = new LocalClient(engine);
  const { session } = new LocalClient(engine);
  monitor.session.call(['MONITOR']);
  session.call(['EVAL', "return redis.call('SET', 'k', 'v')", '0']);
  assert.match(monitor.take(), /\[0 127\.0\.0\.1:1\] "EVAL" [^\n]*\n[^\n]*\[0 lua\] "SET" "k" "v"\r\n$/);
});

test('UNLINK counts values of many parts, DEL none', () => {
  const engine = new Engine({ seed: 1 });
  const { session } = new LocalClient(engine);
  const fill = () => {
    session.call(['SADD', 'large', ...Array.from({ length: 200 }, (_, i) => `m${i}`)]);
    session.call(['SADD', 'small', '1', '2']);
    session.call(['SET', 'string', 'x'.repeat(10_000)]);
  };
  fill();
  session.call(['DEL', 'large', 'small', 'string']);
  assert.match(infoText(engine, ['memory']), /lazyfreed_objects:0\r/);
  fill();
  session.call(['UNLINK', 'large', 'small', 'string', 'large']);
  assert.match(infoText(engine, ['memory']), /lazyfreed_objects:1\r/);
});

test('a subcommand has no subcommands', () => {
  const engine = new Engine({ seed: 1 });
  const { session } = new LocalClient(engine);
  assert.deepEqual(session.call(['COMMAND', 'INFO', 'config|get|key', 'nothing|here']), [null, null]);
});
