/**
 * Conversations: lists of commands that several clients give in turn, to the engine in this process and to a real
 * server. What each client receives after each command, pushes included, must be the same bytes.
 */
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Sink, SinkStats } from '../../src/backend/session.js';
import { NO_REPLY, PENDING, type Reply } from '../../src/core/reply.js';
import { Engine } from '../../src/engine/engine.js';
import { parseNotifyFlags } from '../../src/engine/notify.js';
import type { EngineSession } from '../../src/engine/session.js';
import type { EvictionPolicy } from '../../src/engine/settings.js';
import { encodeReply } from '../../src/resp/encoder.js';
import { ReplyArena } from '../../src/resp/reply-arena.js';
import { encodeCommand } from '../support/resp-client.js';

/**
 * Who says what: `['a', 'SET', 'k', 'v']`. The word `@b` stands for the id of the client `b`. The speaker `config` sets a parameter, `wait` lets milliseconds pass.
 */
export type Step = readonly [speaker: string, ...words: string[]];

/** What every client received after a step, in the order of the clients' names. */
export type Transcript = string[];

export interface Side {
  run(steps: readonly Step[]): Promise<Transcript>;
}

const parameters: Record<string, (engine: Engine, value: string) => void> = {
  'notify-keyspace-events': (engine, value) => {
    engine.settings.notifyFlags = parseNotifyFlags(value)!;
  },
  requirepass: (engine, value) => {
    engine.config.set([['requirepass', value]], true);
  },
  'tracking-table-max-keys': (engine, value) => {
    engine.settings.trackingTableMaxKeys = Number(value);
  },
  'acllog-max-len': (engine, value) => {
    engine.settings.acllogMaxLen = Number(value);
  },
  'acl-pubsub-default': (engine, value) => {
    engine.settings.aclPubsubDefault = value as 'allchannels' | 'resetchannels';
  },
  'maxmemory-policy': (engine, value) => {
    engine.settings.maxmemoryPolicy = value as EvictionPolicy;
    engine.plainChanged();
  },
};

/** What the parameters are before each conversation; empty unless named here. */
const initialValues: Record<string, string> = {
  'maxmemory-policy': 'noeviction',
  'tracking-table-max-keys': '1000000',
  'acllog-max-len': '128',
  'acl-pubsub-default': 'resetchannels',
};
/** The users that conversations may make up. */
const users = ['alice', 'bob', 'carol', 'dave'];

/** `words` with the ids of clients in the places of their names. */
function withIds(words: readonly string[], idOf: (speaker: string) => string): string[] {
  return words.map((word) => (/^@\w$/.test(word) ? idOf(word[1]!) : word));
}

/** A client of the engine in this process: collects the bytes that a server would send. */
export class LocalClient implements Sink {
  readonly session: EngineSession;
  readonly stats: SinkStats;
  closed = false;
  readonly #inbox: string[][] = [];
  readonly #late: Reply[] = [];
  #received = '';

  constructor(engine: Engine, address = '127.0.0.1:1') {
    this.stats = {
      address,
      localAddress: '127.0.0.1:2',
      fd: 8,
      queryBufferBytes: 0,
      queryBufferFreeBytes: 0,
      outputBufferBytes: 0,
      outputListLength: 0,
      outputListBytes: 0,
    };
    this.session = engine.connect(this);
  }

  /** Gives a command; while the session waits, it waits too. */
  say(argv: string[]): void {
    this.#inbox.push(argv);
    this.resume();
  }

  reply(reply: Reply): void {
    if (reply !== NO_REPLY) this.push(reply);
    for (const message of this.#late.splice(0)) this.push(message);
  }

  pushLater(message: Reply): void {
    this.#late.push(message);
  }

  push(message: Reply): void {
    const arena = new ReplyArena();
    encodeReply(arena, message, this.session.protocol);
    this.#received += Buffer.from(arena.bytes.subarray(0, arena.at)).toString('latin1');
  }

  close(): void {
    this.closed = true;
  }

  resume(): void {
    while (this.#inbox.length > 0 && !this.closed && !this.session.blocked) {
      const reply = this.session.call(this.#inbox.shift()!);
      if (reply !== PENDING) this.reply(reply);
    }
    if (this.closed) this.session.end();
  }

  take(): string {
    const received = this.#received + (this.closed ? '(closed)' : '');
    this.#received = '';
    return received;
  }
}

/** Clients in the order in which they first speak. */
function speakersOf(steps: readonly Step[]): string[] {
  return [...new Set(steps.map(([speaker]) => speaker))].filter((name) => name !== 'config' && name !== 'wait').sort();
}

export class EngineSide implements Side {
  engine!: Engine;

  async run(steps: readonly Step[]): Promise<Transcript> {
    const engine = new Engine({ seed: 1 });
    this.engine = engine;
    const clients = new Map(speakersOf(steps).map((name) => [name, new LocalClient(engine)]));
    const transcript: Transcript = [];
    for (const [speaker, ...words] of steps) {
      if (speaker === 'wait') await sleep(Number(words[0]));
      else if (speaker === 'config') parameters[words[0]!]!(engine, words[1]!);
      else clients.get(speaker)!.say(withIds(words, (name) => String(clients.get(name)!.session.id)));
      // What is sent at the end of a turn of the event loop.
      await null;
      transcript.push([...clients.values()].map((client) => client.take()).join('|'));
    }
    for (const client of clients.values()) client.session.end();
    return transcript;
  }
}

class RemoteClient {
  readonly socket: Socket;
  id = '';
  #received = '';
  #closed = false;
  #wake: (() => void) | null = null;

  constructor(port: number) {
    this.socket = connect(port, '127.0.0.1');
    this.socket.setNoDelay(true);
    this.socket.on('error', () => {});
    this.socket.on('data', (chunk) => {
      this.#received += chunk.toString('latin1');
      this.#wake?.();
    });
    this.socket.on('close', () => {
      this.#closed = true;
      this.#wake?.();
    });
  }

  say(words: readonly string[]): void {
    if (!this.#closed) this.socket.write(encodeCommand(words), 'latin1');
  }

  /** Something has arrived, or the time is over. */
  async heard(timeout_ms: number): Promise<void> {
    if (this.#received !== '' || this.#closed) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, timeout_ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#wake = null;
  }

  take(): string {
    const received = this.#received + (this.#closed ? '(closed)' : '');
    this.#received = '';
    return received;
  }
}

export class ServerSide implements Side {
  readonly #port: number;
  /** Has no password to give even while one is set. */
  #control: RemoteClient | null = null;

  constructor(port: number) {
    this.#port = port;
  }

  async #ask(...words: string[]): Promise<string> {
    this.#control ??= new RemoteClient(this.#port);
    this.#control.say(words);
    await this.#control.heard(2000);
    return this.#control.take();
  }

  async run(steps: readonly Step[]): Promise<Transcript> {
    await this.#ask('DEBUG', 'SET-ACTIVE-EXPIRE', '0');
    await this.#ask('FLUSHALL');
    for (const name of Object.keys(parameters)) {
      await this.#ask('CONFIG', 'SET', name, initialValues[name] ?? '');
    }
    await this.#ask('ACL', 'DELUSER', ...users);
    await this.#ask('ACL', 'LOG', 'RESET');
    const clients = new Map<string, RemoteClient>();
    for (const name of speakersOf(steps)) {
      const client = new RemoteClient(this.#port);
      clients.set(name, client);
      client.say(['CLIENT', 'ID']);
      await client.heard(2000);
      client.id = client.take().slice(1).trim();
    }
    const transcript: Transcript = [];
    for (const [speaker, ...words] of steps) {
      if (speaker === 'wait') await sleep(Number(words[0]));
      else if (speaker === 'config') await this.#ask('CONFIG', 'SET', ...words);
      else {
        clients.get(speaker)!.say(withIds(words, (name) => clients.get(name)!.id));
        // What was sent before the second question is read before it, and answered before its answer.
        await this.#ask('PING');
        await this.#ask('PING');
        await sleep(1);
      }
      transcript.push([...clients.values()].map((client) => client.take()).join('|'));
    }
    for (const client of clients.values()) client.socket.destroy();
    return transcript;
  }

  close(): void {
    this.#control?.socket.destroy();
  }
}

export interface Conversation {
  title: string;
  steps: readonly Step[];
  /** What may differ: each match is replaced by `*` before the comparison. */
  ignore?: RegExp;
}

/** The steps with what was heard after each, as lines that a failed comparison shows side by side. */
export function linesOf({ steps, ignore }: Conversation, transcript: Transcript): string[] {
  return steps.map((step, i) => {
    const heard = ignore ? transcript[i]!.replaceAll(ignore, '*') : transcript[i]!;
    return `${step.join(' ')} => ${JSON.stringify(heard)}`;
  });
}

/** `a SET key "two words"`: one step per line; words in double quotes are read as in JSON. */
export function talk(text: string): Step[] {
  const steps: Step[] = [];
  for (const line of text.split('\n')) {
    const words = line.match(/"(?:[^"\\]|\\.)*"|\S+/g);
    if (words) steps.push(words.map((word) => (word.startsWith('"') ? JSON.parse(word) : word)) as unknown as Step);
  }
  return steps;
}
