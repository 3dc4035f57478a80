import type { geoCommands } from '../../commands/geo.js';
import type { Bytes } from '../../core/bytes.js';
import { NULL_ARRAY } from '../../core/reply.js';
import type { HandlersOf } from '../handler.js';
import { decodePosition, distance, encodePosition, formatDistance, geohashText, metersPerUnit } from '../values/geo.js';
import { aroundMember, aroundPosition, positionReply, searchArea } from './geo-search.js';
import { addMembers } from './zset-add.js';

/** Handlers of the geo group. */
export const geoHandlers: HandlersOf<typeof geoCommands> = {
  geoadd({ db }, { key, places, ...rules }) {
    const pairs = places.map(([[longitude, latitude], member]): [number, Bytes] => [
      encodePosition({ longitude, latitude }),
      member,
    ]);
    return addMembers(db, key, pairs, rules);
  },

  geodist({ db }, { key, member1, member2, unit }) {
    const zset = db.zset(key);
    const from = zset?.score(member1) ?? null;
    const to = zset?.score(member2) ?? null;
    if (from === null || to === null) return null;
    return formatDistance(distance(decodePosition(from), decodePosition(to)) / metersPerUnit(unit ?? 'm')!);
  },

  geohash({ db }, { key, members }) {
    const zset = db.zset(key);
    return members.map((member) => {
      const score = zset?.score(member) ?? null;
      return score === null ? null : geohashText(score);
    });
  },

  geopos({ db, engine }, { key, members }) {
    const zset = db.zset(key);
    return members.map((member) => {
      const score = zset?.score(member) ?? null;
      return score === null ? NULL_ARRAY : positionReply(engine, decodePosition(score));
    });
  },

  georadius: (call, params) => aroundPosition(call, params),
  georadiusRo: (call, params) => aroundPosition(call, params),
  georadiusbymember: (call, params) => aroundMember(call, params),
  georadiusbymemberRo: (call, params) => aroundMember(call, params),
  geosearch: (call, { key, ...search }) => searchArea(call, key, search, null),
  geosearchstore: (call, { source, destination, storeDist, ...search }) =>
    searchArea(call, source, search, { destination, byDistance: storeDist === true, event: 'geosearchstore' }),
};
