import { describe, expect, it } from 'vitest';
import { ManualClock } from './clock.ts';
import { JobThread, type Thread } from './job-thread.ts';

/** A thread whose answers and end come on command. */
class FakeThread implements Thread {
  readonly sent: { readonly id: number; readonly job: string }[] = [];
  readonly #listeners = new Map<string, (value: unknown) => void>();
  isEnded = false;

  postMessage(message: unknown): void {
    this.sent.push(message as { id: number; job: string });
  }

  on(event: string, listener: (value: never) => void): void {
    this.#listeners.set(event, listener as (value: unknown) => void);
  }

  unref(): void {
    // Nothing waits for it.
  }

  terminate(): Promise<void> {
    this.isEnded = true;
    return Promise.resolve();
  }

  emit(event: string, value?: unknown): void {
    this.#listeners.get(event)?.(value);
  }
}

function setup() {
  const threads: FakeThread[] = [];
  const clock = new ManualClock(0);
  const jobs = new JobThread<string, string>({
    start: () => {
      const thread = new FakeThread();
      threads.push(thread);
      return thread;
    },
    clock,
    idleMs: 1000,
    resultOf: String,
    problemOf: (problem) => new Error(`refused: ${String(problem)}`),
    ended: (cause) => new Error(`ended: ${cause?.message ?? 'no reason'}`),
  });
  return { threads, clock, jobs };
}

describe('a thread for jobs', () => {
  it('is started by the first job, answers each, and ends when there are none for a while', async () => {
    const { threads, clock, jobs } = setup();
    expect(threads).toHaveLength(0);
    const [first, second] = [jobs.run('a', 10, []), jobs.run('b', 5, [])];
    expect([threads.length, jobs.bytes]).toEqual([1, 15]);
    const [one, two] = threads[0]?.sent ?? [];
    threads[0]?.emit('message', { id: two?.id, problem: 'no' });
    threads[0]?.emit('message', { id: one?.id, result: 'A' });
    threads[0]?.emit('message', { id: 99, result: 'nobody asked' });
    threads[0]?.emit('message', 'nonsense');
    expect(await first).toBe('A');
    await expect(second).rejects.toThrow('refused: no');
    expect([jobs.bytes, jobs.isRunning]).toEqual([0, true]);
    await clock.advance(999);
    const third = jobs.run('c', 1, []);
    await clock.advance(5000);
    expect(jobs.isRunning).toBe(true);
    threads[0]?.emit('message', { id: threads[0]?.sent[2]?.id, result: 'C' });
    expect(await third).toBe('C');
    await clock.advance(1000);
    expect([jobs.isRunning, threads[0]?.isEnded]).toEqual([false, true]);
  });

  it('is replaced when it dies: what it had is rejected, what comes later is not', async () => {
    const { threads, jobs } = setup();
    const lost = jobs.run('a', 10, []);
    threads[0]?.emit('error', new Error('out of memory'));
    threads[0]?.emit('exit');
    await expect(lost).rejects.toThrow('ended: out of memory');
    expect([jobs.bytes, jobs.isRunning]).toEqual([0, false]);
    const next = jobs.run('b', 1, []);
    threads[0]?.emit('exit');
    threads[1]?.emit('message', { id: threads[1]?.sent[0]?.id, result: 'B' });
    expect([await next, threads.length]).toEqual(['B', 2]);
  });

  it('stops with what is under way rejected', async () => {
    const { threads, jobs } = setup();
    const lost = jobs.run('a', 10, []);
    const outcome = expect(lost).rejects.toThrow('ended: no reason');
    await jobs.stop();
    await outcome;
    expect(threads[0]?.isEnded).toBe(true);
  });
});
