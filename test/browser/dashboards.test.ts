import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { openContext, sharedBrowser } from '../support/browser.ts';
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
    browser = await sharedBrowser();
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
    exporter.close();
    await pharos.stop();
    await removeData(pharos);
  });

  // A page that is left open goes on drawing what comes.
  afterEach(async () => {
    for (const context of browser.contexts()) await context.close();
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
    await page.getByRole('region', { name: 'Samples a second, by outcome', exact: true }).waitFor();
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

  it('draw every kind of panel, for what is chosen, with what happened, and give it away as CSV and PNG', async () => {
    const of = (expr: string, more: object = {}) => ({
      queries: [{ ref: 'A', expr, legend: '{{group}}', ...more }],
    });
    const chosen = 'sum by (group) (many{group=~"$group"})';
    const kinds = [
      { type: 'timeseries', ...of(chosen) },
      { type: 'stat', ...of(chosen) },
      { type: 'gauge', ...of(chosen) },
      { type: 'bar', ...of(chosen) },
      { type: 'table', ...of(chosen, { instant: true }) },
      { type: 'heatmap', ...of('many{n=~"1."}'), options: { from: 'series' } },
      { type: 'statetimeline', ...of('up{job="many"}') },
      { type: 'text', options: { content: '**Group** $group' } },
    ];
    const dashboard = {
      uid: 'kinds',
      title: 'Kinds',
      time: { range: '5m' },
      variables: [
        { type: 'query', name: 'group', query: 'label_values(many, group)', sort: 'alpha', current: ['g1'] },
      ],
      annotations: [{ name: 'Events', kind: 'events' }],
      panels: kinds.map((panel, id) => ({
        id,
        title: `A ${panel.type}`,
        grid: { x: (id % 4) * 6, y: Math.floor(id / 4) * 8, w: 6, h: 8 },
        ...panel,
      })),
    };
    const post = async (path: string, body: object) => {
      const answer = await fetch(`${pharos.url}/api/v1/${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
      expect([answer.status, answer.ok ? '' : await answer.text()]).toEqual([201, '']);
    };
    await post('dashboards', { dashboard });
    await post('annotations', { kind: 'deployment', service: 'order', title: 'order 9.9' });
    const { page, faults } = await open('dashboards/kinds');
    const panelOf = (type: string) => page.getByRole('region', { name: `A ${type}`, exact: true });
    const drawn = (type: string) => panelOf(type).getByRole('img', { name: /g1/ });
    await drawn('timeseries').waitFor();
    // A deployment stands beside the time under the cursor.
    const over = panelOf('timeseries').locator('.u-over');
    const box = await over.boundingBox();
    if (box === null) throw new Error('the plot has no box');
    await expect
      .poll(async () => {
        for (let x = box.width - 1; x > 0; x -= 4) {
          await page.mouse.move(box.x + x, box.y + 20);
          if (
            await panelOf('timeseries')
              .getByText(/order 9\.9/)
              .isVisible()
          )
            return true;
        }
        return false;
      })
      .toBe(true);
    for (const type of ['stat', 'gauge', 'bar']) await panelOf(type).getByText(/7\.14/).first().waitFor();
    await panelOf('table').getByRole('row').nth(1).waitFor();
    for (const type of ['heatmap', 'statetimeline']) await panelOf(type).locator('canvas').waitFor();
    await panelOf('text').locator('strong', { hasText: 'Group' }).waitFor();

    await page.getByRole('combobox', { name: 'group' }).click();
    await page.getByRole('option', { name: 'g3' }).click();
    await page.waitForURL((url) => url.searchParams.get('var-group')?.includes('g3') === true, {
      timeout: 30_000,
    });
    await panelOf('timeseries').getByRole('img', { name: /g3/ }).waitFor();
    expect(await drawn('timeseries').count()).toBe(0);
    await panelOf('text').getByText('g3').waitFor();

    const taken = async (type: string, item: string): Promise<[string, Buffer]> => {
      await panelOf(type)
        .getByRole('button', { name: `Actions of A ${type}` })
        .click();
      const coming = page.waitForEvent('download');
      await page.getByRole('menuitem', { name: item }).click();
      const file = await coming;
      const path = await file.path();
      return [file.suggestedFilename(), await readFile(path)];
    };
    const [csvName, csv] = await taken('timeseries', 'Download as CSV');
    expect(csvName).toBe('A-timeseries.csv');
    expect(csv.toString()).toMatch(/^Time,g3\r\n(?:.*\r\n)*\d{4}-\d\d-\d\dT[\d:.]+Z,\d+/);
    const [pngName, png] = await taken('timeseries', 'Download as PNG');
    expect(pngName).toBe('A-timeseries.png');
    // Signature, then width and height of the header.
    expect([png.subarray(1, 4).toString(), png.readUInt32BE(16) > 300, png.readUInt32BE(20) > 100]).toEqual([
      'PNG',
      true,
      true,
    ]);
    expect(faults).toEqual([]);
  });

  it("take Grafana's JSON, and say before what cannot be taken over", async () => {
    const json = {
      title: 'From Grafana',
      schemaVersion: 39,
      panels: [
        {
          id: 1,
          type: 'timeseries',
          title: 'Kept',
          gridPos: { x: 0, y: 0, w: 12, h: 8 },
          targets: [{ refId: 'A', expr: 'up' }],
        },
        { id: 2, type: 'geomap', title: 'Where', gridPos: { x: 12, y: 0, w: 12, h: 8 }, targets: [] },
      ],
    };
    const { page, faults } = await open('dashboards');
    await page.getByRole('button', { name: 'Import' }).click();
    const dialog = page.getByRole('dialog', { name: 'Import a dashboard' });
    await dialog.getByRole('textbox', { name: 'or the JSON itself' }).fill(JSON.stringify(json));
    await dialog.getByRole('button', { name: 'Look at it' }).click();
    await dialog.getByText(/2 panels.*1 thing cannot be taken over/).waitFor();
    await dialog
      .getByRole('listitem')
      .filter({ hasText: /Where.*geomap/ })
      .waitFor();
    expect(await seriousFindings(page)).toEqual([]);
    await dialog.getByRole('button', { name: 'Import', exact: true }).click();
    await heading(page, 'From Grafana');
    await page
      .getByRole('region', { name: 'Kept', exact: true })
      .getByRole('img', { name: /^Kept, last values/ })
      .waitFor();
    await page
      .getByRole('region', { name: 'Where', exact: true })
      .getByText(/geomap/)
      .waitFor();
    expect(faults).toEqual([]);
  });
});
