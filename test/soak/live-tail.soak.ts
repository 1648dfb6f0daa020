import { readFile } from 'node:fs/promises';
import process from 'node:process';
import type { Browser, CDPSession, Page } from 'playwright-core';
import { afterAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../packages/server/src/kernel/clock.ts';
import { launchBrowser, PAGE_DEFAULTS } from '../support/browser.ts';
import { ownMetric } from '../support/client.ts';
import { ensureDashboardBuilt } from '../support/dashboard.ts';
import { type RunningPharos, removeData, startPharosProcess } from '../support/pharos.ts';

const SECONDS = Number(process.env['SOAK_SECONDS'] ?? 240);
const LINES_PER_SECOND = 5000;
const PUSHES_PER_SECOND = 10;
const SERVICES = ['auth', 'order', 'catalog', 'user', 'gateway'];
/** A frame that takes so long is one that a reader sees. */
const LONGEST_FRAME_MS = 1000;

/** Watches the time between frames, the longest of each call to `take`. */
const WATCH = `
  window.longest = 0; window.over100 = 0; window.frames = 0;
  let before = performance.now();
  const frame = (now) => {
    const gap = now - before;
    before = now;
    window.frames++;
    if (gap > window.longest) window.longest = gap;
    if (gap > 100) window.over100++;
    requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
`;

interface Sample {
  readonly second: number;
  readonly heapMB: number;
  readonly serverMB: number;
  readonly longestMs: number;
  readonly over100: number;
  readonly frames: number;
  readonly words: string;
}

/** What five services write, realistic in length, with ids that no two lines share. */
function pushBody(number: number, lines: number): string {
  const streams = SERVICES.map((service, place) => {
    const values = Array.from({ length: lines / SERVICES.length }, (_, index) => {
      const id = (number * lines + index * SERVICES.length + place).toString(16).padStart(16, '0');
      const time = `${BigInt(Date.now()) * 1_000_000n + BigInt(index)}`;
      const line = `{"level":"${index % 50 === 0 ? 'error' : 'info'}","msg":"GET /api/v1/products/${index} 200 in ${index % 97} ms","user":"u-${index % 1000}","id":"${id}"}`;
      return [time, line, { trace_id: `${id}${id}`, request_id: `r-${id}` }];
    });
    return { stream: { service_name: service, env: 'soak' }, values };
  });
  return JSON.stringify({ streams });
}

/** Pushes that may be on their way at once. */
const MOST_PUSHING = 4;

/** Pushes until it is told to stop, at a rate that does not wait for answers. Resolves with what was taken. */
async function pushLines(url: string, running: () => boolean): Promise<{ lines: number; slowestMs: number }> {
  const lines = LINES_PER_SECOND / PUSHES_PER_SECOND;
  const began = performance.now();
  let slowestMs = 0;
  let number = 0;
  const one = async (): Promise<void> => {
    while (running()) {
      const own = number++;
      await systemClock.sleep(Math.max(0, began + (own * 1000) / PUSHES_PER_SECOND - performance.now()));
      const asked = performance.now();
      const response = await fetch(`${url}/loki/api/v1/push`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: pushBody(own, lines),
      });
      if (response.status !== 204) throw new Error(`push ${response.status}: ${await response.text()}`);
      slowestMs = Math.max(slowestMs, performance.now() - asked);
    }
  };
  await Promise.all(Array.from({ length: MOST_PUSHING }, one));
  return { lines: number * lines, slowestMs };
}

async function heapMB(session: CDPSession): Promise<number> {
  await session.send('HeapProfiler.collectGarbage');
  const { usedSize } = await session.send('Runtime.getHeapUsage');
  return usedSize / 2 ** 20;
}

async function residentMB(pid: number | undefined): Promise<number> {
  const text = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+)/.exec(text)?.[1] ?? 0) / 1024;
}

async function watched(page: Page): Promise<{ longest: number; over100: number; frames: number }> {
  return page.evaluate(
    '(() => { const seen = { longest: window.longest, over100: window.over100, frames: window.frames }; window.longest = 0; return seen; })()',
  );
}

/** A real browser follows 5,000 lines a second for minutes (issue 4, done when 6). */
describe('live tail in a browser', () => {
  const cleanup: (() => Promise<unknown>)[] = [];
  afterAll(async () => {
    for (const step of cleanup.toReversed()) await step();
  });

  it(`keeps its frames and its memory at ${LINES_PER_SECOND} lines a second for ${SECONDS} s`, async () => {
    await ensureDashboardBuilt();
    const pharos: RunningPharos = await startPharosProcess({
      config: 'self_metrics: {enabled: false}\nhost_metrics: {enabled: false}\nlog: {level: warn}\n',
    });
    cleanup.push(async () => {
      await pharos.stop();
      await removeData(pharos);
    });
    const browser: Browser = await launchBrowser();
    cleanup.push(() => browser.close());
    const page = await browser.newPage({ ...PAGE_DEFAULTS, viewport: { width: 1440, height: 900 } });
    await page.goto(`${pharos.url}/logs?logs=live`);
    const state = page
      .getByRole('region', { name: 'Live tail' })
      .getByText(/^(Live,|Held;|Connecting|The conn)/);
    await expect.poll(() => state.innerText()).toMatch(/^Live,/);
    const session = await page.context().newCDPSession(page);
    let running = true;
    const pushed = pushLines(pharos.url, () => running);
    await expect
      .poll(() => state.innerText(), { timeout: 30_000 })
      .toMatch(/^Live, [\d,]{5,} lines a second/);
    // The view is full from here on.
    await systemClock.sleep(5000);
    await page.evaluate(WATCH);
    const samples: Sample[] = [];
    const began = performance.now();
    while (performance.now() - began < SECONDS * 1000) {
      await systemClock.sleep(10_000);
      const { longest, over100, frames } = await watched(page);
      samples.push({
        second: Math.round((performance.now() - began) / 1000),
        heapMB: Math.round(await heapMB(session)),
        serverMB: Math.round(await residentMB(pharos.child.pid)),
        longestMs: Math.round(longest),
        over100,
        frames,
        words: await state.innerText(),
      });
      // The collection of garbage above is not the page's own frame.
      await watched(page);
    }
    running = false;
    const { lines, slowestMs } = await pushed;
    const dropped = await ownMetric(pharos.url, 'pharos_logs_tail_dropped_total');
    console.table(samples);
    console.log(
      `${lines} lines pushed, slowest push ${Math.round(slowestMs)} ms, ${dropped} lines dropped for the tail`,
    );
    expect(Math.max(...samples.map(({ longestMs }) => longestMs))).toBeLessThan(LONGEST_FRAME_MS);
    const heaps = samples.map(({ heapMB: heap }) => heap);
    const half = Math.ceil(heaps.length / 2);
    const average = (values: readonly number[]): number =>
      values.reduce((sum, value) => sum + value, 0) / values.length;
    // The second half of the run has no more than the first, but for noise.
    expect(average(heaps.slice(half))).toBeLessThan(average(heaps.slice(0, half)) * 1.2 + 5);
  });
});
