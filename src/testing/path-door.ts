import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A listener on a path nobody else knows: a Unix socket in a folder of its own, a named pipe on Windows. */
export class PathDoor {
  readonly path: string;
  readonly #folder: string;
  readonly #server: ReturnType<typeof createServer>;

  private constructor(welcome: (socket: Socket) => void) {
    this.#folder = mkdtempSync(join(tmpdir(), 'keyspan-'));
    const local = join(this.#folder, 'redis.sock');
    this.path = process.platform === 'win32' ? `\\\\.\\pipe\\${local.replaceAll(/[:\\]/g, '-')}` : local;
    this.#server = createServer(welcome);
  }

  /** Starts listening. Rejects with the system's error if it cannot. */
  static async open(welcome: (socket: Socket) => void): Promise<PathDoor> {
    const door = new PathDoor(welcome);
    await new Promise<void>((resolve, reject) => {
      door.#server.once('error', reject);
      door.#server.listen(door.path, resolve);
    });
    return door;
  }

  /** Accepts no more connections; existing ones stay. */
  close(): void {
    this.#server.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
