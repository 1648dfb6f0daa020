import type { Random } from '../../kernel/random.ts';
import type { FileSystem, OpenFile } from '../fs.ts';

interface Inode {
  content: Buffer;
  durable: Buffer;
  /** After a failed fsync the kernel takes the lost pages for clean: later fsyncs do not bring them back. */
  lost: boolean;
}

export interface MemoryFileSystem extends FileSystem {
  /** What a new process sees after a SIGKILL: everything written, synced or not. */
  killProcess(): MemoryFileSystem;
  /**
   * What a new process sees after a power cut: what was synced, and of the rest (content and names) as much as chance
   * decides, torn anywhere.
   */
  cutPower(random: Random): MemoryFileSystem;
  /** For damaging files in tests. */
  readonly files: Map<string, { content: Buffer }>;
  /** Bytes that all files together may take; writes beyond fail with ENOSPC. */
  capacity: number;
  /** Marks what is not durable in the file as lost for good. */
  loseUnsynced(path: string): void;
}

const EMPTY = Buffer.alloc(0);

/** A file system in memory that tells written from durable, as a disk does. */
export function createMemoryFileSystem(
  names = new Map<string, Inode>(),
  durableNames = new Map<string, Inode>(),
): MemoryFileSystem {
  const used = () => [...names.values()].reduce((sum, inode) => sum + inode.content.length, 0);
  const need = (path: string): Inode => names.get(path) ?? fail('ENOENT', path);
  const self: MemoryFileSystem = {
    files: names,
    capacity: Number.MAX_SAFE_INTEGER,
    async open(path, mode) {
      if (mode === 'create') {
        if (names.has(path)) fail('EEXIST', path);
        names.set(path, { content: copyOf(EMPTY), durable: copyOf(EMPTY), lost: false });
      }
      return memoryFile(need(path), () => self.capacity - used());
    },
    async rename(from, to) {
      names.set(to, need(from));
      names.delete(from);
    },
    async link(existing, path) {
      if (names.has(path)) fail('EEXIST', path);
      names.set(path, need(existing));
    },
    async unlink(path) {
      need(path);
      names.delete(path);
    },
    async makeDirectory() {},
    async list(path) {
      return inside(names, path)
        .map((name) => name.slice(path.length + 1))
        .sort();
    },
    async syncDirectory(path) {
      for (const name of inside(durableNames, path)) if (!names.has(name)) durableNames.delete(name);
      for (const name of inside(names, path)) durableNames.set(name, need(name));
    },
    freeBytes: async () => self.capacity - used(),
    killProcess: () => createMemoryFileSystem(names, durableNames),
    cutPower(random) {
      const kept = new Map<string, Inode>();
      for (const name of new Set([...names.keys(), ...durableNames.keys()])) {
        const now = names.get(name);
        const durable = durableNames.get(name);
        const inode = now === durable || random() < 0.5 ? now : durable;
        if (inode !== undefined) kept.set(name, settle(inode, random));
      }
      return createMemoryFileSystem(kept, new Map(kept));
    },
    loseUnsynced(path) {
      const inode = names.get(path);
      if (inode !== undefined) inode.lost = true;
    },
  };
  return self;
}

function inside(names: ReadonlyMap<string, unknown>, directory: string): string[] {
  return [...names.keys()].filter(
    (name) => name.startsWith(`${directory}/`) && !name.includes('/', directory.length + 1),
  );
}

/** The content after a power cut: the durable part, then some of the rest, of which a page may be zeros. */
function settle(inode: Inode, random: Random): Inode {
  const written = inode.lost ? inode.durable : inode.content;
  const least = Math.min(inode.durable.length, written.length);
  const length = random() < 0.3 ? least : least + Math.floor(random() * (written.length - least + 1));
  const content = copyOf(written.subarray(0, length));
  if (random() < 0.3 && length > least) content.fill(0, least + Math.floor(random() * (length - least)));
  return { content, durable: content, lost: false };
}

function memoryFile(inode: Inode, room: () => number): OpenFile {
  const file: OpenFile = {
    async write(bytes, offset) {
      const end = offset + bytes.length;
      if (end - inode.content.length > room()) fail('ENOSPC', 'write');
      // What is synced may share its memory with the content as long as writes only add to it.
      inode.content = grown(inode.content, end, offset < inode.durable.length);
      inode.content.set(bytes, offset);
    },
    read: async (offset, length) => Buffer.from(inode.content.subarray(offset, offset + length)),
    async sync() {
      if (!inode.lost) inode.durable = inode.content;
    },
    async truncate(length) {
      inode.content = copyOf(inode.content.subarray(0, length));
    },
    size: async () => inode.content.length,
    async close() {},
    async writeSynced(bytes, offset) {
      await file.write(bytes, offset);
      await file.sync();
    },
  };
  return file;
}

/** The content with room for `end` bytes, in the same memory where that has any left and needs not be kept. */
function grown(content: Buffer, end: number, keep: boolean): Buffer {
  const length = Math.max(end, content.length);
  const shared = content.byteOffset === 0 && length <= content.buffer.byteLength;
  if (!keep && shared) return Buffer.from(content.buffer, 0, length);
  return copyOf(content, length, Math.max(length * 2, 1024));
}

/** In memory of its own, never in that which small buffers share. */
function copyOf(bytes: Buffer, length = bytes.length, capacity = length): Buffer {
  const copy = Buffer.from(new ArrayBuffer(capacity), 0, length);
  bytes.copy(copy);
  return copy;
}

export function fail(code: string, what: string): never {
  throw Object.assign(new Error(`${code}: ${what}`), { code });
}
