import { describe, expect, it } from 'vitest';
import { findingsOfColours, heading, seriousFindings, useMockedPages } from '../support/mocked-pages.ts';

const open = useMockedPages();

const PAGES = [
  { path: '', title: /healthy/ },
  { path: 'services', title: 'Services' },
  { path: 'services/order', title: 'order' },
  { path: 'explore?q=%5B%22up%22%5D&view=table', title: 'Explore metrics' },
  { path: 'cardinality', title: 'Cardinality' },
  { path: 'targets', title: 'Scrape targets' },
  { path: 'shop', title: 'Shop controller' },
] as const;

/** What V8 does when its default locale is `en-US@posix`. */
const POSIX_BROWSER = `
  Object.defineProperty(Navigator.prototype, 'language', { get: () => 'en-US@posix', configurable: true });
  const compare = String.prototype.localeCompare;
  String.prototype.localeCompare = function (that, locales, options) {
    if (locales === undefined) throw new RangeError('Invalid language tag: en-US@posix');
    return compare.call(this, that, locales, options);
  };`;

describe('every page', () => {
  it.each(PAGES)('/$path loads clean and is accessible in both themes', async ({ path, title }) => {
    const { page, faults } = await open('trouble', path, { colorScheme: 'dark' });
    await heading(page, title === PAGES[0].title ? /unhealthy/ : title);
    await page.waitForLoadState('load');
    await page.getByRole('navigation', { name: 'Pages' }).first().waitFor();
    expect(await seriousFindings(page)).toEqual([]);
    await page.getByRole('button', { name: 'Switch between dark and light' }).click();
    await expect.poll(() => page.locator('html').getAttribute('data-mantine-color-scheme')).toBe('light');
    expect(await findingsOfColours(page)).toEqual([]);
    expect(faults).toEqual([]);
  });

  it.each([...PAGES, { path: 'explore', title: 'Explore metrics' }])(
    '/$path fits a phone without scrolling sideways',
    async ({ path, title }) => {
      const { page, faults } = await open('typical', path, {
        viewport: { width: 390, height: 844 },
        hasTouch: true,
        isMobile: true,
      });
      await heading(page, title);
      await page.getByRole('link', { name: 'Services', exact: true }).last().waitFor();
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(390);
      expect(faults).toEqual([]);
    },
  );

  it('opens by its address below a base path', async () => {
    const { page, faults } = await open('typical', 'services/order?range=15m', { base: '/tools/pharos/' });
    await heading(page, 'order');
    await page.getByRole('button', { name: 'Time range: Last 15 minutes' }).waitFor();
    await page
      .getByRole('navigation', { name: 'Pages' })
      .first()
      .getByRole('link', { name: 'Overview' })
      .click();
    await heading(page, 'All 5 services are healthy');
    expect(new URL(page.url()).pathname).toBe('/tools/pharos/');
    expect(new URL(page.url()).searchParams.get('range')).toBe('15m');
    expect(faults).toEqual([]);
  });

  it('works in a browser whose language Intl refuses, as those of the POSIX locale', async () => {
    const { page, context, faults } = await open('typical', 'nowhere');
    await context.addInitScript(POSIX_BROWSER);
    await page.goto(new URL('.', page.url()).href);
    await heading(page, /healthy/);
    await page.locator('canvas').first().waitFor();
    expect(await page.evaluate('navigator.language')).toBe('en');
    expect(faults).toEqual([]);
  });

  it('names what is missing on an unknown address', async () => {
    const { page } = await open('typical', 'nowhere');
    await heading(page, 'There is no page here');
  });
});

describe('live', () => {
  it('shows a change of state without a reload, holds still while paused, and catches up', async () => {
    const { page, server, faults } = await open('typical');
    await heading(page, 'All 5 services are healthy');
    server.use('trouble');
    await heading(page, 'order is unhealthy, 1 more degraded');
    await expect.poll(() => page.title()).toContain('1 unhealthy');
    await page.keyboard.press('p');
    await page.getByRole('button', { name: 'Paused. Resume updates' }).waitFor();
    server.use('typical');
    expect(server.streams()).toBe(1);
    const before = server.sent();
    await expect.poll(() => server.sent()).toBeGreaterThan(before + 2);
    await heading(page, 'order is unhealthy, 1 more degraded');
    await page.keyboard.press('p');
    await heading(page, 'All 5 services are healthy');
    expect(faults).toEqual([]);
  });

  it('says that the connection is lost and recovers by itself', async () => {
    const { page, server } = await open('typical');
    await heading(page, 'All 5 services are healthy');
    server.use('offline');
    const notice = page.getByText('Connection to Pharos lost');
    await notice.waitFor();
    server.use('trouble');
    await notice.waitFor({ state: 'detached' });
    await heading(page, 'order is unhealthy, 1 more degraded');
  });

  it('shares one stream between tabs, and another tab takes over', async () => {
    const { page, context, server } = await open('typical');
    await heading(page, 'All 5 services are healthy');
    const second = await context.newPage();
    await second.goto(server.url);
    await heading(second, 'All 5 services are healthy');
    await second.getByRole('button', { name: 'Live. Pause updates' }).waitFor();
    await expect.poll(() => server.streams()).toBe(1);
    await page.close();
    server.use('trouble');
    await heading(second, 'order is unhealthy, 1 more degraded');
    await expect.poll(() => server.streams()).toBe(1);
  });
});

describe('by keyboard', () => {
  it('finds a service, goes to pages, walks the list and shows its keys', async () => {
    const { page } = await open('typical');
    await heading(page, 'All 5 services are healthy');
    await page.keyboard.press('/');
    await page.getByPlaceholder('Find a service, page, dashboard or metric').fill('catal');
    await page.keyboard.press('Enter');
    await heading(page, 'catalog');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await page.keyboard.press('g');
    await page.keyboard.press('s');
    await heading(page, 'Services');
    await page.getByRole('listitem').first().waitFor();
    await page.keyboard.press('j');
    await page.keyboard.press('j');
    await page.keyboard.press('Enter');
    await heading(page, 'catalog');
    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: 'Keyboard' }).getByText('Pause or resume updates').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await page.keyboard.press('g');
    await page.keyboard.press('o');
    await heading(page, 'All 5 services are healthy');
  });
});

describe('charts', () => {
  it('zoom into the URL by dragging and go back by a double click', async () => {
    const { page } = await open('trouble', 'services/order');
    const plot = page.getByRole('img', { name: /^Requests, last values: requests/ });
    await plot.waitFor();
    const over = plot.locator('.u-over');
    const box = await over.boundingBox();
    if (box === null) throw new Error('the plot has no box');
    await page.mouse.move(box.x + box.width * 0.25, box.y + 40);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.75, box.y + 60, { steps: 4 });
    await page.mouse.up();
    await page.waitForURL(/from=\d+&to=\d+/);
    const { searchParams } = new URL(page.url());
    const span = Number(searchParams.get('to')) - Number(searchParams.get('from'));
    expect(span).toBeGreaterThan(6 * 60_000);
    expect(span).toBeLessThan(9 * 60_000);
    // The press that ends a drag is none on a point.
    expect(await page.getByRole('status').filter({ hasText: 'order at' }).count()).toBe(0);
    await over.dblclick({ position: { x: 30, y: 30 } });
    await page.waitForURL((url) => !url.searchParams.has('from'));
  });

  it('lead from a point of a curve to the traces that made it', async () => {
    const { page, faults } = await open('trouble', 'services/order?range=15m');
    const plot = page.getByRole('img', { name: /^Failed requests, last values: failed/ }).locator('.u-over');
    await plot.waitFor();
    await plot.click({ position: { x: 120, y: 60 } });
    const detail = page.getByRole('status').filter({ hasText: 'order at' });
    await detail.getByRole('link', { name: 'Its logs' }).waitFor();
    await detail.getByRole('link', { name: 'Its failed traces' }).click();
    await page.waitForURL(/\/traces\?/);
    const { searchParams } = new URL(page.url());
    expect([searchParams.get('service'), searchParams.get('error')]).toEqual(['order', 'true']);
    const [from, to] = [Number(searchParams.get('from')), Number(searchParams.get('to'))];
    expect(to - from).toBeGreaterThanOrEqual(60_000);
    expect(from).toBeGreaterThan(Date.now() - 16 * 60_000);
    expect(faults).toEqual([]);
  });

  it('draw the top 8 of 10,000 series, search them and isolate one', async () => {
    const { page, faults } = await open('large', 'services/search-09?range=15m');
    const figure = page.getByRole('figure', { name: 'Requests by route' });
    await figure.getByText('top 8 of 10,000 by last value').waitFor();
    await figure.getByRole('textbox').fill('00017');
    await figure.getByText('top 1 of 1 by last value').waitFor();
    const entry = figure.getByRole('button', { name: /things\/00017/ });
    await entry.click();
    expect(await entry.getAttribute('aria-pressed')).toBe('true');
    expect(faults).toEqual([]);
  });
});

describe('a service', () => {
  it('says which versions it ran, and since when', async () => {
    const { page } = await open('typical', 'services/order');
    const row = page.getByRole('row', { name: /^1\.4\.2/ });
    await row.waitFor();
    expect(await row.innerText()).toMatch(/1\.4\.2\s+\d.* ago\s+just now/);
    await page.getByRole('row', { name: /^1\.4\.1/ }).waitFor();
  });
});

describe('states', () => {
  it('explains an empty system with the command that fills it', async () => {
    const { page, faults } = await open('empty');
    await page.getByRole('heading', { name: 'No service yet' }).waitFor();
    await page.getByText('npm start').waitFor();
    expect(await seriousFindings(page)).toEqual([]);
    expect(faults).toEqual([]);
  });

  it('shows what still answers when a part fails', async () => {
    const { page } = await open('partial');
    await heading(page, 'order is unhealthy, 1 more degraded');
    await page.getByRole('alert').getByText('The curves cannot be shown').waitFor();
    await page.getByRole('cell', { name: 'order' }).waitFor();
    expect(await seriousFindings(page)).toEqual([]);
  });

  it('names one cause when nothing answers, with a way on', async () => {
    const { page, server } = await open('error');
    await page.getByRole('alert').getByText('The state of your services cannot be shown').waitFor();
    expect(await page.getByRole('alert').count()).toBe(1);
    expect(await seriousFindings(page)).toEqual([]);
    // Pressed while it still fails: once the server answers, the page may come back by itself before the press.
    const asked = page.waitForRequest((request) => request.url().includes('/api/'));
    await page.getByRole('button', { name: 'Try again' }).click();
    await asked;
    server.use('typical');
    await heading(page, 'All 5 services are healthy');
  });

  it('filters 200 services by state and name, in the URL', async () => {
    const { page } = await open('large', 'services');
    await page.getByRole('button', { name: '4 unhealthy' }).click();
    await page.getByText('4 of 200').waitFor();
    await page.getByRole('textbox', { name: 'Filter by name' }).fill('search');
    await page.getByText('1 of 200').waitFor();
    await page.reload();
    await page.getByText('1 of 200').waitFor();
  });
});

describe('the shop controller', () => {
  it('starts and ends a fault, and changes the traffic', async () => {
    const { page, faults } = await open('typical', 'shop');
    await page.getByLabel('What', { exact: true }).selectOption('added_latency');
    await page.getByLabel('Where', { exact: true }).selectOption('order');
    await page.getByLabel('latency, ms').fill('800');
    await page.getByRole('button', { name: 'Start the fault' }).click();
    const active = page.getByRole('region', { name: 'Active faults' });
    await active.getByText('latency 800 ms').waitFor();
    await active.getByRole('button', { name: 'End added latency on order' }).click();
    await active.getByText('Nothing is broken on purpose').waitFor();
    await page.getByText('Bursty').click();
    await page.getByRole('button', { name: 'Apply' }).click();
    await page.getByText('Traffic is bursty at 6 requests per second').waitFor();
    expect(faults).toEqual([]);
  });

  it('explains that the demo does not run', async () => {
    const { page } = await open('empty', 'shop');
    await page.getByText('The demo shop is not running').waitFor();
  });
});
