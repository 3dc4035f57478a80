/** Commands that change data of every type in every way that replication has to repeat. */
import { Random } from '../../src/core/random.js';
import type { Argument, RespClient } from '../support/resp-client.js';

type Command = Argument[];

const library = `#!lua name=tally
redis.register_function('tally', function(keys, args)
  redis.call('INCRBY', keys[1], args[1])
  return redis.call('SADD', keys[2], args[1])
end)`;

const script = `
local n = redis.call('INCR', KEYS[1])
redis.call('RPUSH', KEYS[2], n, ARGV[1])
if n % 7 == 0 then redis.call('SPOP', KEYS[3]) end
redis.call('PEXPIRE', KEYS[1], 60000)
return n`;

/** Writes of one round; the same seed gives the same commands. Replies are not looked at. */
function loadCommands(seed: number, count: number): Command[] {
  const random = new Random(seed);
  const below = (n: number): number => random.below(n);
  const name = (type: string): string => `${type}:${below(40)}`;
  const word = (): string => `w${below(200)}`;
  const makers: (() => Command[])[] = [
    () => [['SET', name('string'), word()]],
    () => [['SET', name('string'), word(), 'PX', 20 + below(200)]],
    () => [['SETEX', name('string'), 100, word()]],
    () => [['APPEND', name('string'), word()]],
    () => [['INCRBYFLOAT', `float:${below(5)}`, '0.1']],
    () => [['GETEX', name('string'), 'PX', 500 + below(500)]],
    () => [['SETBIT', `bits:${below(5)}`, below(4000), below(2)]],
    () => [['PFADD', `hll:${below(5)}`, word(), word()]],
    () => [['RPUSH', name('list'), word(), word(), 'x'.repeat(below(300))]],
    () => [['LMOVE', name('list'), name('list'), 'LEFT', 'RIGHT']],
    () => [['LMPOP', 2, name('list'), name('list'), 'LEFT', 'COUNT', 2]],
    () => [['LINSERT', name('list'), 'BEFORE', word(), word()]],
    () => [['SADD', name('set'), word(), below(100), below(100)]],
    () => [['SPOP', name('set')]],
    () => [['SPOP', name('set'), 3]],
    () => [['SUNIONSTORE', name('set'), name('set'), name('set')]],
    () => [['HSET', name('hash'), word(), word(), word(), 'v'.repeat(below(100))]],
    () => [['HINCRBYFLOAT', name('hash'), 'float', '1.5']],
    () => [['ZADD', name('zset'), below(1000) / 8, word(), below(50), word()]],
    () => [['ZPOPMIN', name('zset')]],
    () => [['ZINCRBY', name('zset'), '0.25', word()]],
    () => [['ZUNIONSTORE', name('zset'), 2, name('zset'), name('zset')]],
    () => [['GEOADD', 'geo', below(180), below(80), word()]],
    () => [['XADD', `stream:${below(4)}`, '*', 'f', word()]],
    () => [['XADD', `stream:${below(4)}`, 'MAXLEN', '~', 50, '*', 'f', word()]],
    () => [['XGROUP', 'CREATE', `stream:${below(4)}`, `g${below(3)}`, '0', 'MKSTREAM']],
    () => [['XREADGROUP', 'GROUP', `g${below(3)}`, `c${below(3)}`, 'COUNT', 3, 'STREAMS', `stream:${below(4)}`, '>']],
    () => [['XAUTOCLAIM', `stream:${below(4)}`, `g${below(3)}`, `c${below(3)}`, 0, '0', 'COUNT', 2]],
    () => [['EXPIRE', name('hash'), 100]],
    () => [['PEXPIRE', name('set'), 30 + below(100)]],
    () => [['PERSIST', name('hash')]],
    () => [['RENAME', name('list'), name('list')]],
    () => [['COPY', name('zset'), name('zset'), 'REPLACE']],
    () => [['DEL', name('string'), name('list'), name('set')]],
    () => [['MULTI'], ['INCR', 'counter'], ['SPOP', name('set')], ['LPUSH', name('list'), word()], ['EXEC']],
    () => [['EVAL', script, 3, `n:${below(5)}`, name('list'), name('set'), word()]],
    () => [['FCALL', 'tally', 2, 'tally:sum', 'tally:set', below(50)]],
    () => [['SELECT', below(3)]],
    () => [['MOVE', name('string'), below(3)]],
    () => [['SORT', name('set'), 'ALPHA', 'STORE', name('list')]],
  ];
  const commands: Command[] = [['FUNCTION', 'LOAD', 'REPLACE', library]];
  while (commands.length < count) commands.push(...makers[below(makers.length)]!());
  if (seed % 3 === 0) commands.push(['SWAPDB', 0, 1]);
  if (seed % 5 === 0) commands.push(['FLUSHDB']);
  return commands;
}

/** Gives a round of load, with blocking pops by a second client. */
export async function load(client: RespClient, other: RespClient, seed: number, count = 400): Promise<void> {
  other.write([
    ['BLPOP', 'list:1', 'list:2', 'waited', '0.2'],
    ['BLMOVE', 'waited', 'list:3', 'LEFT', 'LEFT', '0.2'],
    ['BZPOPMIN', 'zset:1', '0.2'],
  ]);
  await client.pipeline(loadCommands(seed, count));
  await client.pipeline([
    ['SELECT', 0],
    ['RPUSH', 'waited', 'a', 'b', 'c'],
    ['ZADD', 'zset:1', '1', 'one'],
  ]);
  await other.read(3);
}
