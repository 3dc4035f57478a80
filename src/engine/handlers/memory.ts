import { helpReply } from '../../commands/help.js';
import type { memoryCommands } from '../../commands/memory.js';
import { DoubleReply, MapReply, OK, type Reply, replyErrors, VerbatimReply } from '../../core/reply.js';
import type { Database } from '../database.js';
import type { HandlersOf } from '../handler.js';
import { memoryReport, ratio } from '../memory-report.js';
import { humanMemory } from '../memory-text.js';

/** Below this an engine is practically empty, and ratios mean nothing. */
const SMALL_BYTES_MAX = 5 * 1024 * 1024;

function doctorText(report: ReturnType<typeof memoryReport>): string {
  if (report.used < SMALL_BYTES_MAX) {
    return 'There is hardly any data in here: less than 5 MB. Come back when there is more to look at.';
  }
  const findings: string[] = [];
  if (report.peak / report.used > 1.5) {
    findings.push(
      `the peak was ${humanMemory(report.peak)}, much more than the ${humanMemory(report.used)} of now. The process keeps what V8 does not give back.`,
    );
  }
  if (report.resident / report.used > 2) {
    findings.push(
      `the process takes ${humanMemory(report.resident)}, more than twice the ${humanMemory(report.used)} of the data. Garbage that was not collected yet counts here.`,
    );
  }
  if (report.clients > report.used / 4) {
    findings.push(`clients' buffers take ${humanMemory(report.clients)}. Some client asks for more than it reads.`);
  }
  if (findings.length === 0) return 'Nothing is odd about the memory of this engine.';
  return `${findings.length} thing${findings.length === 1 ? ' is' : 's are'} worth a look:\n\n${findings.map((text) => ` * ${text}\n`).join('\n')}`;
}

function bytesOfSlot({ keyspace }: Database, slot: number): number {
  const { table } = keyspace;
  const { slab } = table;
  const record = Math.ceil(table.bytesUsed / table.size);
  const keyBytes = slab.capacityOf(table.keyLength(slot));
  if (keyspace.typeOf(slot) !== 0) return record + keyBytes + keyspace.collection(slot).memoryBytes;
  return record + keyBytes + (keyspace.isInt(slot) ? 0 : slab.capacityOf(keyspace.stringLength(slot)));
}

/** Handlers of MEMORY. */
export const memoryHandlers: HandlersOf<typeof memoryCommands> = {
  memoryDoctor: ({ engine }) => new VerbatimReply(doctorText(memoryReport(engine))),

  memoryHelp: () => helpReply('memory'),

  memoryMallocStats({ engine }) {
    const { allocated, active, resident } = engine.surroundings.memory();
    const lines = [
      `Allocator: v8`,
      `In use: ${allocated} bytes`,
      `Held by V8: ${active} bytes`,
      `Process: ${resident} bytes`,
    ];
    return new VerbatimReply(`${lines.join('\n')}\n`);
  },

  /** Unused segments and chunks are given back when they become empty; the rest is the garbage collector's. */
  memoryPurge: () => OK,

  memoryStats({ engine }) {
    const report = memoryReport(engine);
    const { allocated, active, resident, used } = report;
    const databases = report.databases.flatMap(({ index, main, expires }): Reply[] => [
      `db.${index}`,
      new MapReply([
        'overhead.hashtable.main',
        main,
        'overhead.hashtable.expires',
        expires,
        'overhead.hashtable.slot-to-keys',
        0,
      ]),
    ]);
    return new MapReply([
      ...['peak.allocated', report.peak, 'total.allocated', used, 'startup.allocated', report.startup],
      ...[
        'replication.backlog',
        report.replication.backlog,
        'clients.slaves',
        report.replication.waiting,
        'clients.normal',
        report.clients,
        'cluster.links',
        0,
      ],
      ...['aof.buffer', 0, 'lua.caches', 0, 'functions.caches', 0],
      ...databases,
      ...['overhead.total', report.overhead, 'keys.count', report.keys, 'keys.bytes-per-key', report.bytesPerKey],
      ...['dataset.bytes', report.dataset, 'dataset.percentage', new DoubleReply(report.datasetPercent)],
      ...['peak.percentage', new DoubleReply(report.peakPercent)],
      ...['allocator.allocated', allocated, 'allocator.active', active, 'allocator.resident', resident],
      ...[
        'allocator-fragmentation.ratio',
        new DoubleReply(ratio(active, allocated)),
        'allocator-fragmentation.bytes',
        active - allocated,
      ],
      ...['allocator-rss.ratio', new DoubleReply(ratio(resident, active)), 'allocator-rss.bytes', resident - active],
      ...['rss-overhead.ratio', new DoubleReply(ratio(resident, resident)), 'rss-overhead.bytes', 0],
      ...['fragmentation', new DoubleReply(ratio(resident, used)), 'fragmentation.bytes', resident - used],
    ]);
  },

  memoryUsage({ db }, { key, samples }) {
    if (samples !== undefined && samples < 0n) throw replyErrors.syntax;
    const slot = db.keyspace.find(key);
    return slot < 0 ? null : bytesOfSlot(db, slot);
  },
};
