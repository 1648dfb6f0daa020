import { describe, expect, it } from 'vitest';
import { heading, seriousFindings, useMockedPages } from '../support/mocked-pages.ts';

const open = useMockedPages();

describe('the page of circuit breakers', () => {
  it('says which is open since when, and commands it by the keyboard after saying what that will do', async () => {
    const { page, faults } = await open('trouble', 'breakers');
    await heading(page, 'Circuit breakers');
    await page.getByText('1 of 4 let no calls through').waitFor();
    const rows = page.getByRole('region', { name: 'List of breakers' }).getByRole('row');
    await rows.nth(1).getByText('2 open, 1 gone').waitFor();
    await page.getByText('failureThreshold 5 → 10').waitFor();
    await page.getByText('too many failures: 8 of 40 calls failed').first().waitFor();
    expect(await seriousFindings(page)).toEqual([]);
    await page.keyboard.press('j');
    await page.keyboard.press('Enter');
    const dialog = page.getByRole('dialog', { name: 'order / user-client' });
    await dialog.getByText('pharos: failureThreshold 5').waitFor();
    await dialog.getByRole('combobox', { name: 'Command' }).click();
    await page.getByRole('option', { name: 'Hold open' }).click();
    await dialog.getByText(/Hold open user-client on 2 of 2 instances of order, for 15/).waitFor();
    const button = dialog.getByRole('button', { name: 'Hold open user-client' });
    expect(await button.isDisabled()).toBe(true);
    await dialog.getByRole('textbox', { name: 'Why' }).fill('its store is moved');
    expect(await seriousFindings(page)).toEqual([]);
    await button.click();
    await page.keyboard.press('Escape');
    await page.getByText('1 held by command').waitFor();
    await page.getByText('ada: its store is moved').waitFor();
    await page.getByText('By instance').click();
    const matrix = page.getByRole('region', { name: 'Breakers of order by instance' });
    await matrix
      .getByText(/held until \d\d:\d\d:\d\d/)
      .first()
      .waitFor();
    expect(await matrix.getByRole('row').count()).toBe(4);
    expect(await seriousFindings(page)).toEqual([]);
    expect(faults).toEqual([]);
  });

  it('shows what only series tell, finds by word and state, in the URL, on a phone too', async () => {
    const { page, faults } = await open('trouble', 'breakers?q=bank', {
      viewport: { width: 390, height: 844 },
    });
    await page.getByRole('listitem').filter({ hasText: 'ledger-client' }).getByRole('button').click();
    await page.getByRole('dialog').getByText('Known by its series alone').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('textbox', { name: 'Filter breakers' }).fill('');
    await page.getByRole('button', { name: '1 open' }).click();
    await page.waitForURL(/is=OPEN/);
    await page.getByRole('list', { name: 'Changes of state' }).waitFor();
    expect(await page.getByRole('region', { name: 'Changes of state' }).isVisible()).toBe(false);
    expect(await page.evaluate('document.documentElement.scrollWidth <= window.innerWidth')).toBe(true);
    expect(await seriousFindings(page)).toEqual([]);
    expect(faults).toEqual([]);
  });

  it('names too many, none, and a server that fails', async () => {
    const large = await open('large', 'breakers');
    await large.page.getByText('The worst 500 of 1,200 are shown').waitFor();
    const empty = await open('empty', 'breakers');
    await empty.page.getByRole('heading', { name: 'No breaker is known yet' }).waitFor();
    const failing = await open('error', 'breakers');
    await failing.page.getByRole('alert').getByText('The circuit breakers cannot be shown').waitFor();
  });
});
