import { constants, write as writeSome } from 'node:fs';
import * as fsp from 'node:fs/promises';
import { dirname } from 'node:path';

/** An open file. Offsets are explicit: there is no hidden file position. */
export interface OpenFile {
  /** Writes all bytes at the offset, or rejects; after a rejection the content from there on is unknown. */
  write(bytes: Uint8Array, offset: number): Promise<void>;
  /** `write` and `sync` in one; after a rejection both of their warnings hold. Only for files that were created with `create`. */
  writeSynced(bytes: Uint8Array, offset: number): Promise<void>;
  /**
   * Up to `length` bytes from the offset; fewer only at the end of the file. They may be put into the memory given, which has room
   * for them.
   */
  read(offset: number, length: number, memory?: Uint8Array): Promise<Uint8Array>;
  /** Makes the content durable (fdatasync). After a rejection the file must not be trusted again. */
  sync(): Promise<void>;
  truncate(length: number): Promise<void>;
  size(): Promise<number>;
  close(): Promise<void>;
}

/**
 * The few file operations that durable state is built on, injected so that tests can fail or kill each one. Errors
 * are Node's own, with `code` (ENOSPC, EIO, EACCES ...).
 */
export interface FileSystem {
  /** `create` fails with EEXIST when the file exists; `read` and `update` fail with ENOENT when it does not. */
  open(path: string, mode: 'create' | 'read' | 'update'): Promise<OpenFile>;
  /** Atomic replacement; durable after `syncDirectory`. */
  rename(from: string, to: string): Promise<void>;
  /** A second name for a file; fails with EEXIST when taken, so that exactly one of many callers wins. */
  link(existing: string, path: string): Promise<void>;
  unlink(path: string): Promise<void>;
  /** With its parents, durably; no error when it is there. */
  makeDirectory(path: string): Promise<void>;
  /** Names of the entries, sorted. */
  list(path: string): Promise<readonly string[]>;
  /** Makes creations, renames and removals in the directory durable. */
  syncDirectory(path: string): Promise<void>;
  /** Bytes that this process may still write on the disk of that path. */
  freeBytes(path: string): Promise<number>;
}

/** Linux waits in the write itself: one trip to another thread instead of two. Elsewhere a sync does more than O_DSYNC. */
const SYNCED_WRITES = process.platform === 'linux';

const FLAGS = {
  create: constants.O_RDWR | constants.O_CREAT | constants.O_EXCL | (SYNCED_WRITES ? constants.O_DSYNC : 0),
  read: constants.O_RDONLY,
  update: constants.O_RDWR,
} as const;

export const nodeFileSystem: FileSystem = {
  async open(path, mode) {
    return nodeFile(await fsp.open(path, FLAGS[mode], 0o640));
  },
  rename: (from, to) => fsp.rename(from, to),
  link: (existing, path) => fsp.link(existing, path),
  unlink: (path) => fsp.unlink(path),
  async makeDirectory(path) {
    const first = await fsp.mkdir(path, { recursive: true, mode: 0o750 });
    if (first === undefined) return;
    for (let made = path; made.length >= first.length; made = dirname(made))
      await syncDirectory(dirname(made));
  },
  list: async (path) => (await fsp.readdir(path)).sort(),
  syncDirectory,
  async freeBytes(path) {
    const stats = await fsp.statfs(path);
    return stats.bavail * stats.bsize;
  },
};

async function syncDirectory(path: string): Promise<void> {
  const handle = await fsp.open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function nodeFile(handle: fsp.FileHandle): OpenFile {
  const write = async (bytes: Uint8Array, offset: number): Promise<void> => {
    for (let done = 0; done < bytes.length; ) {
      const written = await writePart(handle.fd, bytes, done, offset);
      if (written === 0) throw new Error(`the disk took none of ${bytes.length - done} bytes`);
      done += written;
    }
  };
  return {
    write,
    async writeSynced(bytes, offset) {
      await write(bytes, offset);
      if (!SYNCED_WRITES) await handle.datasync();
    },
    async read(offset, length, memory) {
      const target = memory ?? Buffer.allocUnsafeSlow(length);
      let done = 0;
      while (done < length) {
        const { bytesRead } = await handle.read(target, done, length - done, offset + done);
        if (bytesRead === 0) break;
        done += bytesRead;
      }
      return target.subarray(0, done);
    },
    sync: () => handle.datasync(),
    truncate: (length) => handle.truncate(length),
    size: async () => (await handle.stat()).size,
    close: () => handle.close(),
  };
}

/** By callback: the handle's own promise costs more than the write of a small commit. */
function writePart(fd: number, bytes: Uint8Array, from: number, offset: number): Promise<number> {
  return new Promise((resolve, reject) => {
    writeSome(fd, bytes, from, bytes.length - from, offset + from, (error, written) => {
      if (error === null) resolve(written);
      else reject(error);
    });
  });
}

/** The whole content of a file of at most `limit` bytes (more is cut off). */
export async function readWhole(fs: FileSystem, path: string, limit = 64 * 1024 * 1024): Promise<Uint8Array> {
  const file = await fs.open(path, 'read');
  try {
    return await file.read(0, Math.min(await file.size(), limit));
  } finally {
    await file.close();
  }
}

/** Creates a file with this content, durable including its name. On failure nothing is left under the name. */
export async function writeDurably(fs: FileSystem, path: string, bytes: Uint8Array): Promise<void> {
  const file = await fs.open(path, 'create');
  try {
    await file.write(bytes, 0);
    await file.sync();
  } catch (error) {
    await quietly(file.close());
    await quietly(fs.unlink(path));
    throw error;
  }
  await file.close();
  await fs.syncDirectory(dirname(path));
}

/** Replaces a file's content atomically and durably: at each moment it holds the old or the new content. */
export async function replaceDurably(fs: FileSystem, path: string, bytes: Uint8Array): Promise<void> {
  const temporary = `${path}.tmp`;
  await removeIfThere(fs, temporary);
  await writeDurably(fs, temporary, bytes);
  await fs.rename(temporary, path);
  await fs.syncDirectory(dirname(path));
}

export async function removeIfThere(fs: FileSystem, path: string): Promise<void> {
  try {
    await fs.unlink(path);
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error;
  }
}

/** Awaits a clean-up whose failure changes nothing. */
export async function quietly(work: Promise<unknown>): Promise<void> {
  try {
    await work;
  } catch {
    // The caller is already on a failure path and reports that.
  }
}

/** Node's error code, or undefined for anything else. */
export function errorCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

/** Whether the disk (or the quota) is full. */
export function isDiskFull(error: unknown): boolean {
  const code = errorCode(error);
  return code === 'ENOSPC' || code === 'EDQUOT';
}
