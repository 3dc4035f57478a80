import { NEWEST_VERSION } from '../commands/version.js';
import { Engine } from '../engine/engine.js';
import { KEYSPAN_VERSION } from '../engine/redis-version.js';
import { EngineAdapter, processSurroundings, type Server, startServer } from '../server/index.js';
import { onSignals } from './signals.js';

const HOST = '127.0.0.1';
const PORT_FIRST = 6379;
const PORTS_TRIED = 100;

/** `keyspan start`: a server for this machine only, on the usual port or the first free one above it. */
export async function start(): Promise<void> {
  const engine = new Engine({ serverVersion: NEWEST_VERSION });
  const server = await listenSomewhere(engine);
  const port = server.port!;
  engine.surroundings = processSurroundings({ tcpPort: () => port });
  engine.config.put('bind', HOST);
  engine.config.put('port', String(port));
  engine.startCron();
  const stop = async (): Promise<void> => {
    await server.close();
    engine.stopCron();
    console.log('keyspan has stopped.');
    process.exit(0);
  };
  engine.onShutdown = () => void stop();
  onSignals(() => void stop());
  if (port !== PORT_FIRST) console.log(`Port ${PORT_FIRST} is taken, so another one is used.`);
  console.log(`keyspan ${KEYSPAN_VERSION} is ready on redis://${HOST}:${port}`);
  console.log(`  connect  redis-cli -p ${port}`);
  console.log('  stop     Ctrl+C');
  console.log('Everything is kept in memory and gone when it stops.');
}

async function listenSomewhere(engine: Engine): Promise<Server> {
  for (let port = PORT_FIRST; ; port++) {
    try {
      return await startServer(new EngineAdapter(engine), { port, bind: [HOST] });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE' || port === PORT_FIRST + PORTS_TRIED) throw error;
    }
  }
}
