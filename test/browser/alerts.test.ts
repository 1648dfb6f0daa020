import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  giveOnCall,
  giveRulesAndRoutes,
  type Hook,
  OWN_RULES,
  sendAlerts,
  startHook,
} from '../support/alerting.ts';
import { openContext, sharedBrowser } from '../support/browser.ts';
import { heading, seriousFindings } from '../support/mocked-pages.ts';
import { type RunningPharos, removeData, startPharosProcess } from '../support/pharos.ts';

const MANY = 2000;

let pharos: RunningPharos;
let browser: Browser;
let hook: Hook;
beforeAll(async () => {
  [pharos, browser, hook] = await Promise.all([
    startPharosProcess({ config: OWN_RULES }),
    sharedBrowser(),
    startHook(),
  ]);
});
afterAll(async () => {
  await pharos.stop();
  hook.close();
  await removeData(pharos);
});

async function open(path: string, width = 1440) {
  const context = await openContext(browser, { viewport: { width, height: 900 } });
  const page = await context.newPage();
  const faults: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') faults.push(message.text());
  });
  page.on('pageerror', (error) => faults.push(error.message));
  await page.goto(`${pharos.url}/${path}`);
  return { page, faults, close: () => context.close() };
}

const tab = (page: Page, name: string): Promise<void> =>
  page.getByRole('navigation', { name: 'Pages of alerts' }).getByRole('link', { name }).click();

/** Whether the tab of the page that the reader is on stands in sight, where the row of tabs is wider than a phone. */
async function tabInSight(page: Page): Promise<boolean> {
  const tabs = page.getByRole('navigation', { name: 'Pages of alerts' });
  const box = await tabs.locator('[aria-current="page"]').boundingBox();
  return box !== null && box.x >= 0 && box.x + box.width <= (page.viewportSize()?.width ?? 0);
}

const fits = (page: Page): Promise<unknown> =>
  page.evaluate('document.documentElement.scrollWidth <= innerWidth');

/** One journey after the other over one server: what one makes the next one finds. */
/** Once what fades in is there: on its way its contrast is lower. */
async function isAccessible(page: Page): Promise<void> {
  await expect.poll(() => seriousFindings(page), { timeout: 10_000 }).toEqual([]);
}

it('the pages of alerts say what fills them, show what fires and why, and keep it quiet', async () => {
  const { page, faults, close } = await open('alerts');
  await page.getByRole('heading', { name: 'No rule and no alert yet' }).waitFor();
  for (const [name, title] of [
    ['Rules', 'No rule is loaded'],
    ['Silences', 'Nothing is silenced'],
    ['Maintenance', 'No maintenance is planned'],
    ['On call', 'Nobody is on call yet'],
    ['SLOs', 'No objective yet'],
    ['Routes', 'Nobody is told of alerts yet'],
    ['Deliveries', 'No notification in this time range'],
  ] as const) {
    await tab(page, name);
    await page.getByRole('heading', { name: title }).waitFor();
  }
  await isAccessible(page);

  await giveRulesAndRoutes(pharos, hook);
  await page.keyboard.press('g');
  await page.keyboard.press('a');
  await page.getByRole('link', { name: /ServiceDown Service order is down/ }).waitFor();
  // The stream tells of what fires: the count stands on every page.
  await page
    .getByRole('navigation', { name: 'Pages', exact: true })
    .first()
    .getByText('alert fires')
    .waitFor();
  await page.getByRole('button', { name: '1 pending' }).click();
  await page.getByRole('link', { name: /SlowAnswers/ }).waitFor();
  expect(await page.getByRole('link', { name: /ServiceDown/ }).count()).toBe(0);
  await page.getByRole('button', { name: '1 pending' }).click();
  await page.getByRole('textbox', { name: 'Filter alerts' }).fill('down');
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: /Without alertname=~/ }).waitFor();
  await page.getByRole('textbox', { name: 'Filter alerts' }).blur();
  await page.keyboard.press('j');
  await page.keyboard.press('Enter');

  await heading(page, 'ServiceDown');
  await page.getByText('Told to team by webhook[0].').waitFor();
  await page.getByText('told after 1 attempt: the receiver has not heard of the group').waitFor();
  await page.getByText('> 5: fires at once').waitFor();
  await page.getByText(/it fired once, for/).waitFor();
  const runbook = page.getByRole('link', { name: 'Runbook' });
  expect(await runbook.getAttribute('href')).toBe('https://runbooks.example/service-down');
  expect(await page.getByRole('link', { name: 'Its logs' }).getAttribute('href')).toContain('/logs?');
  await isAccessible(page);

  await page.getByRole('link', { name: 'ServiceDown', exact: true }).click();
  await page.getByText('an alerting rule').waitFor();
  await page.getByText('1 firing, 0 pending').waitFor();
  await tab(page, 'Rules');
  await page.getByText('4 rules in 2 groups, 1 fails').waitFor();
  await page.getByRole('button', { name: '1 failing' }).click();
  await page.getByRole('link', { name: 'Unclear' }).waitFor();
  expect(await page.getByRole('link', { name: 'SlowAnswers' }).count()).toBe(0);
  await isAccessible(page);
  expect(faults).toEqual([]);
  await close();
});

it('an incident says why its alerts belong together and what happened; people write, take apart, resolve', async () => {
  await sendAlerts(pharos, [
    { alertname: 'HighErrorRate', service: 'order', severity: 'critical' },
    { alertname: 'SlowQueries', service: 'order', severity: 'warning' },
  ]);
  const { page, faults, close } = await open('incidents');
  await page.getByRole('link', { name: /#\d+ ServiceDown of order and/ }).waitFor();
  await page.keyboard.press('j');
  await page.keyboard.press('Enter');
  await heading(page, /^#\d+ ServiceDown of order/);
  const timeline = page.getByRole('region', { name: 'Timeline' });
  await timeline.getByText('first sign of trouble').waitFor();
  await timeline.getByText('team was told by webhook[0]').first().waitFor();
  await page.getByText('belongs here by', { exact: false }).first().waitFor();
  await page.getByRole('textbox', { name: 'You are' }).fill('ana');
  await page.getByRole('textbox', { name: 'Note', exact: true }).fill('the store is full');
  await page.getByRole('button', { name: 'Write it down' }).click();
  await timeline.getByText('the store is full by ana').waitFor();
  const href = await page.getByRole('link', { name: 'Post-mortem (Markdown)' }).getAttribute('href');
  const document = await page.request.get(new URL(href ?? '', pharos.url).href);
  expect(await document.text()).toContain('the store is full');
  await isAccessible(page);
  await page.setViewportSize({ width: 390, height: 844 });
  await expect.poll(() => fits(page)).toBe(true);
  await page.getByRole('checkbox', { name: 'Choose SlowQueries of order' }).check();
  await page.getByRole('button', { name: 'Take 1 out into an incident of their own' }).click();
  await heading(page, /SlowQueries of order/);
  await page.getByText(/taken from #\d+ by ana/).waitFor();
  await page.getByRole('button', { name: 'Resolve', exact: true }).click();
  await page.getByText('resolved by ana').first().waitFor();
  expect(faults).toEqual([]);
  await close();
});

it(`${MANY} alerts are silenced together, after a look at whom it touches; the silence is ended`, async () => {
  const disks = Array.from({ length: MANY }, (_, i) => ({
    alertname: 'DiskFullSoon',
    severity: 'info',
    host: `host-${i}`,
  }));
  await sendAlerts(pharos, disks);
  const { page, faults, close } = await open('alerts');
  const group = page.getByRole('button', { name: /DiskFullSoon 2,000 firing/ });
  await group.click();
  await page
    .getByRole('link', { name: /DiskFullSoon Disk of host-/ })
    .first()
    .waitFor();
  expect(await page.getByRole('listitem').count()).toBeLessThan(100);
  await isAccessible(page);
  await group.click();
  await page.getByRole('checkbox', { name: 'Choose all of DiskFullSoon' }).check();
  await page.keyboard.press('s');
  const drawer = page.getByRole('dialog', { name: 'Silence 2000 alerts' });
  await drawer.getByText('It touches 2,000 alerts, as chosen.').waitFor();
  await drawer.getByText('Still needed: who makes it, why').waitFor();
  await drawer.getByRole('textbox', { name: 'Made by' }).fill('ana');
  await drawer.getByRole('textbox', { name: 'Why' }).fill('disks are on their way');
  await isAccessible(page);
  await drawer.getByRole('button', { name: 'Silence', exact: true }).click();
  await drawer.waitFor({ state: 'hidden' });
  await page.getByRole('button', { name: '2,000 silenced', exact: true }).waitFor();

  await tab(page, 'Silences');
  await page.getByText('disks are on their way, by ana').waitFor();
  await page.getByRole('button', { name: /^Change alertname/ }).click();
  const change = page.getByRole('dialog', { name: 'Change a silence' });
  await change.getByRole('textbox', { name: 'Why' }).fill('disks are here');
  await change.getByRole('button', { name: 'Save' }).click();
  await page.getByText('disks are here, by ana').waitFor();
  expect(await page.getByRole('region', { name: 'Over' }).count()).toBe(0);
  await page.getByRole('button', { name: /^End alertname/ }).click();
  await page.getByRole('button', { name: /^End now alertname/ }).click();
  await page.getByRole('button', { name: 'Show 1 that is over' }).click();
  await page.getByRole('button', { name: /^Make again alertname/ }).waitFor();
  await isAccessible(page);
  expect(faults).toEqual([]);
  await close();
});

it('labels are followed through the routes, deliveries are told with what went wrong, links of alerts lead to their expression', async () => {
  const { page, faults, close } = await open('alerts/routes');
  await page.getByRole('textbox', { name: 'Labels of an alert' }).fill('{"severity": "info", "team": "x"}');
  await page.getByText('Told to refused').waitFor();
  expect(await page.locator('[aria-current="true"]').innerText()).toContain('severity="info"');
  await isAccessible(page);
  await page.getByRole('textbox', { name: 'Labels of an alert' }).fill('no labels');
  await page.getByText('These are no labels').waitFor();

  await tab(page, 'Deliveries');
  await page.getByRole('button', { name: /failed$/ }).click();
  await page
    .getByText(/refused for good after 1 attempt/)
    .first()
    .waitFor();
  await isAccessible(page);
  await page
    .getByRole('link', { name: /^DiskFullSoon of host-/ })
    .first()
    .click();
  await heading(page, 'DiskFullSoon');

  await page.goto(`${pharos.url}/graph?g0.expr=${encodeURIComponent('vector(7) > 5')}&g0.tab=1`);
  await heading(page, 'Explore metrics');
  await page.getByText('vector(7) > 5').first().waitFor();
  await page.waitForURL(/explore\?.*view=table/);
  expect(faults).toEqual([]);
  await close();

  const phone = await open('alerts', 390);
  await phone.page.getByRole('link', { name: /ServiceDown/ }).waitFor();
  expect(await fits(phone.page)).toBe(true);
  for (const [name, title] of [
    ['Rules', 'Rules'],
    ['Silences', 'Silences'],
    ['Routes', 'Routes'],
    ['Deliveries', 'Deliveries'],
  ] as const) {
    await tab(phone.page, name);
    await heading(phone.page, title);
    expect([name, await fits(phone.page), await tabInSight(phone.page)]).toEqual([name, true, true]);
  }
  expect(phone.faults).toEqual([]);
  await phone.close();
});

it('on call: a page is acknowledged by a key, somebody stands in, the list of alerts says who knows, maintenance is planned, an objective has its page', async () => {
  await giveOnCall(pharos, hook);
  await sendAlerts(pharos, [{ alertname: 'CartStuck', team: 'shop', severity: 'critical' }]);
  const { page, faults, close } = await open('alerts/on-call');
  await page.getByRole('button', { name: 'Acknowledge CartStuck' }).waitFor();
  await page.getByText('one page waits for somebody').waitFor();
  await page
    .getByRole('group', { name: /^Week of/ })
    .nth(3)
    .waitFor();
  await page.getByText('who is on call in shop').first().waitFor();
  await isAccessible(page);
  await page.getByRole('textbox', { name: /^Your name/ }).fill('ana');
  await page.getByRole('textbox', { name: /^Your name/ }).blur();
  await page.keyboard.press('j');
  await page.keyboard.press('a');
  await page.getByText('every open page is acknowledged').waitFor();
  await page.getByText('acknowledged by ana').first().waitFor();

  await page.keyboard.press('n');
  const drawer = page.getByRole('dialog', { name: 'Stand in, shop' });
  await drawer.getByRole('combobox', { name: 'Who stands in' }).selectOption('grace');
  await drawer.getByText(/in Europe\/Berlin/).waitFor();
  await isAccessible(page);
  await drawer.getByRole('button', { name: 'Save' }).click();
  // As it goes it gives the focus back, and a button that asks once more forgets so when it loses it.
  await drawer.waitFor({ state: 'detached' });
  await page.getByRole('button', { name: /^Remove grace/ }).click();
  await page.getByRole('button', { name: /^Remove now grace/ }).click();
  await page.getByRole('heading', { name: 'Who stands in' }).waitFor({ state: 'detached' });

  await tab(page, 'Alerts');
  await heading(page, 'Alerts');
  await page.getByText('acknowledged by ana').waitFor();
  await page.getByRole('link', { name: /CartStuck/ }).click();
  await heading(page, 'CartStuck');
  await page.getByRole('button', { name: 'Take back' }).click();
  await page.getByRole('button', { name: 'Acknowledge' }).waitFor();
  await tab(page, 'Alerts');
  await heading(page, 'Alerts');
  // The list as it was is shown until it is asked again.
  await page.getByText('acknowledged by ana').waitFor({ state: 'detached' });
  await page.getByRole('checkbox', { name: 'Choose CartStuck' }).check();
  await page.keyboard.press('a');
  await page.getByText('acknowledged by ana').waitFor();
  await isAccessible(page);

  await tab(page, 'Maintenance');
  await heading(page, 'Maintenance');
  await page.keyboard.press('n');
  const form = page.getByRole('dialog', { name: 'New maintenance window' });
  await form.getByText('Still needed: a name, which alerts').waitFor();
  await form.getByRole('textbox', { name: 'Name' }).fill('patches');
  await form.getByRole('textbox', { name: 'Which alerts' }).fill('team="shop"');
  await isAccessible(page);
  await form.getByRole('button', { name: 'Save' }).click();
  await form.waitFor({ state: 'detached' });
  await page.getByText('1 open now').waitFor();
  await page.getByRole('button', { name: 'End patches' }).click();
  await page.getByRole('button', { name: 'End for good patches' }).click();
  await page.getByRole('heading', { name: 'No maintenance is planned' }).waitFor();

  await tab(page, 'SLOs');
  await heading(page, 'SLOs');
  await page.getByText('nothing is known of it yet').waitFor();
  await isAccessible(page);
  await page.keyboard.press('j');
  await page.keyboard.press('Enter');
  await heading(page, 'cart');
  await page.getByText('14.4×', { exact: true }).waitFor();
  await isAccessible(page);
  expect(await fits(page)).toBe(true);
  expect(faults).toEqual([]);
  await page.setViewportSize({ width: 390, height: 844 });
  for (const name of ['Maintenance', 'SLOs', 'On call']) {
    await tab(page, name);
    await heading(page, name);
    expect([name, await fits(page)]).toEqual([name, true]);
  }
  await page.getByText('who is on call in shop').first().waitFor();
  expect(await fits(page)).toBe(true);
  await close();
});
