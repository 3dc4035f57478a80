import { loadSnapshot } from '../../engine/rdb/load-snapshot.js';
import { Snapshot } from '../../engine/rdb/snapshot.js';
import type { ByteFormat } from './byte-backend.js';

/** Redis' own file format: any server from 7.0 on loads it, and files of 2.8 and later are read. */
export const rdbFormat: ByteFormat = {
  extension: 'rdb',
  encode: (engine) => new Snapshot(engine, { still: true }).chunks(),
  decode(engine, chunks, progress) {
    engine.saver.install(loadSnapshot(engine, chunks, progress === undefined ? {} : { progress }));
  },
};
