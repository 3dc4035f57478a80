import { formatFixed } from '../core/double.js';
import type { Engine } from './engine.js';
import type { InfoLines } from './info.js';
import { memoryReport, ratio } from './memory-report.js';
import { humanMemory } from './memory-text.js';

/** Where Redis speaks of its allocator: `allocated` is V8's heap and external memory in use, `active` what V8 holds. */
export function memorySection(engine: Engine): InfoLines {
  const { maxmemory, maxmemoryPolicy } = engine.settings;
  const report = memoryReport(engine);
  const { used, peak, resident, allocated, active } = report;
  const { backlog, waiting } = report.replication;
  const { systemMemoryBytes } = engine.surroundings;
  const { v74, v80 } = engine.commands.since;
  return [
    ['used_memory', used],
    ['used_memory_human', humanMemory(used)],
    ['used_memory_rss', resident],
    ['used_memory_rss_human', humanMemory(resident)],
    ['used_memory_peak', peak],
    ['used_memory_peak_human', humanMemory(peak)],
    ['used_memory_peak_perc', `${formatFixed(report.peakPercent, 2)}%`],
    ['used_memory_overhead', report.overhead],
    ['used_memory_startup', report.startup],
    ['used_memory_dataset', report.dataset],
    ['used_memory_dataset_perc', `${formatFixed(report.datasetPercent, 2)}%`],
    ['allocator_allocated', allocated],
    ['allocator_active', active],
    ['allocator_resident', resident],
    ...(v74 ? ([['allocator_muzzy', 0]] as InfoLines) : []),
    ['total_system_memory', systemMemoryBytes],
    ['total_system_memory_human', humanMemory(systemMemoryBytes)],
    ...scriptLines(engine),
    ['maxmemory', maxmemory],
    ['maxmemory_human', humanMemory(maxmemory)],
    ['maxmemory_policy', maxmemoryPolicy],
    ['allocator_frag_ratio', formatFixed(ratio(active, allocated), 2)],
    ['allocator_frag_bytes', active - allocated],
    ['allocator_rss_ratio', formatFixed(ratio(resident, active), 2)],
    ['allocator_rss_bytes', resident - active],
    ['rss_overhead_ratio', formatFixed(ratio(resident, resident), 2)],
    ['rss_overhead_bytes', 0],
    ['mem_fragmentation_ratio', formatFixed(ratio(resident, used), 2)],
    ['mem_fragmentation_bytes', resident - used],
    ['mem_not_counted_for_evict', backlog + waiting],
    ['mem_replication_backlog', backlog],
    ['mem_total_replication_buffers', backlog + waiting],
    ...(v80 ? ([['mem_replica_full_sync_buffer', 0]] as InfoLines) : []),
    ['mem_clients_slaves', waiting],
    ['mem_clients_normal', report.clients],
    ['mem_cluster_links', 0],
    ['mem_aof_buffer', 0],
    ['mem_allocator', 'v8'],
    ...(v74 ? ([['mem_overhead_db_hashtable_rehashing', rehashing(engine)]] as InfoLines) : []),
    ['active_defrag_running', 0],
    ['lazyfree_pending_objects', 0],
    ['lazyfreed_objects', engine.stats.lazyFreed],
  ];
}

/** The extra memory of tables that are being resized. */
function rehashing({ databases }: Engine): number {
  const tables = databases.map(({ keyspace }) => keyspace.table).filter((table) => table.rehashing);
  return tables.reduce((sum, table) => sum + table.bucketCount * BUCKET_BYTES, 0);
}

const BUCKET_BYTES = 4;

/** Scripts live on the engine's own heap: only the sources are counted. */
function scriptLines({ scripting }: Engine): InfoLines {
  const { libraryCount, functionCount, sourceBytes: functionBytes } = scripting.libraries;
  const scripts = scripting.sourceBytes;
  return [
    ['used_memory_lua', scripts],
    ['used_memory_vm_eval', scripts],
    ['used_memory_lua_human', humanMemory(scripts)],
    ['used_memory_scripts_eval', scripts],
    ['number_of_cached_scripts', scripting.count],
    ['number_of_functions', functionCount],
    ['number_of_libraries', libraryCount],
    ['used_memory_vm_functions', functionBytes],
    ['used_memory_vm_total', scripts + functionBytes],
    ['used_memory_vm_total_human', humanMemory(scripts + functionBytes)],
    ['used_memory_functions', functionBytes],
    ['used_memory_scripts', scripts + functionBytes],
    ['used_memory_scripts_human', humanMemory(scripts + functionBytes)],
  ];
}
