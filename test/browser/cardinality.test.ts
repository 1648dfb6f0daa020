import { describe, expect, it } from 'vitest';
import { heading, seriousFindings, useMockedPages } from '../support/mocked-pages.ts';

const open = useMockedPages();

describe('the cardinality page', () => {
  it('says how full it is, what was refused and what would help, with a rule to copy', async () => {
    const { page, faults } = await open('large', 'cardinality');
    await heading(page, 'Cardinality');
    await page.getByText('95.8').waitFor();
    await page.getByText('estimated from one series in 4').waitFor();
    await page.getByRole('region', { name: 'Limits' }).getByText('4,182').waitFor();
    await page.getByRole('region', { name: 'Limits' }).getByText('target_series_limit').first().waitFor();
    const advice = page.getByRole('region', { name: 'What would help' });
    await advice.getByRole('heading', { name: 'Drop the label user_id' }).waitFor();
    await advice.getByText('regex: user_id').waitFor();
    expect(await seriousFindings(page)).toEqual([]);
    expect(faults).toEqual([]);
  });

  it('counts by label, filters in the URL, and a line leads to the explorer', async () => {
    const { page, faults } = await open('typical', 'cardinality');
    await page.getByText('Labels', { exact: true }).click();
    await page.waitForURL(/tab=labels/);
    await page.getByRole('textbox', { name: 'Filter the list' }).fill('user');
    await page.getByRole('row').nth(1).waitFor();
    await page.reload();
    await page.getByRole('link', { name: 'user_id' }).click();
    await heading(page, 'Explore metrics');
    await page.getByRole('region', { name: 'Values of A' }).waitFor();
    expect(new URL(page.url()).searchParams.get('q')).toBe(
      '["topk(50, count by (user_id) ({user_id!=\\"\\"}))"]',
    );
    expect(faults).toEqual([]);
  });

  it('shows what still answers while the engine is away, and names an empty and a failing server', async () => {
    const partial = await open('partial', 'cardinality');
    await partial.page.getByText('Stored series cannot be shown').waitFor();
    await partial.page.getByRole('link', { name: 'http_requests_total' }).waitFor();
    const empty = await open('empty', 'cardinality');
    await empty.page.getByRole('heading', { name: 'No series yet' }).waitFor();
    const failing = await open('error', 'cardinality');
    await failing.page.getByRole('alert').getByText('The cardinality cannot be shown').waitFor();
  });
});
