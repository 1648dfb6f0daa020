import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openContext, sharedBrowser } from '../support/browser.ts';
import { heading, seriousFindings } from '../support/mocked-pages.ts';
import { type RunningPharos, removeData, startPharosProcess } from '../support/pharos.ts';

const TRACE = 'abcdef0123456789abcdef0123456789';

/** The pages of errors and of events over the built server. */
describe('the pages', () => {
  let pharos: RunningPharos;
  let browser: Browser;

  beforeAll(async () => {
    pharos = await startPharosProcess();
    browser = await sharedBrowser();
  });
  afterAll(async () => {
    await pharos.stop();
    await removeData(pharos);
  });

  const open = async (path: string, width = 1440) => {
    const context = await openContext(browser, { viewport: { width, height: 900 } });
    const page = await context.newPage();
    const faults: string[] = [];
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') faults.push(message.text());
    });
    page.on('pageerror', (error) => faults.push(error.message));
    await page.goto(`${pharos.url}/${path}`);
    return { page, faults, close: () => context.close() };
  };

  it('say what fills them, show a problem with its stack and what came before, and take decisions back', async () => {
    const first = await open('errors');
    await first.page.getByRole('heading', { name: 'No error yet' }).waitFor();
    await first.close();
    const stack =
      'TypeError: no stock of 5\n    at reserve (/app/src/stock.js:3:9)\n    at run (/app/node_modules/x/index.js:1:1)';
    const errors = [5, 6, 7].map((item) => ({
      service: 'stock',
      name: 'TypeError',
      message: `no stock of ${item}`,
      stack,
      username: `user-${item}`,
      trace_id: TRACE,
      request_id: 'r-77',
      breadcrumbs: [{ category: 'log', level: 'info', message: 'asked the shelf' }],
    }));
    const other = { service: 'user', name: 'ValidationError', message: 'bad mail' };
    const sent = await fetch(`${pharos.url}/api/errors`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify([...errors, other]),
    });
    expect(sent.status).toBe(200);

    const { page, faults, close } = await open('errors');
    await heading(page, 'Errors');
    await page.getByText('2 groups').waitFor();
    await page
      .getByText(/^\d+ in 24 h$/)
      .first()
      .waitFor();
    await page.getByRole('textbox', { name: 'Filter errors' }).fill('stock');
    await page.waitForURL(/q=stock/);
    await page.getByText('1 group', { exact: true }).waitFor();
    expect(await seriousFindings(page)).toEqual([]);
    const service = page.getByRole('link', { name: 'stock', exact: true });
    expect(await service.getAttribute('href')).toBe('/services/stock');
    await page.getByRole('link', { name: /TypeError no stock/ }).click();
    await heading(page, 'TypeError');
    await page.getByText('/app/src/stock.js:3:9').waitFor();
    expect(await page.getByText('node_modules').count()).toBe(0);
    await page.getByRole('button', { name: '1 frame of others' }).click();
    await page.getByText('node_modules').waitFor();
    await page.getByText('asked the shelf').waitFor();
    await page.getByRole('button', { name: 'Resolve', exact: true }).click();
    await page.getByRole('button', { name: 'Reopen' }).waitFor();
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByRole('button', { name: 'Resolve', exact: true }).waitFor();
    expect(await seriousFindings(page)).toEqual([]);
    await page.getByRole('link', { name: 'Its request' }).click();
    await heading(page, 'Request');
    await page
      .getByRole('link', { name: /TypeError: no stock/ })
      .first()
      .click();
    await heading(page, 'TypeError');
    expect(faults).toEqual([]);
    await close();

    const phone = await open('errors', 390);
    await phone.page.getByRole('link', { name: /TypeError no stock/ }).waitFor();
    expect(await phone.page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
    await phone.page.keyboard.press('j');
    await phone.page.keyboard.press('Enter');
    await phone.page
      .getByRole('heading', { level: 1 })
      .filter({ hasText: /TypeError|ValidationError/ })
      .waitFor();
    await phone.close();

    const merging = await open('errors?q=ValidationError');
    await merging.page.getByRole('link', { name: /ValidationError bad mail/ }).click();
    await merging.page.getByRole('button', { name: 'Merge' }).click();
    const dialog = merging.page.getByRole('dialog');
    await dialog.getByText('No other group has these words').waitFor();
    await dialog.getByRole('textbox', { name: 'Groups with these words' }).fill('no stock');
    await dialog.getByRole('checkbox', { name: /TypeError: no stock/ }).check();
    await dialog.getByRole('button', { name: 'Merge 1 group into this one' }).click();
    await merging.page.getByText('the newest 4 of 4').waitFor();
    await merging.page.getByRole('listitem').filter({ hasText: 'merged' }).waitFor();
    expect(merging.faults).toEqual([]);
    await merging.close();
  });

  it('show events with why they are judged so, let new ones in, and try a rule before it is saved', async () => {
    const send = async (path: string, body: string): Promise<void> => {
      const answer = await fetch(`${pharos.url}/api/v1/monitoring/${path}`, { method: 'POST', body });
      expect(answer.status).toBe(200);
    };
    const { page, faults, close } = await open('events');
    await page.getByRole('heading', { name: 'No event in this time range' }).waitFor();
    const many = Array.from({ length: 10_000 }, (_, i) => {
      const data = { response_time: i === 9999 ? 6000 : 100 + (i % 7), route: `/item/${i}` };
      return JSON.stringify({ source: 'checkout', event_type: 'request', data });
    });
    await send('events/batch?verdicts=none', many.join('\n'));
    await page.reload();
    await page.getByText('10,000 events in this time range').waitFor();
    expect(await page.getByRole('listitem').count()).toBeLessThan(100);
    expect(await seriousFindings(page)).toEqual([]);

    await page.keyboard.press('j');
    await page.keyboard.press('Enter');
    const why = page.getByRole('dialog', { name: 'Event' });
    await why.getByText('response_time is 6000 ms, above the limit of 5000 ms').waitFor();
    await why.getByText('5000', { exact: true }).waitFor();
    expect(await why.locator('[aria-current="true"]').innerText()).toMatch(/a critical finding/);
    expect(await seriousFindings(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await why.waitFor({ state: 'hidden' });
    await send('events', JSON.stringify({ source: 'cart', event_type: 'order', data: { latency: 700 } }));
    await page.getByRole('button', { name: 'Show 1 new' }).click();
    await page.getByRole('button', { name: /continue\s*cart\s*order/ }).waitFor();
    // What the filters count and what the line below says is one number, also while events come in.
    const said = async (): Promise<readonly number[]> => {
      const texts = await page.evaluate<string[][]>(`['button', 'p'].map((kind) =>
        [...document.querySelectorAll(kind)].map(({ textContent }) => textContent))`);
      const figures = (of: RegExp, some: readonly string[] = []): number =>
        some.reduce((sum, text) => sum + Number((of.exec(text)?.[1] ?? '0').replaceAll(',', '')), 0);
      return [
        figures(/^([\d,]+) (?:critical|warning|normal)$/, texts[0]),
        figures(/^([\d,]+) events in this time range/, texts[1]),
      ];
    };
    for (let i = 0; i < 20; i++) {
      await send('events', JSON.stringify({ source: 'cart', event_type: 'order', data: { latency: i } }));
      const [counted, told] = await said();
      expect(told).toBe(counted);
    }
    await page.getByRole('button', { name: /critical$/ }).click();
    await page.waitForURL(/status=CRITICAL/);
    await page.getByText('1 event in this time range').waitFor();

    await page.getByRole('link', { name: 'Rules' }).click();
    await page.getByRole('button', { name: 'New rule' }).click();
    const rule = page.getByRole('dialog', { name: 'New rule' });
    await rule.getByRole('textbox', { name: 'Field' }).fill('latency');
    await rule.getByRole('textbox', { name: 'Value' }).fill('500');
    await rule.getByRole('button', { name: 'Add' }).click();
    await rule.getByText(/It finds 1 of 10,021 events; 1 verdicts would have been others/).waitFor();
    expect(await seriousFindings(page)).toEqual([]);
    await rule.getByRole('textbox', { name: 'An event is at fault when' }).fill('data.latency >');
    await rule.getByRole('alert').waitFor();
    await rule.getByRole('textbox', { name: 'An event is at fault when' }).fill('data.latency > 600');
    await rule.getByRole('textbox', { name: 'Name', exact: true }).fill('slow-cart');
    await rule.getByRole('button', { name: 'Save' }).click();
    await rule.waitFor({ state: 'hidden' });
    await page.getByText('data.latency > 600').waitFor();
    expect(await seriousFindings(page)).toEqual([]);
    await page.getByRole('link', { name: 'Archives' }).click();
    await page.getByText('There is none yet.').waitFor();
    // What the half-written rule was answered.
    expect(faults.filter((fault) => !fault.includes('400'))).toEqual([]);
    await close();

    const phone = await open('events', 390);
    await phone.page.getByText(/events in this time range/).waitFor();
    expect(await phone.page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
    expect(phone.faults).toEqual([]);
    await phone.close();
  });
});
