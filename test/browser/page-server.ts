import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import type { PageResult } from './page-test.js';

/** The compiled tree: the page's modules are served as they are, nothing is bundled. */
const tree = fileURLToPath(new URL('../../', import.meta.url));

/** What a bare name means to the page: the package's doors, and stand-ins for the modules of Node's that the suites use. */
const imports = {
  ...doors(),
  'node:test': '/test/browser/page-test.js',
  'node:assert/strict': '/test/browser/page-assert.js',
};

/** The doors that package.json names, each at its place in the compiled tree. */
function doors(): Record<string, string> {
  const { name, exports } = JSON.parse(readFileSync('package.json', 'utf8')) as {
    name: string;
    exports: Record<string, string | { default: string }>;
  };
  const targets = Object.entries(exports).flatMap(([door, target]): [string, string][] =>
    typeof target === 'string' ? [] : [[`${name}${door.slice(1)}`, target.default.replace('./dist/', '/src/')]],
  );
  return Object.fromEntries(targets);
}

const html = `<!doctype html>
<meta charset="utf-8"><title>keyspan</title><link rel="icon" href="data:,">
<script type="importmap">${JSON.stringify({ imports })}</script>
<script>
const tell = (error) => fetch('/failure', { method: 'POST', body: String(error) });
addEventListener('error', (event) => tell(event.error?.stack ?? event.message));
addEventListener('unhandledrejection', (event) => tell(event.reason?.stack ?? event.reason));
</script>
<script type="module">import('/test/browser/page-main.js').catch((error) => tell(error.stack ?? error));</script>
`;

/** A server on loopback for one page. */
export interface PageServer {
  readonly url: string;
  /** Resolves with what the page posts for a phase; rejects if the page breaks, or if it is not done within `ms`. */
  results(phase: string, ms: number): Promise<PageResult[]>;
  /** The modules that were asked for. */
  readonly served: ReadonlySet<string>;
  stop(): Promise<void>;
}

export async function startPageServer(): Promise<PageServer> {
  const served = new Set<string>();
  const posted = new Map<string, PageResult[]>();
  const waiting = new Set<() => void>();
  let failure: string | null = null;
  const server = createServer(async (request, response) => {
    const url = new URL(request.url ?? '/', 'http://page');
    if (request.method === 'POST') {
      let body = '';
      for await (const chunk of request) body += chunk;
      if (url.pathname === '/failure') failure ??= body;
      else posted.set(url.searchParams.get('phase') ?? '', JSON.parse(body) as PageResult[]);
      for (const wake of waiting) wake();
      response.end();
      return;
    }
    if (url.pathname === '/') {
      response.setHeader('content-type', 'text/html').end(html);
      return;
    }
    served.add(url.pathname);
    try {
      const text = await readFile(`${tree}${url.pathname}`);
      response.setHeader('content-type', 'text/javascript').end(text);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/`,
    served,
    results: (phase, ms) => {
      return new Promise((resolve, reject) => {
        const timer = setTimeout(() => end(() => reject(new Error(`the page is not done within ${ms} ms`))), ms);
        const end = (settle: () => void): void => {
          clearTimeout(timer);
          waiting.delete(look);
          settle();
        };
        const look = (): void => {
          const results = posted.get(phase);
          if (failure !== null) end(() => reject(new Error(`the page broke: ${failure}`)));
          else if (results !== undefined) end(() => resolve(results));
        };
        waiting.add(look);
        look();
      });
    },
    stop: () => stop(server),
  };
}

function stop(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
