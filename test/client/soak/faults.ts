import { setTimeout as sleep } from 'node:timers/promises';
import type { Random } from '../../../src/core/random.js';
import { open } from '../../../src/index.js';
import type { FaultyLink } from '../../support/proxy.js';
import type { RunningServer } from '../../support/redis.js';

/** What faults are done to. */
export interface Stage {
  readonly link: FaultyLink;
  server: RunningServer;
  /** Starts the server again with the data that it had. */
  restart(): Promise<RunningServer>;
}

/** Does harm to connections and to the server, one thing after the other, in an order that a seed says. */
export class Mischief {
  readonly done = new Map<string, number>();
  readonly #stage: Stage;
  readonly #random: Random;
  readonly #port: number;

  constructor(stage: Stage, random: Random) {
    this.#stage = stage;
    this.#random = random;
    this.#port = stage.link.port;
  }

  async run(isOver: () => boolean): Promise<void> {
    const { link } = this.#stage;
    const faults: Record<string, () => Promise<void> | void> = {
      reset: () => link.drop('reset'),
      end: () => link.drop('end'),
      pieces: () => {
        link.pieceBytes = [0, 1, 2, 7, 100][this.#below(5)]!;
      },
      cut: () => this.#cut(),
      // Replies that are lost are not followed by others: the connections end first.
      stall: () => this.#hold('stalled'),
      deaf: () => this.#hold('deaf'),
      freeze: async () => {
        link.freeze();
        await sleep(this.#below(400));
        link.thaw();
      },
      refuse: async () => {
        await link.refuse();
        await sleep(this.#below(150));
        await link.accept(this.#port);
      },
      killNormal: () => this.#say('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes'),
      killPubsub: () => this.#say('CLIENT', 'KILL', 'TYPE', 'pubsub'),
      pause: () => this.#say('CLIENT', 'PAUSE', String(1 + this.#below(200)), 'WRITE'),
      scriptFlush: () => this.#say('SCRIPT', 'FLUSH'),
      stop: async () => {
        process.kill(this.#stage.server.pid, 'SIGSTOP');
        await sleep(this.#below(500));
        process.kill(this.#stage.server.pid, 'SIGCONT');
      },
    };
    const names = Object.keys(faults);
    for (let turn = 1; !isOver(); turn++) {
      await sleep(20 + this.#below(150));
      const name = turn % 40 === 0 ? 'kill' : names[this.#below(names.length)]!;
      this.done.set(name, (this.done.get(name) ?? 0) + 1);
      await (name === 'kill' ? this.#kill() : faults[name]!());
    }
    link.cutAfterBytes = -1;
    link.pieceBytes = 0;
  }

  #below(n: number): number {
    return this.#random.u32() % n;
  }

  /** Connections that begin now end after so many bytes of replies. */
  async #cut(): Promise<void> {
    const { link } = this.#stage;
    link.cutAfterBytes = this.#below(600);
    link.drop();
    await sleep(this.#below(100));
    link.cutAfterBytes = -1;
    link.drop();
  }

  async #hold(what: 'stalled' | 'deaf'): Promise<void> {
    const { link } = this.#stage;
    link[what] = true;
    await sleep(this.#below(400));
    link.drop(this.#below(2) === 0 ? 'reset' : 'end');
    link[what] = false;
  }

  async #say(...words: [string, ...string[]]): Promise<void> {
    await using direct = open(this.#stage.server.url);
    await direct.call(...words);
  }

  async #kill(): Promise<void> {
    process.kill(this.#stage.server.pid, 'SIGKILL');
    await this.#stage.server.stop();
    this.#stage.server = await this.#stage.restart();
  }
}
