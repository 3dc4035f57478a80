import type { ClientOperation } from '../measure-client.js';
import type { Contender } from './contenders.js';

const PIPELINE = 100;
export const SUBSCRIBERS = 20;
export const FIELDS = 20;
export const MEBIBYTE = 'm'.repeat(1_048_576);
export const SMALL = 'v'.repeat(100);

const get = (client: Contender): Promise<unknown> => client.get('small');
const set = (client: Contender): Promise<unknown> => client.set('written', SMALL);

export const operations: readonly ClientOperation<Contender>[] = [
  { name: 'GET ×1', outstanding: 1, commands: 1, run: get },
  { name: 'SET ×1', outstanding: 1, commands: 1, run: set },
  { name: 'GET ×50', outstanding: 50, commands: 1, run: get },
  { name: 'SET ×50', outstanding: 50, commands: 1, run: set },
  { name: 'GET ×1000', outstanding: 1000, commands: 1, run: get },
  { name: 'SET ×1000', outstanding: 1000, commands: 1, run: set },
  { name: 'pipeline of 100', outstanding: 1, commands: PIPELINE, run: (client) => client.pipeline('small', PIPELINE) },
  { name: `HGETALL ${FIELDS} ×50`, outstanding: 50, commands: 1, run: (client) => client.hgetall('hash') },
  { name: 'GET 1 MiB', outstanding: 1, commands: 1, run: (client) => client.get('large') },
  { name: 'SET 1 MiB', outstanding: 1, commands: 1, run: (client) => client.set('large', MEBIBYTE) },
  { name: `publish to ${SUBSCRIBERS}`, outstanding: 1, commands: SUBSCRIBERS, run: fanOut },
];

/** The channel that a contender publishes to and its own subscribers listen to. */
export function channelOf({ name }: Contender): string {
  return `news of ${name}`;
}

/** How many subscribers have not heard the message that is out, and who waits for them. */
let deaf = 0;
let allHeard = (): void => {};

export function heard(): void {
  if (--deaf === 0) allHeard();
}

/** Publishes one message and waits until every subscriber has heard it. */
async function fanOut(client: Contender): Promise<void> {
  deaf = SUBSCRIBERS;
  await new Promise<void>((resolve, reject) => {
    allHeard = resolve;
    client.publish(channelOf(client), SMALL).catch(reject);
  });
}
