import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { type RunningPharos, removeData, startPharosProcess } from '../support/pharos.ts';

let pharos: RunningPharos;
const WEB = 'web: {enable_lifecycle: true}\n';
const job = (name: string): string =>
  `  - {job_name: ${name}, scrape_interval: 1h, static_configs: [{targets: ['127.0.0.1:9']}]}\n`;
const jobs = (...names: string[]): string => `${WEB}scrape_configs:\n${names.map(job).join('')}`;

beforeAll(async () => {
  pharos = await startPharosProcess({ config: jobs('kept', 'old') });
});
afterAll(async () => {
  await pharos.stop();
  await removeData(pharos);
});

const write = (text: string): Promise<void> => writeFile(join(pharos.directory, 'pharos.yaml'), text);
const poolsShape = z.object({ data: z.object({ scrapePools: z.array(z.string()) }) });

async function pools(): Promise<string[]> {
  const answer = await fetch(`${pharos.url}/api/v1/scrape_pools`);
  return poolsShape.parse(await answer.json()).data.scrapePools;
}

async function reload(): Promise<[number, string]> {
  const answer = await fetch(`${pharos.url}/-/reload`, { method: 'POST' });
  return [answer.status, await answer.text()];
}

it('takes a new configuration by /-/reload and by SIGHUP, and refuses a wrong one whole', async () => {
  expect(await pools()).toEqual(['kept', 'old', 'pharos']);
  await write(jobs('kept', 'new'));
  expect(await reload()).toEqual([200, '']);
  expect(await pools()).toEqual(['kept', 'new', 'pharos']);

  await write(`${jobs('kept', 'other')}global: {scrape_interval: 5}\n`);
  const [status, text] = await reload();
  expect(status).toBe(500);
  expect(text).toMatch(/failed to reload config: .*pharos\.yaml:\d+:\d+: global\.scrape_interval/);
  expect(await pools()).toEqual(['kept', 'new', 'pharos']);
  expect(await (await fetch(`${pharos.url}/metrics`)).text()).toMatch(
    /^pharos_config_last_reload_successful 0$/m,
  );
  expect(await (await fetch(`${pharos.url}/api/v1/notifications`)).text()).toContain(
    'Configuration reload has failed.',
  );

  await write(jobs('kept'));
  pharos.child.kill('SIGHUP');
  await vi.waitFor(async () => expect(await pools()).toEqual(['kept', 'pharos']), { timeout: 10_000 });
  expect(await (await fetch(`${pharos.url}/metrics`)).text()).toMatch(
    /^pharos_config_last_reload_successful 1$/m,
  );
});

it('ends by /-/quit, in good order', async () => {
  const exited = new Promise((resolve) => pharos.child.once('exit', resolve));
  const answer = await fetch(`${pharos.url}/-/quit`, { method: 'POST' });
  expect([answer.status, await answer.text()]).toEqual([200, 'Requesting termination... Goodbye!']);
  expect(await exited).toBe(0);
});
