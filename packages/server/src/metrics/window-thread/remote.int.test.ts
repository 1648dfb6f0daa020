import { fileURLToPath } from 'node:url';
import { runWindowJob, type WindowJob } from '@pharos/promql';
import { afterEach, expect, it } from 'vitest';
import { ManualClock } from '../../kernel/clock.ts';
import type { Thread } from '../../kernel/job-thread.ts';
import { silentLog } from '../../kernel/log.ts';
import { createTelemetry } from '../../kernel/telemetry.ts';
import { bundled } from '../../kernel/testing/bundled.ts';
import { RemoteWindows, startWindowThread } from './remote.ts';

const ENTRY = fileURLToPath(new URL('./worker.ts', import.meta.url));

const opened: RemoteWindows[] = [];
afterEach(() => Promise.all(opened.splice(0).map((one) => one.stop())));

function open(start: () => Thread) {
  const telemetry = createTelemetry();
  const windows = new RemoteWindows({ clock: new ManualClock(0), log: silentLog, telemetry, start });
  opened.push(windows);
  const counts = async (): Promise<Record<string, number>> =>
    Object.fromEntries(
      [
        ...(await telemetry.expose()).matchAll(/^pharos_metrics_window_jobs_total\{result="(.*)"\} (.*)$/gm),
      ].map(([, result = '', count]) => [result, Number(count)]),
    );
  return { windows, counts };
}

const job = (func: WindowJob['func'], samples = 5000): WindowJob => ({
  func,
  timestamps: Float64Array.from({ length: samples }, (_, i) => i * 1000),
  values: Float64Array.from({ length: samples }, (_, i) => Math.sin(i)),
  windows: { end: 60_000, step: 30_000, count: 100, range: 600_000 },
  grid: { start: 60_000, step: 30_000, count: 100 },
  scalars: [new Float64Array(100).fill(0.5)],
});

it('does jobs on a real thread as they are done here, and one it cannot do leaves the next ones alone', async () => {
  const { windows, counts } = open(() => startWindowThread(bundled(ENTRY)));
  const expected = runWindowJob(job('predict_linear'));
  expect(expected.present.every((here) => here === 1)).toBe(true);
  const [first, wrong, second] = await Promise.all([
    windows.run(job('predict_linear')),
    windows.run(job('abs')),
    windows.run(job('quantile_over_time')),
  ]);
  expect(first).toEqual(expected);
  expect(wrong).toBeNull();
  expect(second).toEqual(runWindowJob(job('quantile_over_time')));
  expect(await counts()).toEqual({ done: 2, failed: 1 });
});

/** Never answers. */
class DeafThread implements Thread {
  exit: () => void = () => {};

  postMessage(): void {}

  on(event: 'message' | 'error' | 'exit', listener: (value: never) => void): void {
    if (event === 'exit') this.exit = () => (listener as () => void)();
  }

  unref(): void {}

  terminate(): Promise<unknown> {
    return Promise.resolve();
  }
}

it('answers nothing where its thread ends, where too much waits, and once it is stopped', async () => {
  const threads: DeafThread[] = [];
  const { windows, counts } = open(() => {
    const thread = new DeafThread();
    threads.push(thread);
    return thread;
  });
  const lost = windows.run(job('deriv'));
  threads[0]?.exit();
  expect(await lost).toBeNull();
  const large = windows.run(job('deriv', 4_000_000));
  expect(await windows.run(job('deriv', 200_000))).toBeNull();
  expect(threads).toHaveLength(2);
  await windows.stop();
  expect(await large).toBeNull();
  expect(await windows.run(job('deriv'))).toBeNull();
  expect(threads).toHaveLength(2);
  expect(await counts()).toEqual({ failed: 2, busy: 2 });
});
