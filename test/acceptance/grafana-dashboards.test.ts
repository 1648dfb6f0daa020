import { readdirSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { readFrame, seriesName } from '../../packages/dashboard/src/api/frame.ts';
import { type Dashboard, storedSchema } from '../../packages/dashboard/src/features/dashboards/model.ts';
import { type Chosen, fillQuery } from '../../packages/dashboard/src/features/dashboards/vars/interpolate.ts';
import {
  ALL,
  choose,
  fixedOptions,
  optionsOf,
  readQuestion,
} from '../../packages/dashboard/src/features/dashboards/vars/options.ts';
import { builtIns } from '../../packages/dashboard/src/features/dashboards/vars/steps.ts';
import { launchBrowser, openContext } from '../support/browser.ts';
import { ensureDashboardBuilt } from '../support/dashboard.ts';
import { type RunningPharos, removeData, startPharosProcess } from '../support/pharos.ts';
import { exposition } from './grafana-exporters.ts';

const FOLDER = new URL('../../packages/server/src/dashboards/grafana/testdata/', import.meta.url);
const names = readdirSync(FOLDER).map((file) => file.replace('.json', ''));
const STEP = 15;

/** The little of the answers that is looked at here. */
interface Answer {
  readonly data: { readonly result: readonly { readonly metric: Record<string, string> }[] };
}
interface Listed {
  readonly data: string[];
}
const HOUR = 3600;

/** Imported dashboards, asked as the page asks them, over exporters of the kinds they were made for. */
describe('dashboards of Grafana, imported', () => {
  let pharos: RunningPharos;
  let exporter: Server;
  let rounds = 0;
  let browser: Browser;

  const get = async (path: string, params: Record<string, string>): Promise<unknown> => {
    const answer = await fetch(`${pharos.url}/${path}?${new URLSearchParams(params).toString()}`);
    return answer.json();
  };

  beforeAll(async () => {
    await ensureDashboardBuilt();
    browser = await launchBrowser();
    exporter = createServer((request, response) => {
      if (request.url === '/metrics') rounds++;
      response.setHeader('content-type', 'text/plain; version=0.0.4');
      response.end(exposition(rounds));
    });
    await new Promise<void>((resolve) => exporter.listen(0, '127.0.0.1', resolve));
    const { port } = exporter.address() as AddressInfo;
    const scrape = `{job_name: prometheus, honor_labels: true, scrape_interval: 1s, scrape_timeout: 1s, static_configs: [{targets: ['127.0.0.1:${port}']}]}`;
    pharos = await startPharosProcess({
      config: `host_metrics: {enabled: false}\nself_metrics: {enabled: false}\nscrape_configs: [${scrape}]\n`,
    });
    await vi.waitFor(
      async () => {
        const { data } = (await get('api/v1/query', { query: 'count_over_time(up[1m]) > 4' })) as Answer;
        if (data.result.length === 0) throw new Error('not scraped five times yet');
      },
      { timeout: 30_000, interval: 300 },
    );
  });
  afterAll(async () => {
    await browser.close();
    exporter.close();
    await pharos.stop();
    await removeData(pharos);
  });

  async function texts(query: string, now: number): Promise<string[]> {
    const question = readQuestion(query);
    if (question.kind === 'query_result') {
      const { data } = (await get('api/v1/query', { query: question.expr, time: String(now) })) as Answer;
      return data.result.map(({ metric }) => seriesName(metric, ''));
    }
    if (question.kind !== 'label_values') return [];
    const params = question.match === '' ? {} : { 'match[]': question.match };
    return (
      (await get(`api/v1/label/${question.label}/values`, {
        ...params,
        start: String(now - HOUR),
        end: String(now),
      })) as Listed
    ).data;
  }

  async function resolve({ variables }: Dashboard, now: number): Promise<Map<string, Chosen>> {
    const values = new Map<string, Chosen>(builtIns(STEP, (now - HOUR) * 1000, now * 1000));
    for (const variable of variables) {
      const options =
        variable.type === 'query'
          ? optionsOf(await texts(fillQuery(variable.query ?? '', values), now), variable.regex ?? '', 'none')
          : fixedOptions(variable);
      const chosen = choose(variable, undefined, options);
      const all = chosen.includes(ALL);
      const literal = all && (variable.allValue ?? '') !== '';
      const taken = literal
        ? [variable.allValue ?? '']
        : all
          ? options.map(({ value }) => value)
          : [...chosen];
      values.set(variable.name, {
        values: taken.map((value) => (value === '$__auto' ? '15s' : value)),
        text: '',
        multi: variable.multi === true || variable.includeAll === true,
        literal,
      });
    }
    return values;
  }

  it.each(names)('%s has no empty panel', async (name) => {
    const json: unknown = JSON.parse(readFileSync(new URL(`${name}.json`, FOLDER), 'utf8'));
    const made = await fetch(`${pharos.url}/api/v1/dashboards/import`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ json }),
    });
    expect(made.status).toBe(201);
    const { uid } = ((await made.json()) as { dashboard: { uid: string } }).dashboard;
    const raw: unknown = await get(`api/v1/dashboards/${uid}`, {});
    // What the page reads is what the server keeps: nothing is lost between their two models.
    const { dashboard } = storedSchema.parse(raw);
    expect(dashboard).toMatchObject((raw as { dashboard: object }).dashboard);
    const now = Math.floor(Date.now() / 1000);
    const values = await resolve(dashboard, now);
    const empty: string[] = [];
    for (const panel of dashboard.panels) {
      const asked = panel.queries.filter(({ source }) => source === 'metrics');
      for (const query of asked) {
        // `$__rate_interval` spans a minute, a narrow window of the few seconds there are.
        const expr = fillQuery(query.expr, values);
        const range = { query: expr, start: String(now - 60), end: String(now), step: '1' };
        const body: unknown = query.instant
          ? await get('api/v1/query', { query: expr })
          : await get('api/v1/query_range', range);
        const grid = {
          ref: query.ref,
          start: now - 60,
          end: now,
          step: query.instant ? 0 : 1,
          legend: query.legend,
          limit: 100,
          search: '',
          histograms: 'quantiles',
        } as const;
        const frame = readFrame(body, grid);
        if (frame === null || frame.values.every((value) => Number.isNaN(value)))
          empty.push(`${panel.title}, ${query.ref}: ${expr} -> ${JSON.stringify(body).slice(0, 160)}`);
      }
    }
    expect(empty).toEqual([]);
  });

  it.each(['node-exporter-full', 'prometheus-overview'])(
    '%s is drawn in the browser, every panel of it',
    async (name) => {
      const json: unknown = JSON.parse(readFileSync(new URL(`${name}.json`, FOLDER), 'utf8'));
      const made = await fetch(`${pharos.url}/api/v1/dashboards/import`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ json, overwrite: true }),
      });
      const { dashboard } = (await made.json()) as { dashboard: { uid: string; panels: { type: string }[] } };
      // Tall enough that every panel is near the screen and asks.
      const page = await (await openContext(browser, { viewport: { width: 1440, height: 5000 } })).newPage();
      try {
        await page.goto(`${pharos.url}/dashboards/${dashboard.uid}?range=5m`);
        await page.locator('h1').waitFor();
        await page.locator('section[aria-label] h3').first().waitFor();
        const folded = page.locator('button[aria-expanded="false"]:has(h2)');
        while ((await folded.count()) > 0) await folded.first().click();
        // A panel that steps by 20 s ends at the last whole step, which may lie before the first scrape.
        const refresh = page.getByRole('button', { name: 'Refresh now' });
        await expect
          .poll(
            async () => {
              const empty = await page.evaluate<string[]>(EMPTY_PANELS);
              if (empty.length > 0) await refresh.click();
              return empty;
            },
            { timeout: 60_000, interval: 500 },
          )
          .toEqual([]);
        const shown = await page.locator('section[aria-label]:has(header h3)').count();
        expect(shown).toBe(dashboard.panels.filter(({ type }) => type !== 'row').length);
      } finally {
        await page.close();
      }
    },
  );
});

/**
 * Runs in the page: titles of the panels that show nothing, with why. A chart must have pixels of a series' colour (axes are grey), a
 * figure a value, a table rows.
 */
const EMPTY_PANELS = `[...document.querySelectorAll('section[aria-label]:has(header h3)')].flatMap((panel) => {
  const said = (why) => [panel.getAttribute('aria-label') + ': ' + why];
  const body = panel.lastElementChild;
  if (body.querySelector('[role="alert"]')) return said(body.textContent);
  const canvas = body.querySelector('canvas');
  if (canvas) {
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    let coloured = 0;
    for (let at = 0; at < data.length; at += 4) {
      const [r, g, b] = [data[at], data[at + 1], data[at + 2]];
      if (data[at + 3] > 40 && Math.max(r, g, b) - Math.min(r, g, b) > 40) coloured++;
    }
    return coloured > 8 ? [] : said('nothing is drawn');
  }
  if (body.querySelector('table')) return body.querySelector('tbody tr td') ? [] : said('no rows');
  const figures = [...body.querySelectorAll('li')];
  if (figures.length > 0)
    return figures.some((figure) => /[\\d∞]|[a-z]{2}/i.test(figure.textContent)) ? [] : said('no value');
  return /No data|No query/.test(body.textContent) || body.textContent.trim() === '' ? said(body.textContent) : [];
})`;
