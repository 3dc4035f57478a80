/** Two ways to limit a rate, each one script and thus exact for any number of clients. `npm run example rate-limiter` */
import { ManualClock, open } from 'keyspan';
import { slidingWindow, tokenBucket } from 'keyspan/recipes';

const clock = new ManualClock(1_000_000);
await using db = open('memory:', { clock });

const api = slidingWindow(db, { limit: 3, window: 60_000 });
for (let i = 1; i <= 4; i++) {
  const { allowed, remaining, retryAfter } = await api.take('api:ada');
  console.log(`request ${i}: ${allowed ? `allowed, ${remaining} left` : `refused for ${retryAfter} ms`}`);
}
clock.advance(60_000);
console.log(`a minute later: ${(await api.take('api:ada')).allowed ? 'allowed' : 'refused'}`);

const uploads = tokenBucket(db, { capacity: 10, perSecond: 1 });
console.log(`a burst of ten: ${(await uploads.take('uploads:ada', 10)).allowed}`);
console.log(`one more: ${(await uploads.take('uploads:ada')).allowed}`);
clock.advance(2000);
console.log(`two seconds later, two more: ${(await uploads.take('uploads:ada', 2)).allowed}`);

// prints: request 3: allowed, 0 left
// prints: request 4: refused for 60000 ms
// prints: a minute later: allowed
// prints: a burst of ten: true
// prints: one more: false
// prints: two seconds later, two more: true
