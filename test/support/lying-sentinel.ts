import { FakeServer } from './fake-server.js';

/** What answers like a Sentinel, but names one primary for ever and hides all news. Stopped by the caller. */
export async function startLiar(port: number, epoch = 0): Promise<FakeServer> {
  const bulk = (text: string): string => `$${text.length}\r\n${text}\r\n`;
  return await FakeServer.start((argv) => {
    const [name, sub] = argv.map((word) => word.toUpperCase());
    if (name === 'PING') return '+PONG\r\n';
    if (name === 'SUBSCRIBE') return `>3\r\n${bulk('subscribe')}${bulk(argv[1]!)}:1\r\n`;
    if (name !== 'SENTINEL') return null;
    if (sub === 'GET-MASTER-ADDR-BY-NAME') return `*2\r\n${bulk('127.0.0.1')}${bulk(String(port))}`;
    return sub === 'MASTER' ? `%1\r\n${bulk('config-epoch')}${bulk(String(epoch))}` : '*0\r\n';
  });
}
