import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { launchBrowser, openContext } from '../support/browser.ts';
import { ensureDashboardBuilt } from '../support/dashboard.ts';
import { findingsOfColours, heading, seriousFindings } from '../support/mocked-pages.ts';
import { type RunningPharos, removeData, startPharosProcess } from '../support/pharos.ts';

const SERIES = 10_000;

/** The dashboard pages over the built server, which scrapes itself and ten thousand series. */
describe('the dashboards', () => {
  let pharos: RunningPharos;
  let exporter: Server;
  let browser: Browser;

  beforeAll(async () => {
    await ensureDashboardBuilt();
    browser = await launchBrowser();
    exporter = createServer((_request, response) => {
      const lines = Array.from(
        { length: SERIES },
        (_, index) => `many{n="${index}",group="g${index % 7}"} ${index}`,
      );
      response.setHeader('content-type', 'text/plain; version=0.0.4').end(`${lines.join('\n')}\n`);
    });
    await new Promise<void>((resolve) => exporter.listen(0, '127.0.0.1', resolve));
    const { port } = exporter.address() as AddressInfo;
    pharos = await startPharosProcess({
      config: `global: {scrape_interval: 1s, scrape_timeout: 1s}\nscrape_configs: [{job_name: many, scrape_interval: 2s, scrape_timeout: 2s, static_configs: [{targets: ['127.0.0.1:${port}']}]}]\n`,
    });
    await vi.waitFor(
      async () => {
        const answer = await fetch(
          `${pharos.url}/api/v1/query?query=count(many)%20and%20on()%20count(pharos_scrape_targets)`,
        );
        if (!(await answer.text()).includes('10000')) throw new Error('not scraped yet');
      },
      { timeout: 30_000, interval: 300 },
    );
  });
  afterAll(async () => {
    await browser.close();
    exporter.close();
    await pharos.stop();
    await removeData(pharos);
  });

  async function open(path: string, width = 1440): Promise<{ page: Page; faults: string[] }> {
    const context = await openContext(browser, { viewport: { width, height: 900 } });
    const page = await context.newPage();
    const faults: string[] = [];
    page.on('console', (message) => message.type() === 'error' && faults.push(message.text()));
    page.on('pageerror', (error) => faults.push(error.message));
    await page.goto(`${pharos.url}/${path}`);
    return { page, faults };
  }

  it('are listed, found and opened; both are accessible in both themes', async () => {
    const { page, faults } = await open('dashboards');
    await heading(page, 'Dashboards');
    await page.getByRole('textbox', { name: 'Find a dashboard' }).fill('itself');
    await expect.poll(() => page.getByRole('link', { name: /Pharos itself/ }).count()).toBe(1);
    expect(await seriousFindings(page)).toEqual([]);
    await page.getByRole('link', { name: /Pharos itself/ }).click();
    await heading(page, 'Pharos itself');
    await page.getByRole('region', { name: 'Targets', exact: true }).waitFor();
    expect(await seriousFindings(page)).toEqual([]);
    await page.getByRole('button', { name: 'Switch between dark and light' }).click();
    expect(await findingsOfColours(page)).toEqual([]);
    expect(faults).toEqual([]);
  });

  it('fit a phone', async () => {
    const { page } = await open('dashboards/pharos-itself', 390);
    await heading(page, 'Pharos itself');
    await page.getByRole('region', { name: 'Samples', exact: true }).waitFor();
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(390);
  });

  it('are made, changed by keyboard, saved with a word and brought back', async () => {
    const { page, faults } = await open('dashboards');
    await page.getByRole('button', { name: 'New dashboard' }).click();
    await page.getByRole('textbox', { name: 'Title' }).fill('Mine');
    await page.keyboard.press('Enter');
    await heading(page, 'Mine');
    await page.getByRole('button', { name: 'Edit', exact: true }).click();
    await page.getByRole('button', { name: 'Add a panel' }).click();
    await page.getByRole('menuitem', { name: 'Time series' }).click();
    await page.getByRole('textbox', { name: 'Query A, PromQL' }).click();
    // At once: of a query that is written letter by letter, what stands there after a pause is asked.
    await page.keyboard.insertText('sum by (group) (many)');
    await page
      .getByRole('dialog')
      .getByRole('img', { name: /New panel, last values: \{group="g0"\}|New panel, last values: / })
      .waitFor();
    await page.getByRole('button', { name: 'Close the editor' }).click();
    const handle = page.getByRole('button', { name: /^Move New panel/ });
    await handle.focus();
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Shift+ArrowDown');
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByRole('textbox', { name: /What was changed/ }).fill('first panel');
    await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click();
    await page.getByRole('button', { name: 'Edit', exact: true }).waitFor();
    const uid = new URL(page.url()).pathname.split('/').at(-1) ?? '';
    const stored = (await (await fetch(`${pharos.url}/api/v1/dashboards/${uid}`)).json()) as {
      version: number;
      dashboard: { panels: { grid: object }[] };
    };
    expect([stored.version, stored.dashboard.panels[0]?.grid]).toEqual([2, { x: 1, y: 0, w: 12, h: 9 }]);
    await page.getByRole('button', { name: 'More about this dashboard' }).click();
    await page.getByRole('menuitem', { name: 'Version history' }).click();
    await page.getByRole('button', { name: /^Version 1/ }).click();
    await page.getByText(/added: panels/).waitFor();
    await page.getByRole('button', { name: 'Restore version 1' }).click();
    await page.getByRole('heading', { name: 'This dashboard has no panels yet' }).waitFor();
    expect(faults).toEqual([]);
  });

  it('draw a part of ten thousand series, say so, find others, and stay usable while the range moves', async () => {
    const panels = Array.from({ length: 4 }, (_, id) => ({
      id,
      type: id === 3 ? 'table' : 'timeseries',
      title: `Many ${id}`,
      grid: { x: (id % 2) * 12, y: Math.floor(id / 2) * 8, w: 12, h: 8 },
      queries: [{ ref: 'A', expr: 'many', legend: 'n{{n}}' }],
    }));
    await fetch(`${pharos.url}/api/v1/dashboards`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ dashboard: { uid: 'many', title: 'Many', time: { range: '5m' }, panels } }),
    });
    const { page, faults } = await open('dashboards/many');
    await page.getByText('top 60 of 10,000 by last value').first().waitFor();
    await page.getByText('top 1000 of 10,000 by last value').waitFor();
    await page.getByRole('textbox', { name: 'Find series in Many 0' }).fill('n4711');
    await page.getByText('1 match').waitFor();
    await page.evaluate(
      'window.slow=[]; new PerformanceObserver((l)=>l.getEntries().forEach((e)=>window.slow.push(e.duration))).observe({type:"longtask"})',
    );
    for (let turn = 0; turn < 6; turn++)
      await page.keyboard
        .press('Escape')
        .then(() => page.locator('h1').click())
        .then(() => page.keyboard.press('['));
    await expect.poll(() => page.url()).toContain('from=');
    await expect
      .poll(() => page.getByRole('button', { name: 'Refresh now' }).getAttribute('aria-busy'), {
        timeout: 30_000,
      })
      .toBe('false');
    console.log(
      `dashboards, 10,000 series: longest task while panning ${Math.max(0, ...(await page.evaluate<number[]>('window.slow'))).toFixed(0)} ms`,
    );
    expect(faults).toEqual([]);
  });
});
