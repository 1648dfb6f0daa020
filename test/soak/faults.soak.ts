import process from 'node:process';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { launchBrowser, PAGE_DEFAULTS } from '../support/browser.ts';
import { healthOf } from '../support/client.ts';
import { type RunningDemo, startDemo } from '../support/demo.ts';

/** Issue 5: from the fault to the page that names the service, with why, and back. */
const SHOWN_WITHIN_MS = 20_000;
/** A breaker stays open for a minute, errors go on for as long, and what flapped (faults follow each other here) is held for another. */
const WELL_WITHIN_MS = 240_000;
/** The past that "usual" is learned from. */
const WARM_UP_MS = 150_000;

interface Case {
  readonly kind: string;
  readonly service: string;
  /** What the page says is wrong with that service. */
  readonly reason: RegExp;
}

const CASES: readonly Case[] = [
  { kind: 'dead_service', service: 'user', reason: /does not answer|failed to answer/ },
  { kind: 'error_spike', service: 'order', reason: /of its requests .* failed/ },
  { kind: 'added_latency', service: 'catalog', reason: /take up to/ },
  { kind: 'timeouts', service: 'catalog', reason: /take up to|the caller gave up|refused with 499/ },
  { kind: 'slow_database', service: 'user', reason: /its database is slow|take up to/ },
  { kind: 'cpu_burn', service: 'catalog', reason: /of a processor core|event loop lags/ },
  { kind: 'memory_leak', service: 'order', reason: /MB of memory/ },
  { kind: 'auth_failure_storm', service: 'auth', reason: /refused with 401/ },
  { kind: 'bad_input', service: 'order', reason: /refused with 4/ },
  { kind: 'stock_exhaustion', service: 'catalog', reason: /refused with 409/ },
];

/** `SOAK_FAULTS=cpu_burn,timeouts` runs only these. */
const WANTED = process.env['SOAK_FAULTS']?.split(',');
const RUN = CASES.filter(({ kind }) => WANTED?.includes(kind) ?? true);

/** Each fault of the controller, as somebody with the overview open sees it. */
describe('faults of the shop on the overview', () => {
  let demo: RunningDemo;
  let browser: Browser;
  let page: Page;
  const figures: string[] = [];

  beforeAll(async () => {
    demo = await startDemo();
    browser = await launchBrowser();
    page = await browser.newPage({ ...PAGE_DEFAULTS, viewport: { width: 1440, height: 900 } });
    await page.goto(demo.url);
    const began = Date.now();
    await wellAgain(60_000);
    await vi.waitUntil(() => Date.now() - began > WARM_UP_MS, { timeout: WARM_UP_MS * 2, interval: 1000 });
  }, WARM_UP_MS * 3);
  afterAll(async () => {
    console.log(figures.join('\n'));
    await browser.close();
    await demo.stop();
  });

  /** The page and the API agree that nothing is wrong; else says what is. */
  async function wellAgain(timeout: number): Promise<void> {
    try {
      await page.getByRole('heading', { level: 1, name: 'All 5 services are healthy' }).waitFor({ timeout });
    } catch (error) {
      throw new Error(`not well again after ${timeout} ms:\n  ${(await said()).join('\n  ')}`, {
        cause: error,
      });
    }
  }
  async function controller(method: 'POST' | 'DELETE', body?: object): Promise<void> {
    const answer = await fetch(`${demo.url}/api/controller/faults`, {
      method,
      headers: { 'content-type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    expect(answer.ok, await answer.text()).toBe(true);
  }
  async function said(): Promise<string[]> {
    const { services } = await healthOf(demo.url);
    return services.flatMap((one) => {
      if (one.status === 'healthy') return [];
      const cause = one.caused_by.length > 0 ? ` because of ${one.caused_by.join()}` : '';
      return [`${one.name} ${one.status}${cause}: ${one.reasons.map((r) => r.message).join('; ')}`];
    });
  }

  it.each(RUN)('$kind in $service', { timeout: 600_000 }, async ({ kind, service, reason }) => {
    await wellAgain(WELL_WITHIN_MS);
    const began = Date.now();
    await controller('POST', { kind, service });
    try {
      const line = page
        .getByRole('listitem')
        .filter({ has: page.getByText(service, { exact: true }) })
        .filter({ hasText: reason });
      await line
        .first()
        .waitFor({ timeout: 90_000 })
        .catch(async (error: unknown) => {
          throw new Error(`${service} is not named:\n  ${(await said()).join('\n  ')}`, { cause: error });
        });
      const shown = Date.now() - began;
      const first = [await page.getByRole('heading', { level: 1 }).innerText(), ...(await said())];
      const named = (await healthOf(demo.url)).services.find(({ name }) => name === service);
      expect(named?.caused_by, `${service} is where the trouble is`).toEqual([]);
      await controller('DELETE');
      const ended = Date.now();
      await wellAgain(WELL_WITHIN_MS);
      figures.push(
        `${kind}: shown after ${shown} ms, well again after ${Date.now() - ended} ms\n  ${first.join('\n  ')}`,
      );
      expect(shown).toBeLessThan(SHOWN_WITHIN_MS);
    } finally {
      await controller('DELETE');
    }
  });
});
