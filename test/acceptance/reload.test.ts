import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { type RunningPharos, removeData, startPharosProcess } from '../support/pharos.ts';

let pharos: RunningPharos;
const WEB = `web: {enable_lifecycle: true}
egress: {allow: [10.0.0.0/8]}
events: {webhooks: [{url: 'http://127.0.0.1:9/', secret: not-to-be-shown}]}
`;
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
  await vi.waitFor(async () => expect(await pools()).toEqual(['kept', 'pharos']), { timeout: 30_000 });
  expect(await (await fetch(`${pharos.url}/metrics`)).text()).toMatch(
    /^pharos_config_last_reload_successful 1$/m,
  );
});

it('takes modules of probes, unless one of them cannot run', async () => {
  const moduleNames = async (): Promise<string> =>
    (await fetch(`${pharos.url}/probe?target=x&module=?`)).text();
  await write(`${jobs('kept')}modules: {own: {prober: icmp}}\n`);
  expect(await reload()).toEqual([200, '']);
  expect(await moduleNames()).toContain('own');
  const broken = '{prober: http, http: {tls_config: {ca_file: /nowhere/ca.pem}}}';
  await write(`${jobs('kept')}modules: {other: ${broken}}\n`);
  expect(await reload()).toEqual([500, expect.stringMatching(/modules\.other: .*\/nowhere\/ca\.pem/)]);
  expect(await moduleNames()).toContain('own');
});

const inside = z.object({
  services: z.array(z.object({ name: z.string() })),
  settings: z.array(z.object({ setting: z.string(), from: z.string(), written: z.unknown() })).optional(),
  queues: z.array(z.object({ name: z.string(), capacity: z.number().nullable() })).optional(),
  pools: z.array(z.object({ name: z.string(), targets: z.array(z.object({ url: z.string() })) })).optional(),
  pid: z.number().optional(),
  tables: z.array(z.object({ name: z.string(), parts: z.number() })).optional(),
  lines: z.array(z.object({ level: z.string(), message: z.string() })).optional(),
});

it('shows its inside to its administrator, without secrets', async () => {
  const door = async (path: string) => {
    const answer = await fetch(`${pharos.url}/api/debug/${path}`);
    const text = await answer.text();
    expect([path, answer.status, text]).toEqual([path, 200, expect.not.stringContaining('not-to-be-shown')]);
    return inside.parse(JSON.parse(text));
  };
  const { settings } = await door('config');
  expect(settings).toContainEqual({
    setting: 'events.webhooks',
    from: expect.stringMatching(/pharos\.yaml:3:\d+$/),
    written: [{ url: 'http://127.0.0.1:9/', secret: '<secret>' }],
  });
  expect(settings).toContainEqual({ setting: 'web.port', from: 'flag --set web.port', written: 0 });
  // Those of all parts that run without being configured.
  expect((await door('queues')).queues?.map(({ name }) => name)).toEqual([
    'alert_decisions',
    'alert_notifications',
    'egress',
    'engine',
    'errors',
    'event_webhooks',
    'events',
    'journal',
    'late_samples',
    'live_stream',
    'log_files',
    'log_tails',
    'logs',
    'probes',
    'remote_write',
    'service_graph',
    'status_page',
    'syslog',
    'traces',
  ]);
  const { pools, services } = await door('targets');
  expect(pools).toContainEqual({ name: 'kept', targets: [{ url: 'http://127.0.0.1:9/metrics' }] });
  expect(services.map(({ name }) => name)).toContain('pharos');
  const { pid, tables } = await door('engine');
  expect(pid).not.toBe(pharos.child.pid);
  expect(pid).toBeGreaterThan(0);
  expect(tables).toContainEqual(expect.objectContaining({ name: 'schema_versions' }));
  expect((await door('logs?level=error')).lines?.map(({ message }) => message)).toContain(
    'the configuration was read again and refused; the old one stays',
  );
});

it('ends by /-/quit, in good order', async () => {
  const exited = new Promise((resolve) => pharos.child.once('exit', resolve));
  const answer = await fetch(`${pharos.url}/-/quit`, { method: 'POST' });
  expect([answer.status, await answer.text()]).toEqual([200, 'Requesting termination... Goodbye!']);
  expect(await exited).toBe(0);
});
