import type { FileSystem, OpenFile } from '../fs.ts';
import { fail, type MemoryFileSystem } from './memory-fs.ts';

/**
 * What happens at the chosen operation. `error` refuses it; `short` writes half, then refuses (other operations: refuses
 * after taking effect); `stuck` does that and refuses every later change of that file too; the kills freeze the process before or after it, or in the middle of a write.
 */
export type Fault = 'error' | 'short' | 'stuck' | 'killBefore' | 'killAfter' | 'killTorn';

export const FAULTS: readonly Fault[] = ['error', 'short', 'stuck', 'killBefore', 'killAfter', 'killTorn'];

/** Counts operations that change something, and strikes at the n-th (from 1). */
export class FaultPlan {
  readonly #at: number;
  readonly #fault: Fault;
  readonly #code: string;
  readonly #onKill: () => void;
  readonly killed: Promise<void>;
  count = 0;
  frozen = false;
  struck: string | null = null;
  #stuck: string | null = null;

  constructor(at = Number.POSITIVE_INFINITY, fault: Fault = 'error', code = 'EIO') {
    this.#at = at;
    this.#fault = fault;
    this.#code = code;
    let onKill = (): void => {};
    this.killed = new Promise((resolve) => {
      onKill = resolve;
    });
    this.#onKill = onKill;
  }

  /** Runs one operation, named `what path`, under the plan. `half` does half of it, for writes. */
  async step<T>(name: string, whole: () => Promise<T>, half?: () => Promise<unknown>): Promise<T> {
    if (this.frozen) return await this.#never();
    this.count++;
    const path = name.split(' ')[1] ?? name;
    if (this.#stuck === path) return fail(this.#code, name);
    if (this.count !== this.#at) return await whole();
    this.struck = name;
    switch (this.#fault) {
      case 'error':
        return fail(this.#code, name);
      case 'short':
      case 'stuck':
        if (this.#fault === 'stuck' && path.endsWith('.seg')) this.#stuck = path;
        await (half ?? whole)();
        return fail(this.#code, name);
      case 'killBefore':
        return await this.#freeze();
      case 'killAfter':
        await whole();
        return await this.#freeze();
      case 'killTorn':
        await (half ?? whole)();
        return await this.#freeze();
    }
  }

  /** Operations that change nothing still stand still after the kill. */
  async look<T>(run: () => Promise<T>): Promise<T> {
    return this.frozen ? await this.#never() : await run();
  }

  #freeze<T>(): Promise<T> {
    this.frozen = true;
    this.#onKill();
    return this.#never();
  }

  #never<T>(): Promise<T> {
    return new Promise<T>(() => {});
  }
}

/** A memory file system under a fault plan: every write, fsync, rename, link, truncate, unlink and creation counts. */
export function withFaults(inner: MemoryFileSystem, plan: FaultPlan): FileSystem {
  return {
    open: async (path, mode) =>
      mode === 'create'
        ? faultyFile(await plan.step(`create ${path}`, () => inner.open(path, mode)), { path, inner, plan })
        : faultyFile(await plan.look(() => inner.open(path, mode)), { path, inner, plan }),
    rename: (from, to) => plan.step(`rename ${to}`, () => inner.rename(from, to)),
    link: (existing, path) => plan.step(`link ${path}`, () => inner.link(existing, path)),
    unlink: (path) => plan.step(`unlink ${path}`, () => inner.unlink(path)),
    makeDirectory: (path) => plan.look(() => inner.makeDirectory(path)),
    list: (path) => plan.look(() => inner.list(path)),
    syncDirectory: (path) => plan.step(`syncDirectory ${path}`, () => inner.syncDirectory(path)),
    freeBytes: (path) => plan.look(() => inner.freeBytes(path)),
  };
}

interface Where {
  readonly path: string;
  readonly inner: MemoryFileSystem;
  readonly plan: FaultPlan;
}

function faultyFile(file: OpenFile, { path, inner, plan }: Where): OpenFile {
  const faulty: OpenFile = {
    write: (bytes, offset) =>
      plan.step(
        `write ${path}`,
        () => file.write(bytes, offset),
        () => file.write(bytes.subarray(0, bytes.length >> 1), offset),
      ),
    async sync() {
      try {
        await plan.step(`sync ${path}`, () => file.sync());
      } catch (error) {
        inner.loseUnsynced(path);
        throw error;
      }
    },
    truncate: (length) => plan.step(`truncate ${path}`, () => file.truncate(length)),
    read: (offset, length, memory) => plan.look(() => file.read(offset, length, memory)),
    size: () => plan.look(() => file.size()),
    close: () => plan.look(() => file.close()),
    // Two points to strike at: the disk may fail between the write and its sync.
    async writeSynced(bytes, offset) {
      await faulty.write(bytes, offset);
      await faulty.sync();
    },
  };
  return faulty;
}
