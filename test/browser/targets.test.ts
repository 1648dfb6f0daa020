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

describe('the pages of probes and of the status page', () => {
  it('says which probe fails and why, opens it by the keyboard, and shows what is wrong at its field', async () => {
    const { page, faults } = await open('trouble', 'probes');
    await heading(page, 'Probes');
    await page.getByText('2 of 12 fail; 1 warn').waitFor();
    const rows = page.getByRole('region', { name: 'List of probes' }).getByRole('listitem');
    await rows.first().getByText('the status is 503, expected 2xx').waitFor();
    await rows.first().getByRole('img', { name: '5 of the last 30 looks failed' }).waitFor();
    expect(await seriousFindings(page)).toEqual([]);
    await page.keyboard.press('j');
    await page.keyboard.press('Enter');
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('heading', { name: 'shop 0' }).waitFor();
    await dialog.getByRole('img', { name: '99.47\u202f% up' }).waitFor();
    await dialog.getByRole('button', { name: 'Test now' }).click();
    await dialog.getByRole('status').getByText('first byte').waitFor();
    expect(await seriousFindings(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'New probe' }).click();
    const form = page.getByRole('form', { name: 'Probe' });
    await form.getByRole('textbox', { name: 'Name' }).fill('the new one');
    await form.getByRole('button', { name: 'Make the probe' }).click();
    await form.getByText('expected an http or https address').waitFor();
    await form.getByRole('textbox', { name: 'Address' }).fill('https://new.example/');
    await form.getByRole('button', { name: 'Make the probe' }).click();
    await page.getByRole('dialog').getByRole('heading', { name: 'the new one' }).waitFor();
    await page.waitForURL(/probe=p12/);
    expect(faults.filter((fault) => !fault.includes('400'))).toEqual([]);
  });

  it('draws those of 10,000 that are in sight, finds by words, on a phone too; and keeps the status page', async () => {
    const { page, faults } = await open('large', 'probes', { viewport: { width: 390, height: 844 } });
    await page.getByText('all 9,999 others are well').or(page.getByText('1 warn')).first().waitFor();
    expect(
      await page.getByRole('region', { name: 'List of probes' }).getByRole('listitem').count(),
    ).toBeLessThan(40);
    await page.getByRole('textbox', { name: 'Filter probes' }).fill('9998');
    await page.getByRole('button', { name: 'bank 9998' }).waitFor();
    expect(await page.evaluate('document.documentElement.scrollWidth <= window.innerWidth')).toBe(true);
    expect(await seriousFindings(page)).toEqual([]);
    await page.goto(new URL('/status-page', page.url()).href);
    await page.getByText('Off: nobody but you can see it').waitFor();
    await page.getByRole('button', { name: 'Add a group' }).click();
    await page.getByRole('textbox', { name: 'Public name' }).fill('Checkout');
    await page.getByRole('switch', { name: 'Anybody may see it, without a login' }).click();
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('https://pharos.example/status').waitFor();
    expect(await seriousFindings(page)).toEqual([]);
    expect(faults).toEqual([]);
  });
});
