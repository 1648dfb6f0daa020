import { writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { SMTPServer } from 'smtp-server';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { OWN_RULES } from '../support/alerting.ts';
import { launchBrowser, openContext } from '../support/browser.ts';
import { heading, seriousFindings } from '../support/mocked-pages.ts';
import { type RunningPharos, removeData, startPharosProcess } from '../support/pharos.ts';

const MINUTE = 60_000;
const mails: string[] = [];

let pharos: RunningPharos;
let browser: Browser;
let smtp: SMTPServer;
beforeAll(async () => {
  smtp = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS', 'AUTH'],
    logger: false,
    onData: (stream, _, done) => {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        mails.push(decoded(Buffer.concat(chunks).toString('utf8')));
        done(null);
      });
    },
  });
  await new Promise<void>((resolve) => smtp.listen(0, '127.0.0.1', resolve));
  [pharos, browser] = await Promise.all([startPharosProcess({ config: OWN_RULES }), launchBrowser()]);
  await tellByMail((smtp.server.address() as AddressInfo).port);
});
afterAll(async () => {
  await browser.close();
  await pharos.stop();
  await new Promise<void>((resolve) => smtp.close(() => resolve()));
  await removeData(pharos);
});

/** Of quoted-printable, what links need. */
function decoded(mail: string): string {
  return mail
    .replaceAll(/=\r?\n/g, '')
    .replaceAll('=3D', '=')
    .replaceAll('&amp;', '&');
}

/** Ada is on call, and reads her mail. */
async function tellByMail(port: number): Promise<void> {
  const [routes, people] = ['alertmanager.yml', 'on-call.yml'].map((name) => join(pharos.directory, name));
  await writeFile(
    routes ?? '',
    `
global: { smtp_smarthost: '127.0.0.1:${port}', smtp_from: 'pharos@example.org', smtp_require_tls: false }
route: { receiver: pager, group_by: [alertname], group_wait: 0s, group_interval: 1s }
receivers: [ { name: pager }, { name: ada-mail, email_configs: [ { to: ada@example.org } ] } ]
`,
  );
  await writeFile(
    people ?? '',
    `
people: [ { name: ada, contacts: [ada-mail] } ]
schedules: [ { name: shop, layers: [ { people: [ada], start: 2026-01-01T00:00, every: 1w } ] } ]
policies: [ { name: usual, levels: [ { tell: [ { schedule: shop } ] } ] } ]
escalate: [ { receiver: pager, policy: usual } ]
`,
  );
  await writeFile(
    join(pharos.directory, 'pharos.yaml'),
    `${OWN_RULES}alertmanager: { config_file: '${routes}' }\non_call: { config_file: '${people}' }\n`,
  );
  pharos.child.kill('SIGHUP');
}

/** Stores values of a queue's length, by how many minutes ago they were. */
async function store(values: readonly (readonly [minutesAgo: number, value: number])[]): Promise<void> {
  const now = Date.now();
  const lines = values.map(([ago, value]) => `queue_length{queue="orders"} ${value} ${now - ago * MINUTE}\n`);
  const answer = await fetch(`${pharos.url}/api/v1/import/prometheus`, {
    method: 'POST',
    body: lines.join(''),
  });
  expect([answer.status, await answer.text()]).toEqual([204, '']);
}

const fits = (page: Page): Promise<unknown> =>
  page.evaluate('document.documentElement.scrollWidth <= innerWidth');

it('a rule is tried over the past, saved, fires, is acknowledged from a mail, silenced, resolved, read as an incident, changed and deleted', async () => {
  // Full between 40 and 30 minutes ago.
  await store(Array.from({ length: 61 }, (_, i) => [60 - i, i >= 20 && i < 30 ? 90 : 5] as const));
  const context = await openContext(browser);
  const page = await context.newPage();
  const faults: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error') faults.push(message.text());
  });
  page.on('pageerror', (error) => faults.push(error.message));

  await page.goto(`${pharos.url}/alerts/rules`);
  await page.getByRole('button', { name: 'New rule' }).click();
  await heading(page, 'New rule');
  await page.getByText('Still needed: a name, an expression').waitFor();
  await page.getByRole('textbox', { name: 'Name', exact: true }).fill('QueueFull');
  await page.getByRole('textbox', { name: 'Expression' }).fill('queue_length > ');
  await page.getByRole('alert').getByText('could not parse expression').waitFor();
  await page.getByRole('textbox', { name: 'Expression' }).fill('queue_length > 80');
  await page.getByRole('textbox', { name: 'It holds for' }).fill('1m');
  await page.getByRole('textbox', { name: 'Evaluated every' }).fill('1s');
  await page.getByRole('textbox', { name: 'Text of label severity' }).fill('critical');
  await page
    .getByRole('textbox', { name: 'Text of annotation summary' })
    .fill('{{ $labels.queue }} has {{ $value }}');
  await page.getByText('orders has 5').waitFor();
  await page.getByText('Last 1h').click();
  await page.getByText(/It would have fired once, for/).waitFor();
  await page.getByRole('region', { name: 'Firings' }).getByText('told ada by ada-mail').waitFor();
  await page.getByRole('textbox', { name: 'It holds for' }).fill('');
  await page.getByText(/Its condition/).waitFor();
  expect(await seriousFindings(page)).toEqual([]);
  await page.setViewportSize({ width: 390, height: 800 });
  await expect.poll(() => fits(page), { timeout: 30_000 }).toBe(true);
  await page.setViewportSize({ width: 1440, height: 900 });
  await page.getByRole('button', { name: 'Save' }).click();
  await heading(page, 'QueueFull');

  await store([[0, 91]]);
  await page.getByText('1 firing, 0 pending').waitFor();
  await expect.poll(() => mails.length, { timeout: 60_000, interval: 100 }).toBeGreaterThan(0);
  const link = /https?:\/\/[^\s"<>]+\/acknowledge\?token=[\w.~%-]+/.exec(mails[0] ?? '')?.[0] ?? '';
  await page.goto(link);
  await page.getByText('orders has 91').waitFor();
  await page.getByRole('button', { name: 'Acknowledge' }).click();
  await page
    .getByText(/acknowledged by ada/)
    .first()
    .waitFor();

  await page.goto(`${pharos.url}/alerts`);
  await page.getByRole('link', { name: /QueueFull/ }).click();
  await page
    .getByText(/acknowledged by ada by the link/)
    .first()
    .waitFor({ state: 'attached' });
  await page.getByRole('link', { name: /^Part of incident #\d+: QueueFull/ }).click();
  await heading(page, /^#\d+ QueueFull/);
  const incident = page.url();
  const timeline = page.getByRole('region', { name: 'Timeline' });
  await timeline
    .getByText(/QueueFull.* fired/)
    .first()
    .waitFor();
  await timeline
    .getByText(/acknowledged by ada by the link/)
    .first()
    .waitFor();
  await page.goBack();
  await page.getByRole('button', { name: 'Silence' }).click();
  const drawer = page.getByRole('dialog', { name: 'Silence an alert' });
  await drawer.getByRole('textbox', { name: 'Made by' }).fill('ada');
  await drawer.getByRole('textbox', { name: 'Why' }).fill('orders are moved');
  await drawer.getByRole('button', { name: 'Silence', exact: true }).click();
  await drawer.waitFor({ state: 'hidden' });
  await store([[0, 3]]);
  await page.goto(`${pharos.url}/alerts`);
  await page.getByRole('heading', { name: 'All is quiet' }).waitFor();
  await page.goto(incident);
  await timeline
    .getByText(/QueueFull.* ended/)
    .first()
    .waitFor();

  await page.goto(`${pharos.url}/alerts/rules`);
  await page.getByRole('link', { name: 'QueueFull' }).click();
  await page.getByRole('link', { name: 'Change it' }).click();
  await heading(page, 'Change QueueFull');
  await page.getByRole('textbox', { name: 'Expression' }).fill('queue_length > 200');
  await page.getByText('Last 1h').click();
  await page
    .getByRole('region', { name: /^Compared with QueueFull/ })
    .getByText('2 less')
    .waitFor();
  await page.getByRole('button', { name: 'Delete' }).click();
  await page.getByRole('button', { name: 'Delete it: its alerts end' }).click();
  await page.getByRole('heading', { name: 'No rule is loaded' }).waitFor();
  // What cannot be tried is refused while it is typed, and a browser says so.
  expect(faults.filter((text) => !/status of 4(?:00|22)/.test(text))).toEqual([]);
  await context.close();
});

it('a rule over log lines is tried over the past, saved and drawn', async () => {
  // Twelve orders failed within a minute, half an hour ago.
  const then = Date.now() - 30 * MINUTE;
  const values = Array.from({ length: 12 }, (_, i) => [`${then + i * 1000}000000`, `order ${i} failed`]);
  const pushed = await fetch(`${pharos.url}/loki/api/v1/push`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ streams: [{ stream: { app: 'shop' }, values }] }),
  });
  expect(pushed.status).toBe(204);
  const context = await openContext(browser);
  const page = await context.newPage();
  await page.goto(`${pharos.url}/alerts/rules/new`);
  await heading(page, 'New rule');
  await page.getByText('Log lines', { exact: true }).click();
  await page.getByRole('textbox', { name: 'Name', exact: true }).fill('OrdersFail');
  const expression = page.getByRole('textbox', { name: 'Expression' });
  await expression.fill('{app="shop"} |= "failed"');
  await page.getByRole('alert').getByText('it selects log lines').waitFor();
  await expression.fill('sum by (app) (count_over_time({app="shop"} |= "failed" [5m])) > 10');
  await page.getByRole('textbox', { name: 'It holds for' }).fill('1m');
  await page.getByText('Last 1h').click();
  await page.getByText(/^In the \d+\smin that are stored it would have fired once, for/).waitFor();
  expect(await seriousFindings(page)).toEqual([]);
  await page.setViewportSize({ width: 390, height: 800 });
  await expect.poll(() => fits(page), { timeout: 30_000 }).toBe(true);
  await page.setViewportSize({ width: 1440, height: 900 });
  await page.getByRole('button', { name: 'Save' }).click();
  await heading(page, 'OrdersFail');
  await page.getByText('log lines, in LogQL').waitFor();
  await page.getByRole('link', { name: 'Open in the logs' }).click();
  await page.getByText('Graph of the query').waitFor();
  await context.close();
});
