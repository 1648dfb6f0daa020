import process from 'node:process';
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { heading, seriousFindings, useMockedPages } from '../support/mocked-pages.ts';

const open = useMockedPages();

const explore = (...queries: readonly string[]): string =>
  `explore?q=${encodeURIComponent(JSON.stringify(queries))}`;
const editor = (page: Page, letter: string) => page.getByRole('textbox', { name: `Query ${letter}` });

describe('the metrics explorer', () => {
  it('completes, runs by Enter and keeps the query in the URL', async () => {
    const { page, faults } = await open('typical', 'explore');
    await heading(page, 'Explore metrics');
    await page.getByRole('heading', { name: 'Begin with' }).waitFor();
    await editor(page, 'A').click();
    await page.keyboard.type('rate(http_req');
    await page.getByRole('option', { name: /http_requests_total/ }).click();
    await page.keyboard.type('[5m]');
    // The closing bracket was set by the editor itself.
    await expect.poll(() => editor(page, 'A').innerText()).toBe('rate(http_requests_total[5m])');
    await page.keyboard.press('Enter');
    await page.waitForURL((url) => url.searchParams.get('q') === '["rate(http_requests_total[5m])"]');
    await page.getByRole('region', { name: 'Series in the graph' }).getByRole('button').nth(6).waitFor();
    expect(faults).toEqual([]);
  });

  it('shows a syntax error and an info with the part they mean', async () => {
    const { page } = await open('typical', explore('sum(rate(up[5m])', 'rate(up[5m])'));
    const first = page.getByRole('listitem', { name: 'Query A' });
    await first.getByText('parse error: unclosed left parenthesis').waitFor();
    const second = page.getByRole('listitem', { name: 'Query B' });
    await second.getByText('at “up”').waitFor();
    await second.locator('.cm-lintRange-info').waitFor();
    expect(await seriousFindings(page)).toEqual([]);
  });

  it('switches queries off, adds, formats and removes them, and goes back', async () => {
    const { page, faults } = await open('typical', explore('up', 'sum(  up )'));
    const series = page.getByRole('region', { name: 'Series in the graph' });
    await series.getByText(/^B /).first().waitFor();
    await page.getByRole('button', { name: 'Format query B' }).click();
    await expect.poll(() => editor(page, 'B').innerText()).toBe('sum(up )');
    await page.getByRole('button', { name: 'Query B is on' }).click();
    await page.waitForURL(/off=B/);
    await series.getByText(/^B /).first().waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Remove query B' }).click();
    await page.waitForURL((url) => url.searchParams.get('q') === '["up"]');
    await page.goBack();
    await editor(page, 'B').waitFor();
    expect(faults).toEqual([]);
  });

  it('draws the largest of 10,000 series, lists all, finds and isolates one; the past comes by a key', async () => {
    const { page, faults } = await open('large', `${explore('up')}&range=5m`);
    const series = page.getByRole('region', { name: 'Series in the graph' });
    await page.getByText('20 of 10,000 series drawn').waitFor();
    await page.getByRole('textbox', { name: 'Find series' }).fill('00017');
    await page.getByText('1 of 10,000 series;').waitFor();
    const entry = series.getByRole('button', { name: /things\/00017/ });
    await entry.click();
    expect(await entry.getAttribute('aria-pressed')).toBe('true');
    await page.getByRole('textbox', { name: 'Find series' }).fill('');
    // The page's own record of frames that were late, over two steps into the past.
    await page.evaluate(
      'window.late = []; new PerformanceObserver((list) => window.late.push(...list.getEntries().map((entry) => entry.duration))).observe({ type: "longtask" })',
    );
    for (let step = 0; step < 2; step++) {
      const answered = page.waitForResponse(/query_range/);
      await page.locator('main').focus();
      await page.keyboard.press('[');
      await (await answered).finished();
      await page.getByText('of 10,000 series drawn').waitFor();
    }
    const late = await page.evaluate<number[]>('window.late');
    process.stdout.write(
      `explorer, 10,000 series, panning: long tasks ${late.map(Math.round).join(', ')} ms\n`,
    );
    expect(faults).toEqual([]);
  });

  it('shows the table at one instant, its raw values, and 10,000 rows of it', async () => {
    const { page, faults } = await open('large', `${explore('up')}&view=table`);
    await page.getByText('10,000 rows').waitFor();
    await page.getByRole('textbox', { name: 'Find rows of A' }).fill('job-3');
    await page.getByText(/of 10,000 rows/).waitFor();
    await page.getByRole('region', { name: 'Values of A' }).getByRole('button', { name: 'Value' }).click();
    expect(await seriousFindings(page)).toEqual([]);
    expect(faults).toEqual([]);
  });

  it('draws exemplars, and a press on one shows its trace', async () => {
    const { page } = await open('typical', `${explore('up')}&ex=true`);
    await page.getByText('4 series').first().waitFor();
    const plot = page.getByRole('img', { name: /^Graph, last values: \{/ }).locator('.u-over');
    await plot.waitFor();
    const box = await plot.boundingBox();
    if (box === null) throw new Error('the plot has no box');
    const detail = page.getByRole('status').filter({ hasText: 'Exemplar' });
    // The dots stand on even times at heights of their own: the column of one is walked until it answers.
    await page.mouse.move(box.x + box.width * (6.5 / 12), box.y + 1);
    await expect
      .poll(async () => {
        for (let y = 2; y < box.height && !(await detail.isVisible()); y += 8)
          await page.mouse.click(box.x + box.width * (6.5 / 12), box.y + y);
        return detail.isVisible();
      })
      .toBe(true);
    await detail.getByText(/trace 4bf92f3577b34da6a3ce929d0e0e47/).waitFor();
  });

  it('browses metrics by words, narrows one by label values with counts, and asks what its kind is asked', async () => {
    const { page, faults } = await open('typical', 'explore');
    await heading(page, 'Explore metrics');
    await page.keyboard.press('m');
    const dialog = page.getByRole('dialog', { name: 'Metrics' });
    await dialog.getByRole('textbox', { name: 'Find a metric' }).fill('requests_total');
    await dialog.getByText('1 of 4 metrics').waitFor();
    expect(await seriousFindings(page)).toEqual([]);
    await dialog.getByRole('button', { name: /http_requests_total/ }).click();
    await dialog.getByRole('button', { name: 'job (3)' }).click();
    await dialog.getByRole('checkbox', { name: 'order (320)' }).check();
    await dialog.getByRole('checkbox', { name: /gateway/ }).check();
    expect(await seriousFindings(page)).toEqual([]);
    await dialog.getByRole('button', { name: 'Rate by job' }).click();
    await expect
      .poll(() => editor(page, 'A').innerText())
      .toBe('sum by (job) (rate(http_requests_total{job=~"order|gateway"}[5m]))');
    expect(faults).toEqual([]);
  });

  it('puts the queries onto a dashboard as one panel', async () => {
    const { page, faults } = await open('typical', explore('up', 'rate(x_total[5m])'));
    await page.getByRole('button', { name: 'Add to a dashboard' }).click();
    const dialog = page.getByRole('dialog', { name: 'Add to a dashboard' });
    await dialog.getByRole('combobox', { name: 'Dashboard' }).click();
    await page.getByRole('option', { name: 'My own' }).click();
    await dialog.getByRole('textbox', { name: 'Title of the panel' }).fill('Up');
    const saved = page.waitForRequest((request) => request.method() === 'PUT');
    await dialog.getByRole('button', { name: 'Add the panel' }).click();
    const body: unknown = (await saved).postDataJSON();
    expect(body).toMatchObject({
      version: 3,
      dashboard: { panels: [{ id: 1 }, { id: 2, type: 'timeseries', title: 'Up', grid: { y: 8 } }] },
    });
    await dialog.waitFor({ state: 'detached' });
    expect(faults).toEqual([]);
  });

  it('inspects a run, and remembers what was run', async () => {
    const { page, faults } = await open('typical', explore('up'));
    await page.getByText('4 series').first().waitFor();
    await page.getByRole('button', { name: 'Inspect query A' }).click();
    const dialog = page.getByRole('dialog', { name: 'Query A' });
    await dialog.getByText('12,400').first().waitFor();
    await dialog.getByText("--data-urlencode 'query=up'").waitFor();
    await dialog.getByText('memory and the engine').waitFor();
    await dialog.locator('summary', { hasText: 'metrics.samples' }).click();
    await dialog
      .getByText('/* metrics.samples query=q-1 */ SELECT groupArray(time) FROM samples', { exact: true })
      .waitFor();
    expect(await seriousFindings(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await page.getByRole('button', { name: 'Copy query A as curl' }).click();
    await page.getByText('Query A as curl copied').waitFor();
    const command = String(await page.evaluate('navigator.clipboard.readText()'));
    expect(command).toMatch(/^curl .*api\/v1\/query_range/);
    expect(command).toContain("--data-urlencode 'query=up'");
    await page.getByRole('button', { name: 'Run' }).click();
    await page.getByRole('button', { name: 'History' }).click();
    await page
      .getByRole('dialog', { name: /Queries run/ })
      .getByRole('button', { name: /^up/ })
      .click();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    expect(faults).toEqual([]);
  });

  it.each(['offline', 'error'] as const)(
    'says in words what failed (%s), and keeps the query',
    async (scenario) => {
      const { page, server } = await open('typical', explore('up'));
      await page.getByText('4 series').first().waitFor();
      server.use(scenario);
      await page.getByRole('button', { name: 'Refresh now' }).click();
      await page
        .getByRole('listitem', { name: 'Query A' })
        .getByText(scenario === 'offline' ? 'does not answer' : 'the storage engine is restarting')
        .waitFor();
      await expect.poll(() => editor(page, 'A').innerText()).toBe('up');
    },
  );
});
