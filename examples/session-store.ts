/** express-session on an engine that survives restarts. `npm run example session-store` */
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import session from 'express-session';
import { open } from 'keyspan';
import { sessionStore } from 'keyspan/adapters';

declare module 'express-session' {
  interface SessionData {
    visits: number;
  }
}

const folder = await mkdtemp(join(tmpdir(), 'sessions-'));

/** Serves until the work is done, then stops as a process would. */
async function serve(work: (url: string) => Promise<void>): Promise<void> {
  await using db = open(`file:${folder}`);
  const store = sessionStore(session.Store, db);
  const sessions = session({ secret: 'keep me', resave: false, saveUninitialized: false, store: store as never });
  const server = createServer((request, response) => {
    sessions(request as never, response as never, () => {
      const own = (request as unknown as { session: session.SessionData }).session;
      own.visits = (own.visits ?? 0) + 1;
      response.end(`visit ${own.visits}`);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  await work(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  server.close();
  server.closeAllConnections();
}

let cookie = '';
await serve(async (url) => {
  const response = await fetch(url);
  cookie = response.headers.get('set-cookie')!.split(';')[0]!;
  console.log(await response.text());
  console.log(await (await fetch(url, { headers: { cookie } })).text());
});
await serve(async (url) => {
  console.log(`after a restart: ${await (await fetch(url, { headers: { cookie } })).text()}`);
});
await rm(folder, { recursive: true });

// prints: visit 1
// prints: visit 2
// prints: after a restart: visit 3
