/** Runs an episode against two servers in step and finds the first difference. */
import { plain, type RespNode, type RespReply } from '../support/resp-client.js';
import { agree, agreeExec, agreeUnsubscribed, canonicalMessages, encode, reworded } from './canonical.js';
import { connections_count, type Step } from './generator.js';
import type { Wording } from './opponent.js';
import { Side } from './side.js';
import { compareState } from './state.js';
import type { Comparison } from './template.js';

export interface Difference {
  /** The step at which it showed (for a checkpoint, the cause is earlier). */
  step: number;
  what: string;
  argv: string[];
  a: string;
  b: string;
}

/** What the runner knows of a connection, learnt from the first server's replies. */
interface Conversation {
  multi: boolean;
  queued: { comparison: Comparison; argv: string[] }[];
  subscriptions: Record<string, Set<string>>;
}

const batch_max = 64;

export class Runner {
  readonly a: Side;
  readonly b: Side;
  commands_count = 0;
  checkpoints_count = 0;
  #talks: Conversation[] = [];
  /** Connections with a blocking command whose reply has not been compared yet. */
  #waiting: { connection: number; argv: string[]; step: number }[] = [];
  #difference: Difference | null = null;

  /** Different words for the same. */
  readonly #wording: Wording | undefined;

  constructor(portA: number, portB: number, wording?: Wording) {
    this.#wording = wording;
    this.a = new Side('a', portA);
    this.b = new Side('b', portB);
  }

  async open(): Promise<void> {
    await this.a.open();
    await this.b.open();
  }

  close(): void {
    this.a.close();
    this.b.close();
  }

  /** True while both servers hold their control connections. */
  get alive(): boolean {
    return !this.a.control.closed && !this.b.control.closed;
  }

  /** Runs the steps on emptied servers; null if the servers agreed all the way. A server that dies is a difference. */
  async run(steps: readonly Step[], tune = true): Promise<Difference | null> {
    this.#talks = Array.from({ length: connections_count }, newConversation);
    this.#waiting = [];
    this.#difference = null;
    const progress = { at: 0 };
    try {
      await Promise.all([this.a.begin(tune), this.b.begin(tune)]);
      await this.#walk(steps, progress);
    } catch (error) {
      const state = (side: Side) => (side.control.closed ? 'dead' : 'alive');
      const step = Math.min(progress.at, steps.length - 1);
      this.#differ(step, `no answer (${(error as Error).message})`, steps[step]!.argv, state(this.a), state(this.b));
    }
    return this.#difference;
  }

  async #walk(steps: readonly Step[], progress: { at: number }): Promise<void> {
    while (progress.at < steps.length && this.#difference === null) {
      const { at } = progress;
      const { connection, kind } = steps[at]!;
      if (this.#waiting.some((wait) => wait.connection === connection)) await this.#settle(at);
      let end = at + 1;
      if (kind === 'plain') {
        const mate = (step: Step | undefined) => step?.kind === 'plain' && step.connection === connection;
        while (end - at < batch_max && mate(steps[end])) end++;
        await this.#plain(steps.slice(at, end), at);
      } else {
        await this.#special(steps[at]!, at);
      }
      this.commands_count += end - at;
      progress.at = end;
    }
    if (this.#difference === null) await this.#settle(steps.length - 1);
  }

  #differ(step: number, what: string, argv: string[], a: string, b: string): void {
    this.#difference ??= { step, what, argv, a, b };
  }

  async #ask(connection: number, commands: string[][], count = commands.length): Promise<[RespReply[], RespReply[]]> {
    const [a, b] = await this.#hear(connection, commands, count);
    return [this.#worded(a), this.#worded(b)];
  }

  async #hear(connection: number, commands: string[][], count: number): Promise<[RespReply[], RespReply[]]> {
    const ask = (side: Side) => {
      side.connections[connection]!.write(commands);
      return side.connections[connection]!.read(count);
    };
    return await Promise.all([ask(this.a), ask(this.b)]);
  }

  #worded(replies: RespReply[]): RespReply[] {
    return this.#wording === undefined ? replies : replies.map((reply) => reworded(reply, this.#wording!));
  }

  async #plain(steps: readonly Step[], at: number): Promise<void> {
    const [a, b] = await this.#ask(
      steps[0]!.connection,
      steps.map((step) => step.argv),
    );
    for (let i = 0; i < steps.length && this.#difference === null; i++) this.#compare(steps[i]!, at + i, a[i], b[i]);
  }

  #compare(step: Step, at: number, a: RespReply | undefined, b: RespReply | undefined): boolean {
    if (a === undefined || b === undefined) {
      this.#differ(at, 'a reply is missing', step.argv, a?.raw ?? '(no reply)', b?.raw ?? '(no reply)');
      return false;
    }
    const talk = this.#talks[step.connection]!;
    const isExec = step.argv[0]!.toUpperCase() === 'EXEC' && talk.queued.length > 0;
    const same = isExec ? agreeExec(a, b, talk.queued) : agree(a, b, step.comparison);
    if (!same)
      this.#differ(at, isExec ? `replies to EXEC (${firstUnequal(a, b, talk)})` : 'replies', step.argv, a.raw, b.raw);
    learn(talk, step, a);
    return same;
  }

  async #special(step: Step, at: number): Promise<void> {
    const { connection } = step;
    const talk = this.#talks[connection]!;
    if (step.kind === 'settle') return await this.#settle(at);
    if (step.kind === 'checkpoint') return await this.#checkpoint(at);
    if (step.kind === 'quit') return await this.#quit(step, at);
    if (step.kind === 'subscribe') return await this.#subscribe(step, at);
    // The rest makes sense on an ordinary connection only; a shortened trace may lack the EXEC before it.
    if (talk.multi || subscriptions(talk) > 0) return;
    if (step.kind === 'block') await this.#block(step, at);
    else if (step.kind === 'sample') await this.#sample(step, at);
    else if (step.kind === 'scan') await this.#scan(step, at);
    else if (step.kind === 'transfer') await this.#transfer(step, at);
    else await this.#muted(step, at);
  }

  async #block(step: Step, at: number): Promise<void> {
    for (const side of [this.a, this.b]) side.connections[step.connection]!.write([step.argv]);
    this.#waiting.push({ connection: step.connection, argv: step.argv, step: at });
    await this.#quiet(at);
  }

  /** Both servers at rest, and the same clients blocked on both. */
  async #quiet(at: number): Promise<number[]> {
    const connections = this.#waiting.map((wait) => wait.connection);
    const rest = await Promise.all([this.a.quiet(connections), this.b.quiet(connections)]);
    const [left, right] = [this.a.unanswered(connections), this.b.unanswered(connections)];
    const argv = this.#waiting.at(-1)?.argv ?? [];
    if (!rest[0] || !rest[1]) {
      this.#differ(at, 'INFO blocked_clients disagrees with the replies', argv, String(rest[0]), String(rest[1]));
    } else if (left.join() !== right.join()) {
      this.#differ(at, 'connections that are still blocked', argv, left.join() || 'none', right.join() || 'none');
    }
    return left;
  }

  async #settle(at: number): Promise<void> {
    if (this.#waiting.length === 0) return;
    const blocked = await this.#quiet(at);
    if (this.#difference !== null) return;
    for (const connection of blocked) {
      const how = connection % 2 === 0 ? 'TIMEOUT' : 'ERROR';
      const unblock = (side: Side) => side.control.send('CLIENT', 'UNBLOCK', side.ids[connection]!, how);
      const [a, b] = await Promise.all([unblock(this.a), unblock(this.b)]);
      if (a.raw !== b.raw) this.#differ(at, 'replies', ['CLIENT', 'UNBLOCK', how], a.raw, b.raw);
    }
    for (const { connection, argv, step } of this.#waiting) {
      const [[a], [b]] = await this.#ask(connection, [], 1);
      this.#compare({ kind: 'block', connection, argv, comparison: 'exact' }, step, a, b);
    }
    this.#waiting = [];
  }

  async #quit(step: Step, at: number): Promise<void> {
    const [[a], [b]] = await this.#ask(step.connection, [step.argv], 1);
    if (!this.#compare(step, at, a, b)) return;
    // Reading one more reply ends when the server closes.
    await this.#ask(step.connection, [], 1);
    const open = (side: Side) => String(!side.connections[step.connection]!.closed);
    if (open(this.a) !== open(this.b)) this.#differ(at, 'still open after QUIT', step.argv, open(this.a), open(this.b));
    for (const side of [this.a, this.b]) {
      side.connections[step.connection]!.close();
      await side.reconnect(step.connection);
    }
    this.#talks[step.connection] = newConversation();
  }

  async #subscribe(step: Step, at: number): Promise<void> {
    const talk = this.#talks[step.connection]!;
    if (talk.multi) return;
    const name = step.argv[0]!.toUpperCase();
    const group = talk.subscriptions[/^[PS](?!UB)/.test(name) ? name[0]! : 'U']!;
    const names = step.argv.slice(1);
    const count = names.length > 0 ? names.length : Math.max(1, group.size);
    const [a, b] = await this.#ask(step.connection, [step.argv], count);
    const raw = (replies: RespReply[]) => replies.map((reply) => reply.raw).join('');
    const same = step.comparison === 'unsubscribed' ? agreeUnsubscribed(a, b) : raw(a) === raw(b);
    if (!same || a.length !== count) this.#differ(at, 'replies', step.argv, raw(a), raw(b));
    if (!name.includes('UNSUB')) for (const channel of names) group.add(channel);
    else if (names.length === 0) group.clear();
    else for (const channel of names) group.delete(channel);
  }

  async #sample(step: Step, at: number): Promise<void> {
    const { connection, argv } = step;
    const [[a], [b]] = await this.#hear(connection, [argv], 1);
    if (!this.#compare(step, at, a, b) || a!.node.type === '-') return;
    const picked = [members(a!.node, argv), members(b!.node, argv)];
    if (picked[0]!.length === 0) return;
    const key = argv[1]!;
    const commands = { SPOP: 'SREM', SRANDMEMBER: 'SMISMEMBER', HRANDFIELD: 'HMGET', ZRANDMEMBER: 'ZMSCORE' };
    const command = commands[argv[0]!.toUpperCase() as keyof typeof commands];
    // What one server popped is removed from the other, which makes them equal again; samples must be members.
    const [own, other] = argv[0]!.toUpperCase() === 'SPOP' ? [1, 0] : [0, 1];
    const [left, right] = await Promise.all([
      this.a.connections[connection]!.send(command, key, ...picked[own]!),
      this.b.connections[connection]!.send(command, key, ...picked[other]!),
    ]);
    const strange = (reply: RespReply) =>
      [plain(reply.node)].flat().some((x) => x === null || (command === 'SMISMEMBER' && x === 0));
    if (command === 'SREM' ? left.raw !== right.raw : strange(left) || strange(right)) {
      this.#differ(at, `${command} of the sample`, argv, `${a!.raw} → ${left.raw}`, `${b!.raw} → ${right.raw}`);
    }
    const distinct = (names: string[]) => new Set(names).size === names.length || Number(argv[2] ?? 1) < 0;
    if (!picked.every(distinct)) this.#differ(at, 'repeated elements in a sample', argv, a!.raw, b!.raw);
  }

  async #scan(step: Step, at: number): Promise<void> {
    const [a, b] = await Promise.all([scanned(this.a, step), scanned(this.b, step)]);
    if (a !== b) this.#differ(at, 'elements of the whole scan', step.argv, a, b);
  }

  /** DUMP on each server, RESTORE of both payloads on both servers. */
  async #transfer(step: Step, at: number): Promise<void> {
    const [, key, target] = step.argv as [string, string, string];
    const [[a], [b]] = await this.#ask(step.connection, [['DUMP', key]], 1);
    if (a?.node.type !== '$' || b?.node.type !== '$' || a.node.text === null || b.node.text === null) {
      this.#compare({ ...step, argv: ['DUMP', key] }, at, a, b);
      return;
    }
    for (const [source, payload] of [
      ['a', a.node.text],
      ['b', b.node.text],
    ]) {
      const argv = ['RESTORE', target, '0', payload!, 'REPLACE'];
      const [[left], [right]] = await this.#ask(step.connection, [argv], 1);
      this.#compare({ ...step, argv }, at, left, right);
      if (left?.raw !== '+OK\r\n')
        this.#differ(at, `RESTORE of what ${source} dumped`, argv, `${left?.raw}`, `${right?.raw}`);
      if (this.#difference !== null) return;
      await this.#compareState(at, argv);
    }
  }

  async #muted(step: Step, at: number): Promise<void> {
    const skips = step.argv.at(-1)!.length % 2 === 1;
    const [before, after] = skips
      ? [['CLIENT', 'REPLY', 'SKIP'], ['PING']]
      : [
          ['CLIENT', 'REPLY', 'OFF'],
          ['CLIENT', 'REPLY', 'ON'],
        ];
    const commands = [before, step.argv, after];
    const [[a], [b]] = await this.#ask(step.connection, commands, 1);
    this.#compare(step, at, a, b);
  }

  async #checkpoint(at: number): Promise<void> {
    await this.#settle(at);
    for (let c = 0; c < connections_count && this.#difference === null; c++) {
      if (this.#talks[c]!.multi) continue;
      const [[a], [b]] = await this.#ask(c, [['PING']], 1);
      this.#compare({ kind: 'plain', connection: c, argv: ['PING'], comparison: 'exact' }, at, a, b);
      this.#compareMessages(
        at,
        `messages of connection ${c}`,
        this.a.connections[c]!.takePushes(),
        this.b.connections[c]!.takePushes(),
      );
    }
    if (this.#difference !== null) return;
    const [left, right] = await Promise.all([this.a.events(), this.b.events()]);
    this.#compareMessages(at, 'keyspace notifications', left, right);
    await this.#compareState(at, ['(state)']);
    // Reading the state may itself notify (an expired key); that is the same on both sides or seen next time.
    this.checkpoints_count++;
  }

  #compareMessages(at: number, what: string, a: RespReply[], b: RespReply[]): void {
    const [left, right] = [canonicalMessages(this.#worded(a)), canonicalMessages(this.#worded(b))];
    const first = left.findIndex((message, i) => message !== right[i]);
    if (first < 0 && left.length === right.length) return;
    const i = first < 0 ? left.length : first;
    this.#differ(at, `${what}, number ${i}`, ['(messages)'], left[i] ?? '(none)', right[i] ?? '(none)');
  }

  async #compareState(at: number, argv: string[]): Promise<void> {
    if (this.#difference !== null) return;
    const difference = await compareState(this.a, this.b, this.#wording);
    if (difference !== null) this.#differ(at, `state: ${difference.what}`, argv, difference.a, difference.b);
  }
}

function newConversation(): Conversation {
  return { multi: false, queued: [], subscriptions: { U: new Set(), P: new Set(), S: new Set() } };
}

function subscriptions(talk: Conversation): number {
  return Object.values(talk.subscriptions).reduce((sum, names) => sum + names.size, 0);
}

function learn(talk: Conversation, step: Step, reply: RespReply): void {
  const name = step.argv[0]!.toUpperCase();
  if (reply.raw === '+QUEUED\r\n') {
    talk.queued.push({ comparison: step.comparison, argv: step.argv });
  } else if (name === 'MULTI' && reply.raw === '+OK\r\n') {
    talk.multi = true;
    talk.queued = [];
  } else if (name === 'EXEC' || name === 'DISCARD' || name === 'RESET') {
    if (reply.node.type === '-' && !/^(EXECABORT|ERR \w+ without MULTI)/.test(reply.node.text ?? '')) return;
    talk.multi = false;
    talk.queued = [];
    if (name === 'RESET') for (const names of Object.values(talk.subscriptions)) names.clear();
  }
}

function firstUnequal(a: RespReply, b: RespReply, talk: Conversation): string {
  const at = (a.node.items ?? []).findIndex((item, i) => {
    const other = b.node.items?.[i];
    return other === undefined || encode(item) !== encode(other);
  });
  return at < 0 ? 'whole' : `number ${at}: ${talk.queued[at]?.argv.slice(0, 6).join(' ')}`;
}

/** The names in a random sample, without their values or scores. */
function members(node: RespNode, argv: readonly string[]): string[] {
  if (node.items === null) return node.text === null ? [] : [node.text];
  const flat = argv[3] !== undefined && node.items.every((item) => item.items === null);
  const items = flat ? node.items.filter((_, i) => i % 2 === 0) : node.items;
  return items.map((item) => item.items?.[0]?.text ?? item.text ?? '');
}

/** All pages of a cursor as one sorted text, or the first error. */
async function scanned(side: Side, step: Step): Promise<string> {
  const place = step.argv[0]!.toUpperCase() === 'SCAN' ? 1 : 2;
  const paired = /^[HZ]SCAN$/i.test(step.argv[0]!);
  const argv = [...step.argv];
  const seen = new Set<string>();
  for (let pages = 0; pages < 10_000; pages++) {
    const { node, raw } = await side.connections[step.connection]!.send(...argv);
    const cursor = node.items?.[0]?.text;
    const items = node.items?.[1]?.items;
    if (cursor === undefined || cursor === null || items === undefined || items === null) return raw;
    for (let i = 0; i < items.length; i += paired ? 2 : 1) {
      seen.add(paired ? `${items[i]!.text}=${items[i + 1]?.text}` : items[i]!.text!);
    }
    if (cursor === '0') return [...seen].sort().join(' ');
    argv[place] = cursor;
  }
  return 'the cursor never came back to 0';
}
