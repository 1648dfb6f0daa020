import { describe, expect, it } from 'vitest';
import { findingsOfColours, heading, seriousFindings, useMockedPages } from '../support/mocked-pages.ts';

const open = useMockedPages();

describe('the topology page', () => {
  it('shows who calls whom, walks along the calls by the keyboard, and says all of it as a table too', async () => {
    const { page, faults } = await open('trouble', 'topology', { colorScheme: 'dark' });
    await heading(page, 'Topology');
    await page.getByText('5 services, 6 stores and others, 13 connections').waitFor();
    await page.getByRole('button', { name: /^gateway\s*, service, degraded/ }).focus();
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Enter');
    const panel = page.getByRole('complementary', { name: /^About / });
    await panel.getByRole('region', { name: 'Called by' }).getByText('gateway').waitFor();
    expect(await seriousFindings(page)).toEqual([]);
    await page.getByRole('button', { name: 'Switch between dark and light' }).click();
    expect(await findingsOfColours(page)).toEqual([]);
    await page.getByRole('button', { name: /^order\s*, service, unhealthy/ }).click();
    const called = panel.getByRole('region', { name: 'Calls' });
    await called.getByRole('button', { name: /catalog/ }).click();
    await page.getByRole('complementary', { name: 'About order calling catalog' }).waitFor();
    await page.waitForURL((url) => url.searchParams.get('call') === '["order","catalog"]');
    await page.keyboard.press('Escape');
    await panel.waitFor({ state: 'detached' });
    await page.keyboard.press('t');
    const worst = page.getByRole('region', { name: 'Calls', exact: true }).getByRole('row').nth(1);
    expect(await worst.innerText()).toMatch(/gateway → order\s*unhealthy.*14\s*%/s);
    await page.getByRole('button', { name: 'Only what fails' }).click();
    await page.getByText('2 services, 1 connection').waitFor();
    await page.getByRole('button', { name: 'Services only' }).click();
    expect(new URL(page.url()).search).toMatch(/failing=true.*stores=false|stores=false.*failing=true/);
    expect(faults).toEqual([]);
  });

  it('goes back in time, compares with an earlier one, and stays where it is while figures come', async () => {
    const { page, server, faults } = await open('typical', 'topology?range=3h');
    const order = page.getByRole('button', { name: /^order\s*, service, / });
    const place = () => order.evaluate((element) => element.getAttribute('style'));
    await order.waitFor();
    await page.getByRole('button', { name: /^pay\.example\.com\s*, outside/ }).waitFor();
    const before = await place();
    server.use('trouble');
    await page.keyboard.press('r');
    await expect.poll(() => order.innerText()).toMatch(/unhealthy\s[^]*14\s*%/);
    expect(await place()).toBe(before);
    await page.getByRole('slider', { name: 'Moment' }).press('Home');
    await page
      .getByRole('status')
      .getByText(/Shown: .*\d\d:\d\d to .*\d\d:\d\d/)
      .waitFor();
    await page.getByRole('button', { name: /^pay\.example\.com/ }).waitFor({ state: 'detached' });
    // How it was then by its own history, not by how calls to it went.
    await page.getByRole('button', { name: /^catalog\s*, service, degraded/ }).waitFor();
    await page.getByRole('button', { name: 'Back to now' }).click();
    await page.getByRole('combobox', { name: 'Compare with' }).click();
    await page.getByRole('option', { name: '1 day earlier' }).click();
    await page.getByRole('button', { name: /^pay\.example\.com\s*, outside, healthy\s*new/ }).waitFor();
    expect(faults).toEqual([]);
  });

  it('holds three hundred nodes, finds one of them, and shows what is around it', async () => {
    const { page, faults } = await open('large', 'topology');
    await page.getByText('198 services, 100 stores and others').waitFor();
    expect(await page.locator('[data-node]').count()).toBe(298);
    await page.getByRole('combobox', { name: 'Find a service or store' }).fill('billing-03');
    await page.getByRole('option', { name: 'billing-03', exact: true }).click();
    await page.getByRole('button', { name: 'Show only what is around it' }).click();
    await page.getByRole('button', { name: 'Only around billing-03: show all again' }).waitFor();
    expect(await page.locator('[data-node]').count()).toBeLessThan(20);
    expect(faults).toEqual([]);
  });

  it('is a list on a phone, and names an empty and a failing server', async () => {
    const { page, faults } = await open('typical', 'topology', {
      viewport: { width: 390, height: 844 },
      hasTouch: true,
      isMobile: true,
    });
    await page.getByRole('region', { name: 'Calls', exact: true }).getByText('gateway → order').click();
    await page.getByRole('complementary', { name: 'About gateway calling order' }).waitFor();
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(390);
    expect(await seriousFindings(page)).toEqual([]);
    expect(faults).toEqual([]);
    const empty = await open('empty', 'topology');
    await empty.page.getByRole('heading', { name: 'No calls in this time range' }).waitFor();
    const failing = await open('error', 'topology');
    await failing.page.getByRole('alert').getByText('The topology cannot be shown').waitFor();
  });
});
