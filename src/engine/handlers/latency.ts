import { helpReply } from '../../commands/help.js';
import type { latencyCommands } from '../../commands/latency.js';
import type { Spec } from '../../commands/spec.js';
import { asCString } from '../../core/bytes.js';
import { ErrorReply, MapReply, type Reply, VerbatimReply } from '../../core/reply.js';
import type { Engine } from '../engine.js';
import type { HandlersOf } from '../handler.js';
import { sparkline } from '../sparkline.js';

const GRAPH_COLUMNS = 80;
const MINUTE_S = 60;
const HOUR_S = 3600;
const DAY_S = 86_400;

function ageText(seconds: number): string {
  if (seconds < MINUTE_S) return `${seconds}s`;
  if (seconds < HOUR_S) return `${Math.floor(seconds / MINUTE_S)}m`;
  return seconds < DAY_S ? `${Math.floor(seconds / HOUR_S)}h` : `${Math.floor(seconds / DAY_S)}d`;
}

const advice: Readonly<Record<string, string>> = {
  command: 'Look for slow commands with SLOWLOG GET; large collections are better read in parts with the SCAN family.',
  'fast-command':
    'Commands that take no time by themselves were held up: the machine or the process was busy with something else.',
  'expire-cycle': 'Very many keys expire at once: spread their TTLs.',
  'eviction-cycle': 'Memory is full and makes room all the time: raise maxmemory or store less.',
};

function doctorText({ latency, settings }: Engine): string {
  if (settings.latencyMonitorThreshold === 0 && latency.events.size === 0) {
    return 'Latency is not watched. CONFIG SET latency-monitor-threshold <milliseconds> starts to collect what takes longer.\n';
  }
  if (latency.events.size === 0) return 'Nothing took longer than the threshold so far.\n';
  const reports = [...latency.events].map(([event, { samples, maxMs }], i) => {
    const mean = samples.reduce((sum, { ms }) => sum + ms, 0) / samples.length;
    const deviation = samples.reduce((sum, { ms }) => sum + Math.abs(ms - mean), 0) / samples.length;
    const facts = `${samples.length} spikes, average ${mean.toFixed(0)} ms, mean deviation ${deviation.toFixed(0)} ms, worst ${maxMs} ms.`;
    return `${i + 1}. ${event}: ${facts}\n   ${advice[event] ?? 'There is no advice for this event.'}\n`;
  });
  return `Events over the threshold of ${settings.latencyMonitorThreshold} ms:\n\n${reports.join('\n')}`;
}

function withSubcommands(spec: Spec): Spec[] {
  return [spec, ...spec.subcommands.values()];
}

/** Handlers of LATENCY. */
export const latencyHandlers: HandlersOf<typeof latencyCommands> = {
  latencyDoctor: ({ engine }) => new VerbatimReply(doctorText(engine)),

  latencyGraph({ engine }, { event }) {
    const found = engine.latency.events.get(event);
    if (!found) throw new ErrorReply(`ERR No samples available for event '${asCString(event)}'`);
    const all = found.samples.map(({ ms }) => ms);
    const heading = `${event} - high ${Math.max(...all)} ms, low ${Math.min(...all)} ms (all time high ${found.maxMs} ms)`;
    const now = Math.floor(engine.now / 1000);
    const samples = found.samples.map(({ time, ms }) => ({ value: ms, label: ageText(Math.max(0, now - time)) }));
    return new VerbatimReply(`${heading}\n${'-'.repeat(GRAPH_COLUMNS)}\n${sparkline(samples, GRAPH_COLUMNS)}`);
  },

  latencyHelp: () => helpReply('latency'),

  latencyHistogram({ engine }, { commands }) {
    const asked =
      commands.length === 0
        ? engine.commands.all
        : commands.flatMap((name) => {
            const spec = engine.commands.byFullName(name);
            return spec ? withSubcommands(spec) : [];
          });
    const flat: Reply[] = [];
    for (const { id, fullName } of asked) {
      const histogram = engine.latency.histogram(id);
      if (!histogram) continue;
      flat.push(
        fullName,
        new MapReply(['calls', histogram.total, 'histogram_usec', new MapReply(histogram.cumulative().flat())]),
      );
    }
    return new MapReply(flat);
  },

  latencyHistory: ({ engine }, { event }) =>
    (engine.latency.events.get(event)?.samples ?? []).map(({ time, ms }) => [time, ms]),

  latencyLatest: ({ engine }) =>
    [...engine.latency.events].map(([event, { samples, maxMs }]) => {
      const { time, ms } = samples.at(-1)!;
      return [event, time, ms, maxMs];
    }),

  latencyReset({ engine }, { events }) {
    const names = events.length === 0 ? [...engine.latency.events.keys()] : events;
    return names.filter((name) => engine.latency.forget(name)).length;
  },
};
