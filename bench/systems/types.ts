import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Dataset } from '../data.ts';
import { ANSWER_WITHIN_MS } from '../wait.ts';

export interface Running {
  readonly url: string;
  readonly pid: number;
  stop(): Promise<void>;
  /** Resolves when nothing that was sent waits to be moved to where it stays; systems that only do so hours later resolve at once. */
  settled(): Promise<void>;
}

/** One system under measurement; all are given the same scrape configuration and the same past. */
export interface System {
  readonly name: string;
  start(directory: string, scrapeConfigs: string): Promise<Running>;
  /** Loads the past, whose first sample is at `start` (ms), into a directory, before or through a running system. */
  load(directory: string, dataset: Dataset, start: number): Promise<void>;
  /** Bytes on disk of the loaded past after compaction. */
  compactedBytes(directory: string): Promise<number>;
  /** Query parameters that keep the system from answering out of a cache. */
  readonly uncached: Readonly<Record<string, string>>;
  /** Where it takes remote write; undefined while it has no such door. */
  readonly remoteWrite: string;
}

export async function bytesBelow(directory: string, skip: readonly string[] = []): Promise<number> {
  let sum = 0;
  for (const entry of await readdir(directory, { withFileTypes: true })) {
    const path = join(directory, entry.name);
    if (entry.isDirectory() && !skip.includes(entry.name)) sum += await bytesBelow(path, skip);
    else if (entry.isFile()) sum += (await stat(path)).size;
  }
  return sum;
}

/** Sends bodies one after another; fails with what the system answered. */
export async function sendAll(url: string, bodies: Iterable<string>): Promise<void> {
  for (const body of bodies) {
    const answer = await fetch(url, { method: 'POST', body, signal: AbortSignal.timeout(ANSWER_WITHIN_MS) });
    if (!answer.ok) throw new Error(`${url} answered ${answer.status}: ${await answer.text()}`);
    await answer.arrayBuffer();
  }
}
