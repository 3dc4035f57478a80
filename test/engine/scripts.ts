/** Runs scripts of commands on a real server and on the engine, in both protocols. */
import { after, before, describe, it } from 'node:test';
import type { Engine } from '../../src/engine/engine.js';
import { findRedis } from '../../tools/redis-binary.js';
import type { Comparison } from '../differential/template.js';
import { requireRedis } from '../support/redis.js';
import { SideBySide, words } from '../support/side-by-side.js';

/** `lines`: one command each; `~unordered` and the like at the end of a line say how its replies are compared. */
export interface Script {
  title: string;
  lines: string;
  /** CONFIG SET's words, and the same for the engine. */
  config?: string[];
  tune?: (engine: Engine) => void;
}

export function runScripts(group: string, scripts: readonly Script[]): void {
  describe(`${group}: side by side with the real server`, () => {
    let both: SideBySide | null = null;
    before(async () => {
      if ((await findRedis()) !== null) both = await SideBySide.start();
    });
    after(() => both?.stop());
    for (const script of scripts) {
      for (const protocol of [2, 3] as const) {
        it(`${script.title} (RESP${protocol})`, async (t) => {
          if (!(await requireRedis(t)) || both === null) return;
          await both.begin(protocol, script.config, script.tune);
          for (const line of script.lines.split('\n').filter((text) => text.trim() !== '')) {
            const [, command, comparison = 'exact'] = /^\s*(.*?)(?:\s+~(\w+))?\s*$/.exec(line)!;
            await both.same(words(command!), comparison as Comparison);
          }
          await both.sameState();
        });
      }
    }
  });
}
