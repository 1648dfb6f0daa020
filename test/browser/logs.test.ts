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
});
