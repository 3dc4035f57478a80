/** A leaderboard in a sorted set: ranks, neighbours and ties, all in the process. `npm run example leaderboard` */
import { open } from 'keyspan';

await using db = open('memory:');
const board = 'board:today';

/** A player's best score counts. */
async function score(player: string, points: number): Promise<void> {
  await db.zadd(board, { [player]: points }, { gt: true });
}

/** The player's rank (1 is best) and who stands around. */
async function standing(player: string, around = 1): Promise<{ rank: number; rows: [string, number][] } | null> {
  const rank = await db.zrevrank(board, player);
  if (rank === null) return null;
  const rows = await db.zrangeWithScores(board, Math.max(0, rank - around), rank + around, { rev: true });
  return { rank: rank + 1, rows };
}

const games: [string, number][] = [
  ['ada', 3100],
  ['bob', 2700],
  ['eve', 2950],
  ['ada', 1200],
  ['joe', 2710],
];
for (const [player, points] of games) await score(player, points);

console.log('top three');
for (const [i, [player, points]] of (await db.zrangeWithScores(board, 0, 2, { rev: true })).entries()) {
  console.log(`${i + 1}. ${player} ${points}`);
}
const own = await standing('joe');
console.log(`joe is number ${own?.rank}, between ${own?.rows.map(([player]) => player).join(', ')}`);

// prints: 1. ada 3100
// prints: 2. eve 2950
// prints: joe is number 3, between eve, joe, bob
