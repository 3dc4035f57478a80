import { textFromBytes } from '../core/bytes.js';
import type { Reply } from '../core/reply.js';
import {
  anyReply,
  bytes,
  bytesOf,
  command,
  custom,
  intReply as int,
  itemsOf,
  list,
  manyBytes,
  type Shape,
  text,
} from './words.js';

const admin = { group: 'server', since: '2.8.13', flags: ['admin', 'noscript', 'loading', 'stale'], acl: [] } as const;
const ofAll = { tips: ['nondeterministic_output'], request: 'all_nodes', response: 'special' } as const;

const dateOf = (seconds: Reply): Date => new Date(Number(seconds) * 1000);
const textOf = (reply: Reply): string => textFromBytes(bytesOf(reply) ?? '');

const latest: Shape = custom('{ event: string; time: Date; ms: number; maxMs: number }', (reply) => {
  const [event, time, ms, maxMs] = itemsOf(reply) ?? [];
  return { event: textOf(event), time: dateOf(time), ms: Number(ms), maxMs: Number(maxMs) };
});

const sample: Shape = custom('{ time: Date; ms: number }', (reply) => {
  const [time, ms] = itemsOf(reply) ?? [];
  return { time: dateOf(time), ms: Number(ms) };
});

/** Command → calls, and how many of them took at most so many microseconds. */
const histograms: Shape = custom(
  'Record<string, { calls: number; histogram: [micros: number, count: number][] }>',
  (reply) => {
    const flat = itemsOf(reply) ?? [];
    const result: Record<string, unknown> = {};
    for (let i = 0; i + 1 < flat.length; i += 2) {
      const [, calls, , steps] = itemsOf(flat[i + 1]) ?? [];
      const numbers = (itemsOf(steps) ?? []).map(Number);
      const histogram = numbers.flatMap((micros, at) => (at % 2 === 0 ? [[micros, numbers[at + 1]]] : []));
      result[textOf(flat[i])] = { calls: Number(calls), histogram };
    }
    return result;
  },
);

/** LATENCY and its subcommands. */
export const latencyCommands = {
  latency: () =>
    command({
      ...admin,
      flags: [],
      name: 'LATENCY',
      summary: 'Holds the commands about latency.',
      complexity: 'Depends on the subcommand.',
      args: [],
      container: true,
      reply: anyReply,
    }),
  latencyDoctor: () =>
    command({
      ...admin,
      ...ofAll,
      name: 'LATENCY DOCTOR',
      summary: 'Says in words what took too long and what may help.',
      complexity: 'O(1)',
      args: [],
      reply: text,
    }),
  latencyGraph: () =>
    command({
      ...admin,
      ...ofAll,
      name: 'LATENCY GRAPH',
      summary: 'Draws the samples of an event with letters.',
      complexity: 'O(1)',
      args: [bytes('event')],
      reply: text,
    }),
  latencyHelp: () =>
    command({
      ...admin,
      flags: ['loading', 'stale'],
      name: 'LATENCY HELP',
      summary: 'Lists the subcommands of LATENCY.',
      complexity: 'O(1)',
      args: [],
      reply: list(text),
    }),
  latencyHistogram: () =>
    command({
      ...admin,
      ...ofAll,
      name: 'LATENCY HISTOGRAM',
      since: '7.0.0',
      summary: 'Returns how long the calls of some commands took, or of all.',
      complexity: 'O(n) of the commands',
      args: [manyBytes('commands', { min: 0 })],
      reply: histograms,
    }),
  latencyHistory: () =>
    command({
      ...admin,
      ...ofAll,
      name: 'LATENCY HISTORY',
      summary: 'Returns the samples of an event, oldest first.',
      complexity: 'O(1)',
      args: [bytes('event')],
      reply: list(sample),
    }),
  latencyLatest: () =>
    command({
      ...admin,
      ...ofAll,
      name: 'LATENCY LATEST',
      summary: 'Returns the last and the worst sample of each event.',
      complexity: 'O(1)',
      args: [],
      reply: list(latest),
    }),
  latencyReset: () =>
    command({
      ...admin,
      name: 'LATENCY RESET',
      allTips: ['request_policy:all_nodes', 'response_policy:agg_sum'],
      before: [{ until: '7.2.0', allTips: undefined }],
      summary: 'Forgets the samples of some events, or of all; returns how many events had some.',
      complexity: 'O(1)',
      args: [manyBytes('events', { min: 0 })],
      reply: int,
      request: 'all_nodes',
      response: 'all_succeeded',
    }),
};
