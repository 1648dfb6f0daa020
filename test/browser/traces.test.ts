import { describe, expect, it } from 'vitest';
import { heading, seriousFindings, useMockedPages } from '../support/mocked-pages.ts';

const open = useMockedPages();
/** A made-up trace that failed and has nothing of a large one (dev/mock/traces.ts). */
const FAILED = 'abcdef0123456789' + (1_795_305_889 - (1_795_305_889 % 7)).toString(16).padStart(16, '0');
const LARGE = 'abcdef0123456789' + (1_795_305_890).toString(16).padStart(16, '0');

describe('the traces page', () => {
  it('lists traces, filters in the URL, and opens one by the keyboard', async () => {
    const { page, faults } = await open('typical', 'traces');
    await heading(page, 'Traces');
    const list = page.getByRole('region', { name: 'Traces found' });
    await list.getByRole('listitem').first().waitFor();
    await page.keyboard.press('e');
    await page.waitForURL(/error=true/);
    await page.getByRole('button', { name: 'Failed spans only', pressed: true }).waitFor();
    await page.getByRole('textbox', { name: 'The span takes at least' }).fill('10');
    await page.keyboard.press('Enter');
    await page.waitForURL(/min=10ms/);
    await page.keyboard.press('Escape');
    await page.reload();
    expect(await page.getByRole('textbox', { name: 'The span takes at least' }).inputValue()).toBe('10ms');
    await list
      .getByText(/failed$/)
      .first()
      .waitFor();
    expect(await seriousFindings(page)).toEqual([]);
    await list.getByRole('button', { name: 'Compare' }).nth(0).click();
    await list.getByRole('button', { name: 'Compare' }).nth(1).click();
    await heading(page, 'Compare traces');
    const places = page.getByRole('region', { name: 'Places of the two traces' });
    await places.getByText('only in A').first().waitFor();
    expect(await seriousFindings(page)).toEqual([]);
    await page.goBack();
    await list.getByRole('listitem').first().waitFor();
    await page.keyboard.press('j');
    await page.keyboard.press('Enter');
    await page.getByRole('tree', { name: 'Spans' }).waitFor();
    expect(faults).toEqual([]);
  });

  it('chooses traces in the plot, says what they have in common, searches there, and orders by duration', async () => {
    const { page, faults } = await open('typical', 'traces');
    const plot = page.getByRole('img', { name: /^Durations of 300 traces/ });
    const box = await plot.boundingBox();
    if (box === null) throw new Error('the plot has no box');
    await page.mouse.move(box.x + box.width * 0.5, box.y + 4);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width - 1, box.y + box.height * 0.4, { steps: 3 });
    await page.mouse.up();
    await page.waitForURL(/sel=/);
    const common = page.getByRole('region', { name: 'What they have in common' });
    await common.getByRole('link', { name: 'catalog · db.statement SELECT products' }).waitFor();
    expect(await seriousFindings(page)).toEqual([]);
    await page.getByText('Slowest', { exact: true }).click();
    await page.waitForURL(/sort=slowest/);
    await common.getByRole('button', { name: 'Search only there' }).click();
    await page.waitForURL((url) => url.searchParams.has('min') && !url.searchParams.has('sel'));
    await page.goBack();
    await common.getByRole('link', { name: /SELECT products/ }).click();
    await page.getByRole('button', { name: 'Remove db.statement=SELECT products' }).waitFor();
    expect(faults).toEqual([]);
  });

  it('shows a trace: failed spans, the way to one, its attributes, exception and logs', async () => {
    const { page, faults } = await open('typical', `traces/${FAILED}`);
    const tree = page.getByRole('tree', { name: 'Spans' });
    await tree.getByRole('treeitem').first().waitFor();
    const count = await tree.getByRole('treeitem').count();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('ArrowLeft');
    await expect.poll(() => tree.getByRole('treeitem').count()).toBe(1);
    await page.keyboard.press('ArrowRight');
    await expect.poll(() => tree.getByRole('treeitem').count()).toBe(count);
    await page.getByRole('button', { name: 'Failed', exact: true }).click();
    await page.waitForURL(/show=errors/);
    await tree
      .getByRole('treeitem', { name: /failed/ })
      .last()
      .click();
    const span = page.getByRole('complementary', { name: 'Span' });
    await span.getByRole('region', { name: 'Attributes' }).getByText('http.route').waitFor();
    await span.getByText('no stock of 17').first().waitFor();
    await span.getByRole('region', { name: 'Logs' }).getByRole('listitem').first().waitFor();
    expect(await seriousFindings(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await page.getByText('Flame graph', { exact: true }).click();
    const frames = page.getByRole('img', { name: /^\d+ frames of/ });
    await frames.click({ position: { x: 40, y: 30 } });
    await page.getByRole('button', { name: 'Its longest span' }).click();
    await span.getByRole('region', { name: 'Attributes' }).getByText('http.route').waitFor();
    expect(await seriousFindings(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await span.waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Whole trace' }).click();
    for (const key of ['ArrowUp', 'ArrowUp', 'ArrowDown', 'o']) await page.keyboard.press(key);
    await span.getByRole('region', { name: 'Attributes' }).getByText('http.route').waitFor();
    await page.getByText('Operations', { exact: true }).click();
    await page.waitForURL(/view=operations/);
    await page.getByRole('button', { name: 'Spans', exact: true }).click();
    expect(await seriousFindings(page)).toEqual([]);
    await page.reload();
    await span.getByRole('navigation', { name: 'Ancestors' }).getByRole('button').first().click();
    await page.waitForURL(/span=0000000000000001/);
    await page.keyboard.press('Escape');
    await span.waitFor({ state: 'detached' });
    expect(faults).toEqual([]);
  });

  it('finds spans by what only the server knows of them', async () => {
    const { page, faults } = await open('typical', `traces/${FAILED}`);
    await page.getByRole('tree', { name: 'Spans' }).getByRole('treeitem').first().waitFor();
    await page.keyboard.press('/');
    await page.keyboard.type('OutOfStock');
    await page.getByText('2 found', { exact: true }).waitFor();
    await page.keyboard.press('Enter');
    await page.getByRole('complementary', { name: 'Span' }).getByText('no stock of 17').first().waitFor();
    expect(faults).toEqual([]);
  });

  it('leads from the page of a request to its traces, their logs and the metrics they count in', async () => {
    const { page, faults } = await open('typical', 'requests/r-1');
    await heading(page, 'Request');
    const trace = page.getByRole('listitem').filter({ hasText: '2 failed' }).first();
    await trace.getByRole('link', { name: 'Its metrics' }).click();
    await heading(page, 'Explore metrics');
    await page.getByText('The dashed line is the request of').waitFor();
    await page.getByRole('img', { name: /^Graph, last values: (?!no data)/ }).waitFor();
    await page.goBack();
    await trace.getByRole('link', { name: 'Its logs' }).click();
    await page.waitForURL(/trace_id/);
    await page.goBack();
    expect(await seriousFindings(page)).toEqual([]);
    await trace.getByRole('link').first().click();
    await page.getByRole('tree', { name: 'Spans' }).waitFor();
    expect(faults).toEqual([]);
  });

  it('opens 50,000 spans, of which few stand in the page, finds in them and scrolls to the last', async () => {
    const { page, faults } = await open('large', `traces/${LARGE}`);
    const tree = page.getByRole('tree', { name: 'Spans' });
    await page.getByText('50,000 spans of').waitFor();
    await page.keyboard.press('/');
    await page.keyboard.type('verify');
    await page.getByText(/of \d,\d+ found|[\d,]+ found/).waitFor();
    await page.keyboard.press('Enter');
    await page.getByText(/^1 of [\d,]+ found/).waitFor();
    await page.getByRole('complementary', { name: 'Span' }).waitFor();
    await page.keyboard.press('Escape');
    await page.keyboard.press('Escape');
    await page.getByText('are here, the others come').waitFor({ state: 'detached' });
    await page.keyboard.press('End');
    await tree.locator('#span-49999').waitFor();
    expect(await tree.getByRole('treeitem').count()).toBeLessThan(100);
    expect(faults).toEqual([]);
  });

  it('names an empty and a failing server, and a trace that is not there, on a phone too', async () => {
    const phone = { viewport: { width: 390, height: 844 } };
    const { page } = await open('empty', 'traces', phone);
    await page.getByRole('heading', { name: 'No traces in this time range' }).waitFor();
    await page.getByRole('textbox', { name: 'Open a trace by its id' }).fill('77');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'There is no such trace' }).waitFor();
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(390);
    const failing = await open('error', 'traces');
    await failing.page.getByRole('alert').getByText('The traces cannot be shown').waitFor();
    const typical = await open('typical', `traces/${FAILED}`, phone);
    await typical.page.getByRole('treeitem').last().click();
    await typical.page.getByRole('complementary', { name: 'Span' }).getByText('http.route').waitFor();
    expect(await seriousFindings(typical.page)).toEqual([]);
    expect(await typical.page.evaluate('document.documentElement.scrollWidth')).toBe(390);
  });
});
