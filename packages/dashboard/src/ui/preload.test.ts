// @vitest-environment happy-dom
import { afterEach, expect, it, vi } from 'vitest';
import { loadWhenIdle } from './preload.ts';

afterEach(() => vi.unstubAllGlobals());

/** A browser that is idle only when it is told. */
function idleBrowser() {
  const waiting: (() => void)[] = [];
  vi.stubGlobal('requestIdleCallback', (run: () => void) => waiting.push(run));
  return {
    waiting,
    idle: async () => {
      waiting.shift()?.();
      await Promise.resolve();
      await Promise.resolve();
    },
  };
}

it('loads one part at a time, each when there is nothing else to do, and goes on after one that fails', async () => {
  const { waiting, idle } = idleBrowser();
  const loaded: string[] = [];
  loadWhenIdle(
    [
      async () => loaded.push('a'),
      () => Promise.reject(new Error('gone')),
      () => {
        loaded.push('c');
        return undefined;
      },
    ],
    () => false,
  );
  expect([loaded, waiting.length]).toEqual([[], 1]);
  await idle();
  expect([loaded, waiting.length]).toEqual([['a'], 1]);
  await idle();
  await idle();
  expect([loaded, waiting.length]).toEqual([['a', 'c'], 0]);
});

it('lets the answers come first that the page waits for', async () => {
  vi.useFakeTimers();
  const { waiting, idle } = idleBrowser();
  const load = vi.fn();
  let busy = true;
  loadWhenIdle([load], () => busy);
  await idle();
  expect([load.mock.calls.length, waiting.length]).toEqual([0, 0]);
  busy = false;
  vi.runAllTimers();
  await idle();
  expect(load).toHaveBeenCalledOnce();
  vi.useRealTimers();
});

it('loads nothing ahead for those who save data', () => {
  const { waiting } = idleBrowser();
  vi.stubGlobal('navigator', { connection: { saveData: true } });
  loadWhenIdle([() => Promise.reject(new Error('not asked for'))], () => false);
  expect(waiting).toEqual([]);
});
