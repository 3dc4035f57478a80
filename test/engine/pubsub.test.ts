import { compareWithRedis } from './compare.js';
import { talk } from './conversation.js';

const ids = /(?<=\r\nid\r\n):\d+/g;

const everything = `
      a SUBSCRIBE one two one
      a PSUBSCRIBE o* t[wx]o
      a SSUBSCRIBE one
      b PUBLISH one first
      b PUBLISH txo second
      b PUBLISH none third
      b SPUBLISH one fourth
      b SPUBLISH two fifth
      b PUBSUB NUMSUB one two three
      b PUBSUB NUMSUB
      b PUBSUB SHARDNUMSUB one two
      b PUBSUB NUMPAT
      b PUBSUB CHANNELS tw*
      b PUBSUB CHANNELS one
      b PUBSUB SHARDCHANNELS
      b PUBSUB SHARDCHANNELS x*
      a UNSUBSCRIBE one
      a UNSUBSCRIBE one
      a UNSUBSCRIBE
      a UNSUBSCRIBE
      a PUNSUBSCRIBE nothing
      a PUNSUBSCRIBE o*
      a PUNSUBSCRIBE
      a PUNSUBSCRIBE
      a SUNSUBSCRIBE two
      a SUNSUBSCRIBE
      a SUNSUBSCRIBE
      b PUBLISH one sixth
      b PUBSUB CHANNELS
      b PUBSUB NUMPAT`;

compareWithRedis('pub/sub', [
  { title: 'all forms, RESP2', steps: talk(everything) },
  { title: 'all forms, RESP3', steps: talk(`a HELLO 3\n b HELLO 3\n${everything}`), ignore: ids },
  {
    title: 'a RESP2 subscriber may only give a few commands',
    steps: talk(`
      a SUBSCRIBE ch
      a GET k
      a PING
      a PING hello
      a PING a b
      a NOSUCH
      a CLIENT ID
      a HELLO 3
      a MULTI
      a UNSUBSCRIBE
      a GET k
      a SSUBSCRIBE ch
      a GET k
      a SUNSUBSCRIBE ch
      a GET k
      a PSUBSCRIBE p
      a RESET
      a GET k
      a SUBSCRIBE ch
      a QUIT`),
  },
  {
    title: 'a RESP3 subscriber may give all commands',
    steps: talk(`
      a HELLO 3
      a SUBSCRIBE ch
      a GET k
      a PING
      a PING hello
      a PUBLISH ch self
      b PUBLISH ch other
      a UNSUBSCRIBE
      a HELLO 2
      a PSUBSCRIBE *
      a GET k
      b PUBLISH "" empty
      b PUBLISH x y`),
    ignore: ids,
  },
  {
    title: 'arity and unknown words',
    steps: talk(`
      a SUBSCRIBE
      a PSUBSCRIBE
      a SSUBSCRIBE
      a PUBLISH ch
      a PUBLISH ch a b
      a SPUBLISH ch
      a PUBSUB
      a PUBSUB NOSUCH
      a PUBSUB CHANNELS a b
      a pubsub shardchannels a b
      a PUBSUB NUMPAT x`),
  },
  {
    title: 'several subscribers hear in the order in which they came',
    steps: talk(`
      a SUBSCRIBE ch
      b PSUBSCRIBE c*
      c SUBSCRIBE ch
      d PUBLISH ch one
      a UNSUBSCRIBE
      d PUBLISH ch two
      d MULTI
      d PUBLISH ch three
      d PUBLISH ch four
      d EXEC
      c QUIT
      d PUBLISH ch five`),
  },
]);
