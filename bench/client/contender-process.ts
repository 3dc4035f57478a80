/** One contender in a process of its own, which measures an operation when it is told to. */
import { measure } from '../measure-client.js';
import { glide, ioredis, keyspan, nodeRedis } from './contenders.js';
import { floor } from './floor.js';
import { channelOf, heard, operations, SUBSCRIBERS } from './operations.js';

/** What the process is asked for; it answers with a `Measurement`. */
export interface Turn {
  readonly operation: number;
  readonly ms: number;
}

const makers = { keyspan, ioredis, redis: nodeRedis, glide, floor };

const [name, port] = process.argv.slice(2);
const client = await makers[name as keyof typeof makers](Number(port));
for (let i = 0; i < SUBSCRIBERS; i++) await client.subscribe(channelOf(client), heard);

process.on('message', (message: Turn | 'close') => {
  if (message === 'close') {
    void client.close().then(() => process.disconnect());
    return;
  }
  void measure(operations[message.operation]!, client, message.ms).then((measurement) => process.send!(measurement));
});
process.send!('ready');
