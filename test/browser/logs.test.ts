import { describe, expect, it } from 'vitest';
import { heading, seriousFindings, useMockedPages } from '../support/mocked-pages.ts';

const open = useMockedPages();

describe('the logs page', () => {
  it('shows the newest lines of a service, opens one by the keyboard, and follows its request', async () => {
    const { page, faults } = await open('typical', 'services/order');
    await page.getByRole('link', { name: 'Its logs' }).press('Enter');
    await heading(page, 'Logs');
    await page.getByRole('listitem').first().getByRole('link', { name: 'order' }).waitFor();
    await page.getByRole('figure', { name: 'Lines by level' }).waitFor();
    await page
      .getByRole('group', { name: 'Levels' })
      .getByRole('button', { name: /^error/ })
      .waitFor();
    await page.getByRole('listitem').first().waitFor();
    // Only what is in sight stands in the page.
    expect(await page.getByRole('listitem').count()).toBeLessThan(100);
    await page.keyboard.press('j');
    await page.keyboard.press('Enter');
    const detail = page.getByRole('region', { name: 'Of this line' });
    await detail.getByText('request_id').waitFor();
    expect(await seriousFindings(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await detail.waitFor({ state: 'detached' });
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'All lines of this request' }).click();
    await page.waitForURL(/request_id/);
    await page.getByRole('button', { name: /^Remove request_id = r-/ }).click();
    await page.waitForURL((url) => !url.search.includes('request_id'));
    // A line of an error leads to the group of the error.
    await page
      .getByRole('group', { name: 'Levels' })
      .getByRole('button', { name: /^error/ })
      .click();
    await page
      .getByRole('button', { name: /500 of/, expanded: false })
      .first()
      .click();
    await page.getByRole('link', { name: 'TimeoutError: no answer of user' }).first().waitFor();
    expect(faults).toEqual([]);
  });

  it('writes its filters as LogQL into the URL and reads them back, and goes back in time while one scrolls', async () => {
    const { page, faults } = await open('typical', 'logs?range=1h');
    await page.getByRole('listitem').first().waitFor();
    await page.keyboard.press('/');
    await page.keyboard.type('products');
    await page.keyboard.press('Enter');
    await page.keyboard.press('Escape');
    await page.getByRole('group', { name: 'Levels' }).getByRole('button', { name: /^info/ }).click();
    const logql = page.getByRole('textbox', { name: 'LogQL' });
    const written = '{service_name=~".+"} |= "products" | detected_level="info"';
    await expect.poll(() => logql.inputValue()).toBe(written);
    await page.reload();
    await page.getByRole('button', { name: /^info/, pressed: true }).waitFor();
    expect(await page.getByRole('textbox', { name: 'Lines that contain' }).inputValue()).toBe('products');
    const list = page.getByRole('region', { name: 'Log lines, the newest first' });
    await list.getByRole('listitem').first().waitFor();
    await expect
      .poll(async () => {
        await list.evaluate((element) => element.scrollTo(0, element.scrollHeight));
        return page.getByText('These are all').count();
      })
      .toBe(1);
    await page
      .getByRole('status')
      .getByText(/^2,?\d{3} lines/)
      .waitFor({ state: 'attached' });
    expect(faults).toEqual([]);
  });

  it('says where LogQL cannot be read, and names an empty and a failing server', async () => {
    const { page } = await open('typical', 'logs', { viewport: { width: 390, height: 844 } });
    const logql = page.getByRole('textbox', { name: 'LogQL' });
    await logql.fill('{service_name="order" |= "x"');
    await logql.press('Enter');
    const alert = page.getByRole('alert');
    await alert.getByText('The query cannot be read at character 23').waitFor();
    expect(await alert.locator('mark').innerText()).toBe('|');
    expect(await seriousFindings(page)).toEqual([]);
    await page.getByRole('button', { name: 'Back to the filters' }).click();
    await page.getByRole('listitem').first().waitFor();
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(390);
    const empty = await open('empty', 'logs');
    await empty.page.getByRole('heading', { name: 'No log lines in this time range' }).waitFor();
    const failing = await open('error', 'logs');
    await failing.page.getByRole('alert').getByText('The lines cannot be shown').waitFor();
  });

  it('follows lines live, holds them while one reads, and goes on after a lost connection', async () => {
    const { page, server } = await open('typical', 'logs?range=15m');
    await page.getByRole('listitem').first().waitFor();
    await page.keyboard.press('v');
    await page.waitForURL(/logs=live/);
    const list = page.getByRole('region', { name: 'Log lines as they come, the newest last' });
    const left = () =>
      list.evaluate((element) => element.scrollHeight - element.clientHeight - element.scrollTop);
    // It follows the end.
    await page.getByText(/^Live, [\d.]+ lines a second/).waitFor();
    await expect
      .poll(async () => (await left()) < 2 && (await list.evaluate((e) => e.scrollTop)) > 200)
      .toBe(true);
    expect(await seriousFindings(page)).toEqual([]);
    await list.hover();
    await page.mouse.wheel(0, -300);
    await page.getByText(/^Held; \d+ more lines? came/).waitFor();
    const seen = await list.getByRole('listitem').allInnerTexts();
    await page.getByRole('button', { name: /^\d{2,} more lines: go on/ }).waitFor();
    expect(await list.getByRole('listitem').allInnerTexts()).toEqual(seen);
    await page.keyboard.press('Shift+G');
    await page.getByText(/^Live,/).waitFor();
    await expect.poll(left).toBeLessThan(2);
    await page.keyboard.press('p');
    await page.getByText(/^Held;/).waitFor();
    await page.getByRole('button', { name: 'Resume', exact: true }).click();
    server.use('offline');
    await page.getByText(/^The connection is lost; trying again in/).waitFor();
    server.use('typical');
    await page.getByText(/^Live,/).waitFor();
    await page.keyboard.press('v');
    await page.getByRole('figure', { name: 'Lines by level' }).waitFor();
  });

  it('shows what stands around a line in its place, and opens at a line that was shared', async () => {
    const { page, context, faults } = await open('typical', 'logs?range=15m&q=%7Bservice_name%3D"order"%7D');
    await context.grantPermissions(['clipboard-read', 'clipboard-write']);
    await page.getByRole('listitem').first().waitFor();
    for (const key of ['j', 'j', 'j', 'Enter']) await page.keyboard.press(key);
    await page.getByRole('button', { name: 'Lines around it' }).click();
    const around = page.getByRole('region', { name: 'Lines around it' });
    await expect.poll(() => around.getByRole('listitem').count()).toBeGreaterThan(11);
    const own = await around.locator('[aria-current]').innerText();
    const before = await around.getByRole('listitem').count();
    await around.getByRole('button', { name: 'Show older lines' }).click();
    await expect.poll(() => around.getByRole('listitem').count()).toBeGreaterThan(before);
    expect(await seriousFindings(page)).toEqual([]);
    await page.getByRole('button', { name: 'Share line' }).click();
    await page.getByText('The link to the line copied').waitFor();
    await page.goto(await page.evaluate('navigator.clipboard.readText()'));
    const linked = page.getByRole('region', { name: 'The linked line' });
    expect(await linked.locator('[aria-current]').innerText()).toBe(own);
    await linked.getByRole('button', { name: 'Close' }).click();
    await linked.waitFor({ state: 'detached' });
    expect(faults).toEqual([]);
  });

  it('puts lines together by pattern, the new ones first, and leaves a pattern out or shows its lines', async () => {
    const { page, faults } = await open('typical', 'logs?logs=patterns');
    const list = page.getByRole('list', { name: 'Patterns, news first, then the commonest' });
    await expect.poll(() => list.getByRole('listitem').count()).toBe(3);
    expect(await list.getByRole('listitem').first().innerText()).toMatch(
      /slow query[^]*new|new[^]*slow query/,
    );
    await page.getByRole('region', { name: 'Vanished patterns' }).getByText('heartbeat sent').waitFor();
    expect(await seriousFindings(page)).toEqual([]);
    for (const key of ['j', 'j', 'x']) await page.keyboard.press(key);
    await page.getByRole('button', { name: 'Remove not like GET /api/v1/products <_>' }).waitFor();
    await expect.poll(() => list.getByRole('listitem').count()).toBe(2);
    await page.getByRole('button', { name: 'Only lines like POST' }).click();
    await page.getByRole('figure', { name: 'Lines by level' }).waitFor();
    expect(await page.getByRole('textbox', { name: 'LogQL' }).inputValue()).toBe(
      '{service_name=~".+"} !> "GET /api/v1/products <_>" |> "POST /api/v1/orders <_> of <_>"',
    );
    expect(faults).toEqual([]);
  });

  it('filters by fields, draws a query that counts, and keeps searches for the team', async () => {
    const { page, faults } = await open('typical', 'logs?range=15m');
    const fields = page.getByRole('complementary', { name: 'Fields' });
    await fields.getByRole('button', { name: 'Filter out env staging' }).click();
    await page.getByRole('button', { name: 'Remove env ≠ staging' }).waitFor();
    await fields.getByText('status').click();
    await fields.getByRole('button', { name: 'Filter for status 500' }).click();
    const logql = page.getByRole('textbox', { name: 'LogQL' });
    const filtered = '{service_name=~".+"} | json | env!="staging" | status="500"';
    await expect.poll(() => logql.inputValue()).toBe(filtered);
    await page
      .getByRole('region', { name: /^Log lines/ })
      .getByRole('listitem')
      .first()
      .waitFor();
    expect(await seriousFindings(page)).toEqual([]);
    await page.keyboard.press('f');
    await fields.waitFor({ state: 'detached' });
    await page.keyboard.press('s');
    await page.getByRole('button', { name: 'Save this search…' }).click();
    await page.getByRole('textbox', { name: 'Name' }).fill('Failed');
    await page.keyboard.press('Enter');
    await page.getByText('"Failed" is saved').waitFor();
    await logql.fill('sum by (detected_level) (count_over_time({service_name="order"}[1m]))');
    await logql.press('Enter');
    await page.getByRole('figure', { name: 'Graph of the query' }).waitFor();
    await logql.press('Escape');
    await page.getByRole('button', { name: 'Saved', exact: true }).click();
    await page.getByRole('button', { name: /^Failed/ }).click();
    await expect.poll(() => logql.inputValue()).toBe(filtered);
    await page.getByRole('button', { name: 'Saved', exact: true }).click();
    await page.getByRole('button', { name: 'Remove Failed' }).click();
    await page.getByText('Nothing is saved yet').waitFor();
    expect(faults).toEqual([]);
  });
});
