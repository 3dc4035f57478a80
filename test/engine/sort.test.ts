import { compareWithRedis } from './compare.js';
import { talk } from './conversation.js';

const listening = `
      config notify-keyspace-events KEAmn
      e PSUBSCRIBE __key*__:*`;

compareWithRedis('SORT', [
  {
    title: 'SORT by numbers and by text',
    steps: talk(`${listening}
      a RPUSH n 3 1 2 10 -1 1.5 1e1 0x10
      a SORT n
      a SORT n DESC
      a SORT n ALPHA
      a SORT n ALPHA DESC
      a SORT n ASC DESC
      a SORT n DESC ASC
      a SORT n LIMIT 2 3
      a SORT n LIMIT 0 -1
      a SORT n LIMIT -3 2
      a SORT n LIMIT 100 2
      a SORT n LIMIT 2 0
      a SORT n LIMIT 2 100 DESC
      a SORT n LIMIT x 1
      a SORT n LIMIT 1
      a SORT n FOO
      a SORT n BY
      a SORT n GET
      a SORT nothing
      a SORT nothing LIMIT 0 5 GET #
      a RPUSH words banana apple cherry
      a SORT words
      a SORT words ALPHA
      a SORT words ALPHA DESC LIMIT 0 2
      a RPUSH odd "" " 3" "1 "
      a SORT odd
      a RPUSH spaces "" " 3" 1
      a SORT spaces
      a RPUSH inf inf -inf 1
      a SORT inf
      a RPUSH nan nan
      a SORT nan
      a SET str v
      a SORT str
      a HSET hash f v
      a SORT hash
      a SADD ints 3 1 2
      a SORT ints
      a ZADD z 3 a 2 b 1 c
      a SORT z ALPHA
      a OBJECT ENCODING z
      a SORT z
      a SORT z BY nosort
      a SORT z BY nosort DESC
      a SORT z BY nosort DESC LIMIT 1 1
      a SORT z BY nosort LIMIT 1 5
      a SORT n BY nosort
      a SORT n BY nosort DESC
      a SORT n BY nosort LIMIT 1 2
      a SORT n BY nosort DESC LIMIT 1 2
      a SORT_RO n DESC
      a SORT_RO n STORE x
      a SORT
      a SORT_RO`),
  },
  {
    title: 'SORT BY, GET and STORE',
    steps: talk(`${listening}
      a RPUSH ids 1 2 3 4
      a MSET w_1 30 w_2 10 w_3 20 name_1 one name_2 two name_3 three
      a HSET h_1 w 5 n uno
      a HSET h_2 w 9 n dos
      a HSET h_3 w 7
      a SORT ids BY w_*
      a SORT ids BY w_* DESC
      a SORT ids BY w_* LIMIT 1 2
      a SORT ids BY h_*->w
      a SORT ids BY h_*->w GET h_*->n
      a SORT ids BY name_* ALPHA
      a SORT ids BY name_*
      a SORT ids BY name_* ALPHA DESC LIMIT 1 2
      a SORT ids BY w_* GET name_* GET # GET w_*
      a SORT ids BY nosort GET name_*
      a SORT ids GET nostar
      a SORT ids GET h_*->
      a SORT ids GET ids
      a SORT ids GET *_x
      a SORT ids BY h_*
      a SORT ids STORE out
      a LRANGE out 0 -1
      a SORT ids BY w_* GET name_* STORE out
      a LRANGE out 0 -1
      a EXPIRE out 100
      a SORT ids DESC STORE out
      a TTL out
      a LRANGE out 0 -1
      a SORT nothing STORE out
      a EXISTS out
      a SORT nothing STORE out
      a SORT ids BY name_* STORE ids
      a SORT ids STORE ids LIMIT 0 2
      a LRANGE ids 0 -1
      a SADD set b a c
      a SORT set BY nosort STORE out
      a LRANGE out 0 -1
      a SORT set BY nosort DESC STORE out
      a LRANGE out 0 -1
      a SET taken v
      a SORT set ALPHA STORE taken
      a TYPE taken
      a SORT ids STORE
      a SORT ids STORE a STORE b
      a EXISTS a b`),
  },
]);
