import { describe, expect, it } from 'vitest';
import { heading, seriousFindings, useMockedPages } from '../support/mocked-pages.ts';

const open = useMockedPages();

describe('the targets page', () => {
  it('says what fails in words, and shows labels, discovered labels and samples of one by the keyboard', async () => {
    const { page, faults } = await open('trouble', 'targets');
    await heading(page, 'Scrape targets');
    await page.getByText('4 of 5 answer').waitFor();
    await page.getByText('Nothing listens at this address').waitFor();
    await page.getByRole('listitem').nth(1).getByText('1.24').waitFor();
    await page.keyboard.press('j');
    await page.keyboard.press('j');
    await page.keyboard.press('Enter');
    const dialog = page.getByRole('dialog', { name: 'auth · 127.0.0.1:8002' });
    await dialog.getByText('1,180 kept after relabelling').waitFor();
    await dialog.getByText('__scheme__').waitFor();
    expect(await seriousFindings(page)).toEqual([]);
    await dialog.getByRole('link', { name: 'Its metrics' }).click();
    await heading(page, 'Explore metrics');
    expect(new URL(page.url()).searchParams.get('q')).toContain('instance=\\"127.0.0.1:8002\\"');
    expect(faults).toEqual([]);
  });

  it('finds among 5,000 by pool, state and label, in the URL, with the dropped ones apart', async () => {
    const { page, faults } = await open('large', 'targets');
    await page.getByText('4,900 of 5,000 answer').waitFor();
    // Only what is in sight stands in the page.
    expect(await page.getByRole('listitem').count()).toBeLessThan(100);
    await page.getByRole('button', { name: '100 down' }).click();
    await page.getByRole('textbox', { name: 'Filter targets' }).fill('job=search-09');
    await page.waitForURL(/q=job/);
    await page.reload();
    await page.getByRole('button', { name: '100 down', pressed: true }).waitFor();
    await expect.poll(() => page.getByRole('listitem').count()).toBeGreaterThan(0);
    await page.getByRole('textbox', { name: 'Filter targets' }).fill('');
    await page.getByRole('button', { name: '1 dropped' }).click();
    await page.getByRole('button', { name: '10.0.0.9:9100' }).click();
    await page.getByRole('dialog').getByText('Relabelling left this one out').waitFor();
    expect(await seriousFindings(page)).toEqual([]);
    expect(faults).toEqual([]);
  });

  it('names an empty, a failing and a silent server', async () => {
    const empty = await open('empty', 'targets');
    await empty.page.getByRole('heading', { name: 'Nothing is scraped yet' }).waitFor();
    const failing = await open('error', 'targets');
    await failing.page.getByRole('alert').getByText('The targets cannot be shown').waitFor();
  });
});
