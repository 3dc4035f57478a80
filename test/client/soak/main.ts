/** `node build/test/client/soak/main.js [seed] [seconds per seed] [seeds]`: one report per seed; ends at the first that fails. */
import { soak } from './soak.js';

const [seed = '1', seconds = '60', seeds = '1'] = process.argv.slice(2);
for (let at = 0; at < Number(seeds); at++) {
  const report = await soak({ seed: Number(seed) + at, duration_ms: Number(seconds) * 1000 });
  console.log(JSON.stringify(report));
}
