import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { type RunningPharos, removeData, startPharosProcess } from '../support/pharos.ts';

const CONFIG = `web: {enable_lifecycle: true}
global: {evaluation_interval: 1s, external_labels: {site: here}}
rule_files: ['rules/*.yml']
log_rule_files: ['rules/*.logql']
rules: {for_grace_period: 0s, ready: {enabled: false}}
self_metrics: {enabled: false}
host_metrics: {enabled: false}
`;

const RULES = `groups:
- name: shop
  rules:
  - record: job:level:sum
    expr: sum by (job) (level)
  - alert: Empty
    expr: job:level:sum == 0
    for: 2s
    labels: {severity: critical}
    annotations: {summary: '{{ $labels.job }} at {{ $externalLabels.site }}: {{ query "count(level)" | first | value }}'}
  - alert: Slow
    expr: level == 0
    for: 1h
`;

const rulesShape = z.object({
  data: z.object({
    groups: z.array(
      z.object({
        name: z.string(),
        file: z.string(),
        language: z.string().optional(),
        rules: z.array(z.object({ name: z.string(), health: z.string(), state: z.string().optional() })),
      }),
    ),
  }),
});
const alertsShape = z.object({
  data: z.object({
    alerts: z.array(
      z.object({
        labels: z.record(z.string(), z.string()),
        annotations: z.record(z.string(), z.string()),
        state: z.string(),
        activeAt: z.string(),
        value: z.string(),
      }),
    ),
  }),
});
const vectorShape = z.object({
  data: z.object({ result: z.array(z.object({ metric: z.record(z.string(), z.string()) })) }),
});

let pharos: RunningPharos;
const PATIENCE = { timeout: 60_000, interval: 100 };

beforeAll(async () => {
  pharos = await startPharosProcess({ config: CONFIG });
});
afterAll(async () => {
  await pharos.stop();
  await removeData(pharos);
});

async function write(name: string, text: string): Promise<void> {
  await mkdir(join(pharos.directory, 'rules'), { recursive: true });
  await writeFile(join(pharos.directory, 'rules', name), text);
}

async function reload(): Promise<[number, string]> {
  const answer = await fetch(`${pharos.url}/-/reload`, { method: 'POST' });
  return [answer.status, await answer.text()];
}

async function push(...lines: string[]): Promise<void> {
  const answer = await fetch(`${pharos.url}/api/v1/import/prometheus`, {
    method: 'POST',
    body: lines.join('\n'),
  });
  expect(answer.ok).toBe(true);
}

const get = async (path: string): Promise<unknown> => (await fetch(`${pharos.url}/api/v1/${path}`)).json();
const groups = async () => rulesShape.parse(await get('rules')).data.groups;
const alerts = async (name: string) =>
  alertsShape.parse(await get('alerts')).data.alerts.filter(({ labels }) => labels['alertname'] === name);
const series = async (query: string) =>
  vectorShape
    .parse(await get(`query?query=${encodeURIComponent(query)}`))
    .data.result.map(({ metric }) => metric);

it('takes rule files beside the configuration file, and evaluates them', async () => {
  await write('shop.yml', RULES);
  expect(await reload()).toEqual([200, '']);
  expect(await groups()).toMatchObject([
    { name: 'shop', file: join(pharos.directory, 'rules', 'shop.yml'), rules: [{}, {}, {}] },
  ]);
  await push(`level{job="a"} 0`, `level{job="b"} 1`);
  await vi.waitFor(async () => {
    expect(await series('job:level:sum')).toHaveLength(2);
    expect(await alerts('Empty')).toMatchObject([
      { state: 'firing', labels: { alertname: 'Empty', job: 'a', severity: 'critical' }, value: '0e+00' },
    ]);
    expect(await series('ALERTS{alertname="Empty"}')).toEqual([
      { __name__: 'ALERTS', alertname: 'Empty', alertstate: 'firing', job: 'a', severity: 'critical' },
    ]);
  }, PATIENCE);
  expect((await alerts('Empty'))[0]?.annotations).toEqual({ summary: 'a at here: 2' });
  expect((await groups())[0]?.rules.map(({ health }) => health)).toEqual(['ok', 'ok', 'ok']);
});

it('refuses a broken file whole, with its place, and goes on with the old ones', async () => {
  await write('broken.yml', 'groups:\n- name: b\n  rules:\n  - alert: X\n    expr: sum(\n');
  const [status, text] = await reload();
  expect(status).toBe(500);
  expect(text).toMatch(/rules\/broken\.yml: 5:11: group "b", rule 1, "X": could not parse expression: /);
  expect((await groups()).map(({ name }) => name)).toEqual(['shop']);
  await write('broken.yml', 'groups: []\n');
  expect(await reload()).toEqual([200, '']);
});

it('goes on after a restart where it was', async () => {
  await vi.waitFor(async () => {
    const [alert] = await alerts('Slow');
    expect(Date.now() - Date.parse(alert?.activeAt ?? '')).toBeGreaterThan(10_000);
  }, PATIENCE);
  await pharos.stop();
  const restarted = Date.now();
  pharos = await startPharosProcess({ config: CONFIG, directory: pharos.directory });
  await vi.waitFor(async () => {
    const [alert] = await alerts('Slow');
    expect(alert?.state).toBe('pending');
    expect(Date.parse(alert?.activeAt ?? '')).toBeLessThan(restarted);
  }, PATIENCE);
  // And it is written again, from then on.
  const fresh = `timestamp(ALERTS) > ${restarted / 1000}`;
  await vi.waitFor(async () => expect(await series(fresh)).toHaveLength(2), PATIENCE);
});

it('an alert ends with its condition, and so do its series', async () => {
  await push(`level{job="a"} 1`);
  await vi.waitFor(async () => {
    expect([await alerts('Empty'), await series('ALERTS')]).toEqual([[], []]);
  }, PATIENCE);
});

it("counts log lines for Loki's rule files, and tells clients of Loki's API of them", async () => {
  await write(
    'lines.logql',
    `groups:
- name: lines
  rules:
  - record: job:errors:count
    expr: sum by (job) (count_over_time({app="shop"} |= "failed" [5m]))
  - alert: Failing
    expr: sum by (job) (count_over_time({app="shop"} |= "failed" [5m])) > 2
    for: 2s
    annotations: {summary: '{{ $labels.job }}: {{ $value }} of {{ query "sum(lines)" | first | value }}'}
`,
  );
  expect(await reload()).toEqual([200, '']);
  await push('lines 9');
  const now = Date.now();
  const values = Array.from({ length: 6 }, (_, i) => [
    `${now - i}000000`,
    i < 4 ? `order ${i} failed` : 'ok',
  ]);
  const { status } = await fetch(`${pharos.url}/loki/api/v1/push`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ streams: [{ stream: { app: 'shop', job: 'orders' }, values }] }),
  });
  expect(status).toBe(204);
  await vi.waitFor(async () => {
    expect(await alerts('Failing')).toMatchObject([
      { state: 'firing', labels: { job: 'orders' }, value: '4e+00' },
    ]);
    expect(await series('job:errors:count == 4')).toMatchObject([{ job: 'orders' }]);
    expect(await series('ALERTS{alertname="Failing", alertstate="firing"}')).toHaveLength(1);
  }, PATIENCE);
  expect((await alerts('Failing'))[0]?.annotations).toEqual({ summary: 'orders: 4 of 9' });
  const ofLoki = rulesShape.parse(await (await fetch(`${pharos.url}/prometheus/api/v1/rules`)).json());
  expect(ofLoki.data.groups).toMatchObject([{ name: 'lines', language: 'logql' }]);
  const yaml = await (await fetch(`${pharos.url}/loki/api/v1/rules`)).text();
  expect(yaml).toContain('alert: Failing');
});
