import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { alertmanagerPeer, freePort, type RunningPeer, startPeer } from '../support/peers.ts';
import { type RunningPharos, removeData, startPharosProcess } from '../support/pharos.ts';

/*
 * What the alert generator part of Prometheus' compliance suite expects of whoever evaluates rules (compat 9.2), with seconds for its
 * minutes: states over time in the API and in ALERTS, what is sent and how often, and what a real Alertmanager makes of it.
 */
const alertmanager = await alertmanagerPeer();
if (alertmanager.path === null) console.log(`skipped in part: ${alertmanager.reason}`);

const RULES = `groups:
- name: generator
  rules:
  - alert: PendingAndFiringAndResolved
    expr: level{case="all"} > 10
    for: 4s
    labels: {severity: page, case: all}
    annotations: {description: 'level is {{ $value }}'}
  - alert: PendingAndResolved
    expr: level{case="short"} > 10
    for: 10m
  - alert: ZeroFor
    expr: level{case="zero"} > 10
  - alert: ManySeries
    expr: sum by (case, part) (many) > 10
    for: 1s
  - alert: KeepsFiring
    expr: level{case="keeps"} > 10
    keep_firing_for: 4s
`;

const postShape = z.array(
  z.object({
    labels: z.record(z.string(), z.string()),
    annotations: z.record(z.string(), z.string()),
    startsAt: z.iso.datetime(),
    endsAt: z.iso.datetime(),
    generatorURL: z.url(),
  }),
);
type Posted = z.output<typeof postShape>[number] & { readonly at: number };
const apiShape = z.object({
  data: z.object({
    alerts: z.array(
      z.object({
        labels: z.record(z.string(), z.string()),
        state: z.string(),
        activeAt: z.iso.datetime(),
        keepFiringSince: z.iso.datetime().optional(),
      }),
    ),
  }),
});
const rulesShape = z.object({
  data: z.object({
    groups: z.array(
      z.object({ rules: z.array(z.object({ name: z.string(), state: z.string(), health: z.string() })) }),
    ),
  }),
});
const vectorShape = z.object({
  data: z.object({ result: z.array(z.object({ metric: z.record(z.string(), z.string()) })) }),
});
const matrixShape = z.object({
  data: z.object({ result: z.array(z.object({ values: z.array(z.tuple([z.number(), z.string()])) })) }),
});
const theirsShape = z.array(
  z.object({
    labels: z.record(z.string(), z.string()),
    annotations: z.record(z.string(), z.string()),
    startsAt: z.iso.datetime(),
    generatorURL: z.string(),
  }),
);

const posts: Posted[] = [];
const receiver: Server = createServer((request, response) => {
  let text = '';
  request.on('data', (chunk: Buffer) => (text += chunk.toString()));
  request.on('end', () => {
    const at = Date.now();
    posts.push(...postShape.parse(JSON.parse(text)).map((posted) => ({ ...posted, at })));
    response.end();
  });
});

let pharos: RunningPharos;
let folder: string;
let peer: RunningPeer | undefined;
let peerUrl = '';
const PATIENCE = { timeout: 60_000, interval: 50 };

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pharos-alert-generator-'));
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
  const address = receiver.address();
  const targets = [`127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`];
  if (alertmanager.path !== null) {
    const listen = `127.0.0.1:${await freePort()}`;
    peerUrl = `http://${listen}`;
    await writeFile(join(folder, 'am.yml'), 'route: {receiver: nobody}\nreceivers: [{name: nobody}]\n');
    const flags = [
      `--config.file=${join(folder, 'am.yml')}`,
      `--storage.path=${join(folder, 'am')}`,
      `--web.listen-address=${listen}`,
      '--cluster.listen-address=',
    ];
    peer = await startPeer(alertmanager.path, flags, `${peerUrl}/-/ready`, alertmanager.cwd);
    targets.push(listen);
  }
  await writeFile(join(folder, 'rules.yml'), RULES);
  pharos = await startPharosProcess({
    config: `global: {evaluation_interval: 1s, external_labels: {site: here}}
rule_files: ['${folder}/rules.yml']
rules: {resend_delay: 2s}
alerting:
  alert_relabel_configs: [{source_labels: [severity], regex: page, target_label: pager, replacement: 'yes'}]
  alertmanagers: [{static_configs: [{targets: [${targets.map((target) => `'${target}'`).join(', ')}]}]}]
self_metrics: {enabled: false}
host_metrics: {enabled: false}
`,
  });
  // ALERTS are written from the third evaluation on: what an earlier process wrote comes first.
  await vi.waitFor(async () => {
    const text = await (await fetch(`${pharos.url}/metrics`)).text();
    const iterations = /^pharos_rule_group_iterations_total\{.*\} (\d+)$/m.exec(text)?.[1];
    expect(Number(iterations)).toBeGreaterThanOrEqual(2);
  }, PATIENCE);
});
afterAll(async () => {
  await pharos.stop();
  await peer?.stop();
  receiver.closeAllConnections();
  receiver.close();
  await removeData(pharos);
  await rm(folder, { recursive: true, force: true });
});

async function push(...lines: string[]): Promise<void> {
  const body = lines.join('\n');
  const answer = await fetch(`${pharos.url}/api/v1/import/prometheus`, { method: 'POST', body });
  expect(answer.ok).toBe(true);
}

const get = async (path: string): Promise<unknown> => (await fetch(`${pharos.url}/api/v1/${path}`)).json();
const named =
  (name: string) =>
  ({ labels }: { readonly labels: Readonly<Record<string, string>> }): boolean =>
    labels['alertname'] === name;
const active = async (name: string) => apiShape.parse(await get('alerts')).data.alerts.filter(named(name));
const posted = (name: string): Posted[] => posts.filter(named(name));
const series = async (query: string) =>
  vectorShape
    .parse(await get(`query?query=${encodeURIComponent(query)}`))
    .data.result.map(({ metric }) => metric);
const theirs = async (name: string) =>
  theirsShape.parse(await (await fetch(`${peerUrl}/api/v2/alerts`)).json()).filter(named(name));
const ms = (text: string | undefined): number => Date.parse(text ?? '');

/** First time since the push that ALERTS had a state, and how many samples of it there are, from the stored series. */
async function written(
  name: string,
  state: string,
): Promise<{ from: number; to: number; count: number } | undefined> {
  const query = `ALERTS{alertname="${name}",alertstate="${state}"}[5m]`;
  const { result } = matrixShape.parse(await get(`query?query=${encodeURIComponent(query)}`)).data;
  const values = result[0]?.values;
  return values === undefined
    ? undefined
    : { from: (values[0]?.[0] ?? 0) * 1000, to: (values.at(-1)?.[0] ?? 0) * 1000, count: values.length };
}

it('an alert is pending for as long as `for`, fires, is told of again and again, and resolves', async () => {
  const name = 'PendingAndFiringAndResolved';
  await push('level{case="all"} 15', 'level{case="short"} 15');
  await vi.waitFor(async () => expect((await active(name))[0]?.state).toBe('pending'), PATIENCE);
  const [pending] = await active(name);
  expect(posted(name)).toEqual([]);
  await vi.waitFor(async () => expect((await active(name))[0]?.state).toBe('firing'), PATIENCE);
  expect((await active(name))[0]?.activeAt).toBe(pending?.activeAt);
  await vi.waitFor(() => expect(posted(name).length).toBeGreaterThanOrEqual(3), PATIENCE);
  const [first, second] = posted(name);
  expect(first).toMatchObject({
    labels: { alertname: name, case: 'all', severity: 'page', site: 'here', pager: 'yes' },
    annotations: { description: 'level is 15' },
  });
  expect(first?.generatorURL).toBe(
    `${pharos.url.replace('127.0.0.1', 'localhost')}/graph?g0.expr=${encodeURIComponent('level{case="all"} > 10').replaceAll('%20', '+')}&g0.tab=1`,
  );
  expect(ms(first?.startsAt) - ms(pending?.activeAt)).toBeGreaterThanOrEqual(4000);
  // Valid for four rounds of resending from the evaluation it was sent at.
  expect(ms(second?.endsAt) - ms(first?.endsAt)).toBeGreaterThan(2000);
  expect(second?.startsAt).toBe(first?.startsAt);
  const pendingSeries = await written(name, 'pending');
  const firingSeries = await written(name, 'firing');
  expect(pendingSeries?.from).toBe(ms(pending?.activeAt));
  expect(firingSeries?.from).toBe(ms(first?.startsAt));
  const states = await series(`ALERTS{alertname="${name}"}`);
  expect(states).toEqual([
    { __name__: 'ALERTS', alertname: name, alertstate: 'firing', case: 'all', severity: 'page' },
  ]);
  await push('level{case="all"} 5');
  await vi.waitFor(() => expect(ms(posted(name).at(-1)?.endsAt)).toBeLessThanOrEqual(Date.now()), PATIENCE);
  expect(await active(name)).toEqual([]);
  expect(await series(`{__name__=~"ALERTS.*",alertname="${name}"}`)).toEqual([]);
  const resolved = posted(name).at(-1);
  expect(resolved?.startsAt).toBe(first?.startsAt);
  // Told of again after it is over, the same end every time.
  const before = posted(name).length;
  await vi.waitFor(() => expect(posted(name).length).toBeGreaterThan(before), PATIENCE);
  expect(posted(name).at(-1)?.endsAt).toBe(resolved?.endsAt);
});

it('an alert that fires again is another one', async () => {
  const name = 'PendingAndFiringAndResolved';
  const old = posted(name).at(-1)?.startsAt;
  await push('level{case="all"} 20');
  await vi.waitFor(() => expect(ms(posted(name).at(-1)?.startsAt)).toBeGreaterThan(ms(old)), PATIENCE);
  expect(posted(name).at(-1)?.annotations).toEqual({ description: 'level is 20' });
});

it('an alert that was pending only is never sent', async () => {
  const name = 'PendingAndResolved';
  await vi.waitFor(async () => expect((await active(name))[0]?.state).toBe('pending'), PATIENCE);
  await push('level{case="short"} 5');
  await vi.waitFor(async () => expect(await active(name)).toEqual([]), PATIENCE);
  // Its end is written right after the list tells of it.
  await vi.waitFor(async () => expect(await series(`ALERTS{alertname="${name}"}`)).toEqual([]), PATIENCE);
  expect(posted(name)).toEqual([]);
  const { groups } = rulesShape.parse(await get('rules?type=alert')).data;
  expect(groups[0]?.rules.find((rule) => rule.name === name)).toEqual({
    name,
    state: 'inactive',
    health: 'ok',
  });
});

it('without `for` an alert fires at once, and never was pending', async () => {
  await push('level{case="zero"} 15');
  await vi.waitFor(() => expect(posted('ZeroFor').length).toBeGreaterThanOrEqual(1), PATIENCE);
  const [alert] = await active('ZeroFor');
  expect(alert?.state).toBe('firing');
  // As times: the two write a fraction that ends in 0 differently.
  expect(ms(posted('ZeroFor')[0]?.startsAt)).toBe(ms(alert?.activeAt));
  expect(await written('ZeroFor', 'pending')).toBeUndefined();
});

it('each series is an alert of its own, and ends by itself', async () => {
  const name = 'ManySeries';
  const all = Array.from({ length: 5 }, (_, i) => `many{case="many",part="${i}"} 15`);
  await push(...all);
  const parts = (): string[] => [...new Set(posted(name).map(({ labels }) => labels['part'] ?? ''))].sort();
  await vi.waitFor(() => expect(parts()).toEqual(['0', '1', '2', '3', '4']), PATIENCE);
  await push('many{case="many",part="3"} 5');
  await vi.waitFor(async () => expect(await active(name)).toHaveLength(4), PATIENCE);
  const last = (part: string): Posted | undefined =>
    posted(name).findLast(({ labels }) => labels['part'] === part);
  await vi.waitFor(() => expect(ms(last('3')?.endsAt)).toBeLessThanOrEqual(Date.now()), PATIENCE);
  expect(ms(last('2')?.endsAt)).toBeGreaterThan(Date.now());
});

it('keeps firing for as long as keep_firing_for says', async () => {
  const name = 'KeepsFiring';
  await push('level{case="keeps"} 15');
  await vi.waitFor(async () => expect((await active(name))[0]?.state).toBe('firing'), PATIENCE);
  await push('level{case="keeps"} 5');
  await vi.waitFor(async () => expect((await active(name))[0]?.keepFiringSince).toBeDefined(), PATIENCE);
  const [kept] = await active(name);
  const since = ms(kept?.keepFiringSince);
  expect(kept?.state).toBe('firing');
  expect(posted(name).every(({ endsAt, at }) => ms(endsAt) > at)).toBe(true);
  await vi.waitFor(() => expect(ms(posted(name).at(-1)?.endsAt)).toBeLessThanOrEqual(Date.now()), PATIENCE);
  // It ends with the evaluation at which the four seconds are over, and has been written until then.
  const ended = ms(posted(name).at(-1)?.endsAt);
  expect((ended - since) % 1000).toBe(0);
  expect(ended - since).toBeGreaterThanOrEqual(4000);
  expect(await active(name)).toEqual([]);
  const firing = await written(name, 'firing');
  expect(firing?.to).toBeLessThan(ended);
  expect(firing?.to).toBeGreaterThanOrEqual(since);
  expect(await series(`ALERTS{alertname="${name}"}`)).toEqual([]);
});

describe.skipIf(alertmanager.path === null)('Alertmanager', () => {
  it('has the alerts that fire, as they are, and lets go of those that are over', async () => {
    await vi.waitFor(async () => expect(await theirs('ZeroFor')).toHaveLength(1), PATIENCE);
    const [alert] = await theirs('ZeroFor');
    expect(alert?.labels).toEqual({ alertname: 'ZeroFor', case: 'zero', site: 'here' });
    expect(ms(alert?.startsAt)).toBe(ms(posted('ZeroFor')[0]?.startsAt));
    expect(alert?.generatorURL).toContain('/graph?g0.expr=');
    await vi.waitFor(async () => expect(await theirs('ManySeries')).toHaveLength(4), PATIENCE);
    await push('level{case="zero"} 5');
    await vi.waitFor(async () => expect(await theirs('ZeroFor')).toEqual([]), PATIENCE);
  });

  it('is named by the API', async () => {
    expect(await get('alertmanagers')).toMatchObject({
      data: { activeAlertmanagers: [{}, { url: `${peerUrl}/api/v2/alerts` }], droppedAlertmanagers: [] },
    });
  });
});
