import axe from 'axe-core';
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { afterEach, beforeAll } from 'vitest';
import { type MockServer, startMock } from '../../packages/dashboard/dev/mock/server.ts';
import type { Scenario } from '../../packages/dashboard/dev/mock/world.ts';
import { openContext, sharedBrowser } from './browser.ts';
import { ensureDashboardBuilt } from './dashboard.ts';

interface Opened {
  readonly page: Page;
  readonly context: BrowserContext;
  readonly server: MockServer;
  /** Console errors, uncaught exceptions and requests to other hosts: what no page may have. */
  readonly faults: string[];
}

type OpenPage = (
  scenario: Scenario,
  path?: string,
  options?: BrowserContextOptions & { base?: string },
) => Promise<Opened>;

/** A reader who saves data is not given the code of pages he may go to next: half of what a page costs that a test looks at for a second. */
const SAVING_DATA = `Object.defineProperty(Navigator.prototype, 'connection', { get: () => ({ saveData: true }), configurable: true });`;

function watch(page: Page, origin: string): string[] {
  const faults: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') faults.push(message.text());
  });
  page.on('pageerror', (error) => faults.push(error.message));
  page.on('request', (request) => {
    if (!request.url().startsWith(origin) && !request.url().startsWith('data:')) faults.push(request.url());
  });
  return faults;
}

/** Opens pages of the built dashboard over a made-up server, closed after each test. */
export function useMockedPages(): OpenPage {
  let browser: Browser | undefined;
  const cleanups: (() => Promise<void>)[] = [];
  beforeAll(async () => {
    await ensureDashboardBuilt();
    browser = await sharedBrowser();
  });
  afterEach(async () => {
    for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
  });
  return async (scenario, path = '', options = {}) => {
    if (browser === undefined) throw new Error('pages open inside tests only');
    const { base, ...contextOptions } = options;
    const server = await startMock({ scenario, ...(base === undefined ? {} : { base }) });
    const context = await openContext(browser, contextOptions);
    cleanups.push(
      () => server.close(),
      () => context.close(),
    );
    await context.addInitScript(SAVING_DATA);
    const page = await context.newPage();
    const faults = watch(page, new URL(server.url).origin);
    await page.goto(server.url + path);
    return { page, context, server, faults };
  };
}

export const heading = (page: Page, text: string | RegExp): Promise<void> =>
  page.getByRole('heading', { level: 1, name: text }).waitFor();

/** What was just changed has its colours with the next frame: a style that may change over time keeps the old one until then. */
const DRAWN = 'new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)))';

/** Findings of axe that block people: serious and critical. `only` names the rules to be asked, of all that there are. */
export async function seriousFindings(page: Page, only?: readonly string[]): Promise<string[]> {
  if (await page.evaluate('typeof axe === "undefined"')) await page.evaluate(axe.source);
  await page.evaluate(DRAWN);
  const options = { resultTypes: ['violations'], ...(only !== undefined && { runOnly: only }) };
  const found = await page.evaluate<{ id: string; impact: string; nodes: { html: string }[] }[]>(
    `axe.run(document, ${JSON.stringify(options)}).then((result) => result.violations)`,
  );
  return found
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html.slice(0, 160)).join(' | ')}`);
}

/** The same of a page whose findings were asked for before another theme was chosen: what a theme changes are its colours. */
export const findingsOfColours = (page: Page): Promise<string[]> =>
  seriousFindings(page, ['color-contrast', 'link-in-text-block']);
