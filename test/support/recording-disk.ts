/** A disk that remembers every step, so that the world can be stopped between any two of them, in every way it may be found. */
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { type Disk, systemDisk } from '../../src/persistence/disk.js';

type Step =
  | { kind: 'open'; path: string; file: number; empty: boolean }
  | { kind: 'write'; file: number; bytes: Uint8Array }
  | { kind: 'truncate'; file: number; size: number }
  | { kind: 'sync'; file: number }
  | { kind: 'rename'; from: string; to: string }
  | { kind: 'remove' | 'makeFolder' | 'syncFolder'; path: string };

/** Does everything for real, and writes it down. */
export class RecordingDisk implements Disk {
  readonly steps: Step[] = [];
  readonly root: string;
  readonly #first: ReadonlyMap<string, Uint8Array>;
  /** Numbers that the system gives again are told apart. */
  readonly #files = new Map<number, number>();
  #count = 0;

  /** What lies in the folder `root` now is on the disk for good. */
  constructor(root: string) {
    this.root = root;
    const first = new Map<string, Uint8Array>();
    for (const name of readdirSync(root, { recursive: true }) as string[]) {
      const path = join(root, name);
      if (statSync(path).isFile()) first.set(path, readFileSync(path));
    }
    this.#first = first;
  }

  /** What may be found after the first `count` steps. */
  after(count: number): CrashedDisk {
    const found = new CrashedDisk(this.root, this.#first);
    for (const step of this.steps.slice(0, count)) found.apply(step);
    return found;
  }

  open(path: string, mode: 'w' | 'a'): number {
    const file = systemDisk.open(path, mode);
    this.#files.set(file, ++this.#count);
    this.steps.push({ kind: 'open', path, file: this.#count, empty: mode === 'w' });
    return file;
  }

  write(file: number, bytes: Uint8Array, at: number): number {
    const count = systemDisk.write(file, bytes, at);
    this.steps.push({
      kind: 'write',
      file: this.#files.get(file)!,
      bytes: Uint8Array.from(bytes.subarray(at, at + count)),
    });
    return count;
  }

  async writeSoon(file: number, bytes: Uint8Array, at: number): Promise<number> {
    return this.write(file, bytes, at);
  }

  truncate(file: number, size: number): void {
    systemDisk.truncate(file, size);
    this.steps.push({ kind: 'truncate', file: this.#files.get(file)!, size });
  }

  sync(file: number): void {
    this.steps.push({ kind: 'sync', file: this.#files.get(file)! });
  }

  /** Other work comes between the wish and the deed, as it does in life. */
  async syncSoon(file: number): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    this.sync(file);
  }

  close(file: number): void {
    systemDisk.close(file);
  }

  rename(from: string, to: string): void {
    systemDisk.rename(from, to);
    this.steps.push({ kind: 'rename', from, to });
  }

  remove(path: string): void {
    systemDisk.remove(path);
    this.steps.push({ kind: 'remove', path });
  }

  async removeSoon(path: string): Promise<void> {
    this.remove(path);
  }

  makeFolder(path: string): boolean {
    const made = systemDisk.makeFolder(path);
    if (made) this.steps.push({ kind: 'makeFolder', path });
    return made;
  }

  syncFolder(path: string): void {
    this.steps.push({ kind: 'syncFolder', path });
  }

  async syncFolderSoon(path: string): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    this.syncFolder(path);
  }
}

interface Inode {
  content: Uint8Array;
  /** What of it outlasts the machine. */
  synced: Uint8Array;
}

interface NameChange {
  readonly folders: readonly string[];
  apply(names: Map<string, Inode | 'folder'>): void;
}

/** How much of what was written but not synced is there. */
export type Unsynced = 'all' | 'half' | 'none';

/** Files and names as they were when everything stopped: what is certain, and what may or may not be there. */
class CrashedDisk {
  readonly #root: string;
  /** As every program saw it. */
  readonly #names = new Map<string, Inode | 'folder'>();
  /** As it is for certain. */
  readonly #certain = new Map<string, Inode | 'folder'>();
  /** Changes of names since, in their order: a journal keeps the first few of them. */
  #changes: NameChange[] = [];
  readonly #open = new Map<number, Inode>();

  constructor(root: string, first: ReadonlyMap<string, Uint8Array>) {
    this.#root = root;
    for (const [path, content] of first) this.#certain.set(path, { content, synced: content });
    for (const [path, node] of this.#certain) this.#names.set(path, node);
  }

  /** How many changes of names may be lost. */
  get uncertainNames(): number {
    return this.#changes.length;
  }

  /** Whether there is a file of which something was not synced. */
  get uncertainContent(): boolean {
    return [...this.#open.values()].some(({ content, synced }) => content !== synced);
  }

  apply(step: Step): void {
    switch (step.kind) {
      case 'open':
        this.#opened(step);
        break;
      case 'rename':
        this.#change([dirname(step.from), dirname(step.to)], (names) => {
          const node = names.get(step.from);
          if (node === undefined) return;
          names.delete(step.from);
          names.set(step.to, node);
        });
        break;
      case 'remove':
        this.#change([dirname(step.path)], (names) => void names.delete(step.path));
        break;
      case 'makeFolder':
        this.#change([dirname(step.path)], (names) => void names.set(step.path, 'folder'));
        break;
      case 'syncFolder':
        this.#syncNames(step.path);
        break;
      default:
        this.#changed(step);
    }
  }

  /** What happens to the content of an open file. */
  #changed(step: Step & { kind: 'write' | 'truncate' | 'sync' }): void {
    const node = this.#open.get(step.file)!;
    if (step.kind === 'write') node.content = Buffer.concat([node.content, step.bytes]);
    else if (step.kind === 'truncate') node.content = node.content.subarray(0, step.size);
    else node.synced = node.content;
  }

  #opened({ path, file, empty }: Step & { kind: 'open' }): void {
    const there = this.#names.get(path) as Inode | undefined;
    const node = there ?? { content: new Uint8Array(0), synced: new Uint8Array(0) };
    if (empty) node.content = new Uint8Array(0);
    this.#open.set(file, node);
    if (there === undefined) this.#change([dirname(path)], (names) => void names.set(path, node));
  }

  #change(folders: readonly string[], apply: (names: Map<string, Inode | 'folder'>) => void): void {
    apply(this.#names);
    this.#changes.push({ folders, apply });
  }

  #syncNames(folder: string): void {
    const left: NameChange[] = [];
    for (const change of this.#changes) {
      if (change.folders.includes(folder)) change.apply(this.#certain);
      else left.push(change);
    }
    this.#changes = left;
  }

  /** Puts what is found into a folder of its own: the first `names` changes of names were kept. */
  write(into: string, names: number, unsynced: Unsynced): void {
    const found = new Map(this.#certain);
    for (const change of this.#changes.slice(0, names)) change.apply(found);
    const place = (path: string): string => join(into, relative(this.#root, path));
    const isThere = (path: string): boolean =>
      path === this.#root || ((found.has(path) || this.#isOld(path)) && isThere(dirname(path)));
    for (const [path, node] of found) {
      if (!isThere(path)) continue;
      if (node === 'folder') mkdirSync(place(path), { recursive: true });
      else {
        mkdirSync(dirname(place(path)), { recursive: true });
        writeFileSync(place(path), contentOf(node, unsynced));
      }
    }
  }

  /** A folder that was there before the first step. */
  #isOld(path: string): boolean {
    return !this.#names.has(path) && statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
  }
}

function contentOf({ content, synced }: Inode, unsynced: Unsynced): Uint8Array {
  if (unsynced === 'all') return content;
  if (unsynced === 'none') return synced;
  // Grown or cut since: something between the two.
  const longer = content.length >= synced.length ? content : synced;
  return longer.subarray(0, Math.floor((content.length + synced.length) / 2));
}
