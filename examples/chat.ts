/** A chat room: pub/sub for those who are here, a stream for those who come later. `npm run example chat` */
import { open } from 'keyspan';

await using db = open('memory:');

async function say(room: string, who: string, text: string): Promise<void> {
  await db
    .multi()
    .xadd(`log:${room}`, '*', { who, text }, { maxLen: 1000 })
    .publish(`room:${room}`, JSON.stringify({ who, text }))
    .exec();
}

/** Prints what is said in the rooms (`*` is all of them) until somebody says bye. */
async function join(name: string, rooms: string): Promise<void> {
  for await (const { channel, payload } of db.messages(`room:${rooms}`)) {
    const { who, text } = JSON.parse(payload) as { who: string; text: string };
    console.log(`[${name}] #${channel.slice('room:'.length)} ${who}: ${text}`);
    if (text === 'bye') return;
  }
}

const bob = join('bob', 'tea');
const eve = join('eve', '*');
// Both are there when a message reaches two listeners.
while ((await db.publish('room:tea', JSON.stringify({ who: 'door', text: 'knock' }))) < 2) {
  await new Promise((resolve) => setTimeout(resolve, 1));
}

await say('tea', 'ada', 'anyone for a cup?');
await say('coffee', 'joe', 'not me');
await say('tea', 'ada', 'bye');
await Promise.all([bob, eve]);

const log = await db.xrange('log:tea', '-', '+');
console.log(`joe reads up on ${log.length} messages`);

// prints: [bob] #tea ada: anyone for a cup?
// prints: [eve] #coffee joe: not me
// prints: joe reads up on 2 messages
