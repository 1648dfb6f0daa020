import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { ask, ownMetric } from './client.ts';
import { type RunningPharos, removeData, startPharosProcess } from './pharos.ts';

const PER_CHUNK = 50_000;
const LIMIT = 20_000;

/** So many series, none of which was there a scrape ago. */
async function flood(response: ServerResponse, series: number, round: number): Promise<void> {
  response.writeHead(200, { 'content-type': 'text/plain' });
  for (let from = 0; from < series; from += PER_CHUNK) {
    let text = '';
    for (let i = from; i < from + PER_CHUNK; i++) text += `flood{r="${round}",i="${i}"} 1\n`;
    if (response.destroyed) return;
    if (!response.write(text)) await once(response, 'drain', { signal: AbortSignal.timeout(60_000) });
  }
  response.end();
}

/** A target that suddenly has so many series, and one with huge label values, beside a good one: what is over their limits is lost and named, nobody else is harmed. */
export function floodHarmsNobody(series: number): void {
  let round = 0;
  const answers: Readonly<Record<string, (response: ServerResponse) => void>> = {
    good: (response) => response.setHeader('content-type', 'text/plain').end('good_total 1\n'),
    flood: (response) => void flood(response, series, round++).catch(() => response.destroy()),
    huge: (response) =>
      response
        .setHeader('content-type', 'text/plain')
        .end(`huge{a="${'x'.repeat(200 * 1024)}"} 1\nhuge{a="y"} 2\n`),
  };

  let targets: Server;
  let address: string;
  let pharos: RunningPharos;
  beforeAll(async () => {
    targets = createServer((request, response) => answers[(request.url ?? '/').slice(1)]?.(response));
    await new Promise<void>((resolve) => targets.listen(0, '127.0.0.1', resolve));
    address = `127.0.0.1:${(targets.address() as AddressInfo).port}`;
    const jobs = Object.keys(answers).map((name) => {
      // As long as the default lets any target take: this process has to answer for the flood as well.
      const interval = name === 'flood' ? '15s' : '10s';
      return `  - {job_name: ${name}, metrics_path: /${name}, scrape_interval: ${interval}, scrape_timeout: ${interval}, body_size_limit: 1GB, sample_limit: 10000000, static_configs: [{targets: ['${address}']}]}`;
    });
    pharos = await startPharosProcess({
      config: `self_metrics: {enabled: false}\nhost_metrics: {enabled: false}\nmetrics: {target_series_limit: ${LIMIT}}\nscrape_configs:\n${jobs.join('\n')}\n`,
    });
  });
  afterAll(async () => {
    await pharos.stop();
    await removeData(pharos);
    targets.closeAllConnections();
    await new Promise((resolve) => targets.close(resolve));
  });

  async function value(query: string): Promise<number> {
    return Number((await ask(pharos.url, query))[0]?.value[1] ?? Number.NaN);
  }

  const over = (job: string, limit: string): Promise<number> =>
    ownMetric(
      pharos.url,
      'pharos_scrape_target_over_limit',
      `job="${job}",instance="${address}",limit="${limit}"`,
    );

  describe('targets without measure', () => {
    it('lose what is over their limits, are named, and harm nobody else', async () => {
      await vi.waitFor(async () => expect(await over('flood', 'target_series_limit')).toBe(1), {
        timeout: 60_000,
        interval: 500,
      });
      // At once: it comes again.
      expect(await value('count(flood)')).toBe(LIMIT);
      const answer = (await (await fetch(`${pharos.url}/api/v1/targets?state=active`)).json()) as {
        data: { activeTargets: { scrapePool: string; limits?: { limit: string; message: string }[] }[] };
      };
      const flooding = answer.data.activeTargets.find(({ scrapePool }) => scrapePool === 'flood');
      expect(flooding?.limits).toEqual([
        {
          limit: 'target_series_limit',
          samples: series - LIMIT,
          message: `the target has its limit of ${LIMIT} series`,
        },
      ]);
      await vi.waitFor(async () => expect(await over('huge', 'label_value_length')).toBe(1), {
        timeout: 30_000,
        interval: 500,
      });
      expect(await value('huge{a="y"}')).toBe(2);
      expect(await value('count(huge)')).toBe(1);
      await vi.waitFor(async () => expect(await value('good_total')).toBe(1), {
        timeout: 30_000,
        interval: 500,
      });
      expect(await value('min_over_time(up{job="good"}[5m])')).toBe(1);
    });
  });
}
