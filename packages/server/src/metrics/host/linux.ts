import { readFile, statfs } from 'node:fs/promises';
import { hostname, machine, release, type, version } from 'node:os';
import type { Clock } from '../../kernel/clock.ts';
import type { HostReader } from './collect.ts';
import type { FilesystemSize } from './filesystems.ts';

/** A dead network mount answers statfs never; the call holds one of libuv's threads for as long. */
const SIZE_TIMEOUT_MS = 3_000;

/** Reads the Linux host this process runs on. */
export function createLinuxReader(clock: Clock): HostReader {
  /** Mount points whose statfs is still out: not asked again until it answers. */
  const pending = new Set<string>();
  return {
    read: async (path) => {
      try {
        return await readFile(path, 'utf8');
      } catch {
        return null;
      }
    },
    size: async (mountpoint) => {
      if (pending.has(mountpoint)) return null;
      pending.add(mountpoint);
      return await new Promise<FilesystemSize | null>((resolve) => {
        const timer = clock.after(SIZE_TIMEOUT_MS, () => resolve(null));
        void sizeOf(mountpoint).then((size) => {
          timer.cancel();
          pending.delete(mountpoint);
          resolve(size);
        });
      });
    },
    uname: () => ({
      sysname: type(),
      release: release(),
      version: version(),
      machine: machine(),
      nodename: hostname(),
    }),
    now: () => clock.now(),
  };
}

async function sizeOf(mountpoint: string): Promise<FilesystemSize | null> {
  try {
    return await statfs(mountpoint);
  } catch {
    return null;
  }
}
