import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { systemClock } from '../packages/server/src/kernel/clock.ts';

/** An answer that takes longer never comes: the server is gone, or the machine was asleep. */
export const ANSWER_WITHIN_MS = 300_000;
/** What a system does after a load, such as merging, is over by then. */
const SETTLED_WITHIN_MS = 1_800_000;

/** Asks again and again until it is so; rejects when it takes too long. */
export async function until(what: string, everyMs: number, isSo: () => Promise<boolean>): Promise<void> {
  const began = performance.now();
  while (!(await isSo())) {
    if (performance.now() - began > SETTLED_WITHIN_MS)
      throw new Error(`${what}: not after ${SETTLED_WITHIN_MS / 60_000} minutes`);
    await systemClock.sleep(everyMs);
  }
}

/** A page of a system, such as its metrics. */
export async function pageOf(url: string): Promise<string> {
  return await (await fetch(url, { signal: AbortSignal.timeout(ANSWER_WITHIN_MS) })).text();
}

/** What an earlier part wrote is on the disk: else the next one's fsyncs wait for it. */
export async function diskAtRest(): Promise<void> {
  await promisify(execFile)('sync');
}
