import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it, vi } from 'vitest';
import { OWN_RULES } from '../support/alerting.ts';
import { childrenOf } from '../support/client.ts';
import { type RunningPharos, removeData, SERVER_ENTRY, startPharosProcess } from '../support/pharos.ts';
import { WebhookReceiver } from '../support/webhook-receiver.ts';

const CONFIG = `host_metrics: {enabled: false}
self_metrics: {enabled: false}
log: {level: warn}
global: {evaluation_interval: 1s}
`;
const ALERTS = 200;
const OWN = 'of-a-rule';
const WITHIN = { timeout: 30_000, interval: 20 };

let before: RunningPharos | undefined;
const children: ChildProcess[] = [];
const held = new Set<number>();
/** For what is told. */
const receiver = new WebhookReceiver();
const directories: string[] = [];
let full: RunningPharos | undefined;
afterAll(async () => {
  for (const pid of held) process.kill(pid, 'SIGCONT');
  for (const child of children)
    if (child.exitCode === null && child.signalCode === null) {
      child.kill();
      await once(child, 'exit');
    }
  for (const one of [before, full]) if (one !== undefined) await removeData(one);
  await receiver.close();
  for (const directory of directories) await rm(directory, { recursive: true, force: true });
});

const post = (url: string, body: unknown): Promise<Response> =>
  fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });

const postText = (url: string, body: string): Promise<Response> => fetch(url, { method: 'POST', body });

const named = (name: string): object => ({ labels: { alertname: name, service: 'shop' } });

/** By name, until when each alert is taken for firing, epoch ms. */
async function alertsOf(url: string): Promise<ReadonlyMap<string, number>> {
  const alerts = (await (await fetch(`${url}/api/v2/alerts`)).json()) as {
    labels: { alertname: string };
    endsAt: string;
  }[];
  return new Map(alerts.map(({ labels, endsAt }) => [labels.alertname, Date.parse(endsAt)]));
}

const namesOf = async (url: string): Promise<readonly string[]> => [...(await alertsOf(url)).keys()];

/** Starts a server whose engine stands still from its first breath. */
async function startHeld(directory: string, port: number): Promise<void> {
  const extra = ['otlp_grpc', 'otlp_http', 'jaeger', 'zipkin'];
  const settings = [
    `storage.path=${join(directory, 'data')}`,
    `web.port=${port}`,
    ...extra.map((name) => `web.extra_ports.${name}=0`),
  ];
  const started = spawn(
    process.execPath,
    [
      SERVER_ENTRY,
      'serve',
      '--config',
      join(directory, 'pharos.yaml'),
      ...settings.flatMap((one) => ['--set', one]),
    ],
    { stdio: 'ignore' },
  );
  children.push(started);
  await holdEngine(started);
}

async function holdEngine({ pid }: ChildProcess): Promise<void> {
  await vi.waitFor(
    async () => {
      const engines = await childrenOf(pid ?? 0);
      for (const engine of engines) {
        process.kill(engine, 'SIGSTOP');
        held.add(engine);
      }
      expect(engines).not.toEqual([]);
    },
    { timeout: 30_000, interval: 1 },
  );
}

function letEnginesGo(): void {
  for (const pid of held) process.kill(pid, 'SIGCONT');
  held.clear();
}

it('after a kill every alert is listed, taken and silenced before the engine is there', async () => {
  before = await startPharosProcess({ config: CONFIG });
  const sent = Array.from({ length: ALERTS }, (_, i) => `alert-${i}`);
  expect((await post(`${before.url}/api/v2/alerts`, sent.map(named))).status).toBe(200);
  const own = { alert: OWN, expr: 'vector(1)', labels: { service: 'shop' } };
  expect((await post(`${before.url}/api/v1/alerting/own-rules`, { rule: own })).status).toBe(201);
  const earlier = before.url;
  await vi.waitFor(async () => expect(await namesOf(earlier)).toContain(OWN), WITHIN);
  sent.push(OWN);
  await before.stop('SIGKILL');

  // Where links lead is the same.
  const url = earlier;
  const port = Number(new URL(url).port);
  await startHeld(before.directory, port);
  await vi.waitFor(async () => expect((await fetch(`${url}/-/healthy`)).status).toBe(200), WITHIN);
  expect((await namesOf(url)).toSorted()).toEqual(sent.toSorted());
  // Its rule has not begun, and cannot: it is told of all the same, for minutes each time.
  await vi.waitFor(async () => {
    const until = (await alertsOf(url)).get(OWN) ?? 0;
    expect([until - Date.now() > 180_000, until - Date.now() < 240_000]).toEqual([true, true]);
  }, WITHIN);
  expect((await fetch(`${url}/-/ready`)).status).toBe(503);
  const refused = await fetch(`${url}/api/v1/query?query=up`);
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '1']);
  expect(await refused.json()).toMatchObject({ status: 'error', error: 'Pharos is starting' });
  expect((await post(`${url}/api/v1/import/prometheus`, 'a 1\n')).status).toBe(503);
  expect((await post(`${url}/api/v2/alerts`, [named('while-starting')])).status).toBe(200);
  const silenced = await post(`${url}/api/v2/silences`, {
    matchers: [{ name: 'alertname', value: 'while-starting', isRegex: false, isEqual: true }],
    startsAt: new Date().toISOString(),
    endsAt: new Date(Date.now() + 3_600_000).toISOString(),
    createdBy: 'test',
    comment: 'known',
  });
  expect(silenced.status).toBe(200);

  const incidents = await fetch(`${url}/api/v1/incidents?state=open`);
  expect(await incidents.json()).toMatchObject({ incidents: [{ services: ['shop'] }] });
  expect((await post(`${url}/api/v1/incidents/1/notes`, { text: 'seen' })).status).toBe(200);
  const rule = { alert: 'Early', expr: 'vector(1)' };
  expect((await post(`${url}/api/v1/alerting/own-rules`, { rule })).status).toBe(201);

  letEnginesGo();
  await vi.waitFor(async () => expect((await fetch(`${url}/-/ready`)).status).toBe(200), WITHIN);
  expect((await fetch(`${url}/api/v1/query?query=up`)).status).toBe(200);
  expect((await namesOf(url)).filter((name) => name !== 'Early').toSorted()).toEqual(
    [...sent, 'while-starting'].toSorted(),
  );
  await vi.waitFor(
    async () => expect(await (await fetch(`${url}/api/v1/rules`)).text()).toContain('"Early"'),
    WITHIN,
  );
});

it('tells of alerts while the journal takes nothing any more, also after a kill, and writes the decisions later', async () => {
  await receiver.open();
  const directory = await mkdtemp(join(tmpdir(), 'pharos-full-'));
  directories.push(directory);
  const routes = join(directory, 'alertmanager.yml');
  await writeFile(
    routes,
    `route: { receiver: team, group_by: [alertname], group_wait: 0s, group_interval: 1s }
receivers: [ { name: team, webhook_configs: [ { url: '${receiver.url}/team' } ] } ]
`,
  );
  full = await startPharosProcess({
    config: `${CONFIG}${OWN_RULES}storage: {journal_limit: 1MB}\nalertmanager: {config_file: '${routes}'}\n`,
  });
  const { url } = full;
  const isTold = (name: string) =>
    vi.waitFor(
      () => expect(receiver.told.map(({ alerts }) => alerts[0]?.labels['alertname'])).toContain(name),
      WITHIN,
    );
  const push = async (lines: number, round: number): Promise<number> => {
    const text = Array.from({ length: lines }, (_, i) => `filling{i="${i}"} ${Math.sqrt(i + round)}\n`);
    return (await postText(`${url}/api/v1/import/prometheus`, text.join(''))).status;
  };
  await holdEngine(full.child);
  let round = 0;
  // Down to the last place.
  for (const lines of [5000, 500, 50, 1])
    await vi.waitFor(async () => expect(await push(lines, round++)).toBe(503), WITHIN);
  expect((await post(`${url}/api/v2/alerts`, [named('while-full')])).status).toBe(200);
  await isTold('while-full');
  await full.stop('SIGKILL');
  held.clear();

  await startHeld(full.directory, Number(new URL(url).port));
  await vi.waitFor(async () => expect((await fetch(`${url}/-/healthy`)).status).toBe(200), WITHIN);
  expect(await namesOf(url)).toEqual(['while-full']);
  expect((await post(`${url}/api/v2/alerts`, [named('after-the-kill')])).status).toBe(200);
  await isTold('after-the-kill');

  letEnginesGo();
  await vi.waitFor(async () => {
    const owed = /^pharos_alerts_owed_decisions (\d+)$/m.exec(await (await fetch(`${url}/metrics`)).text());
    expect(owed?.[1]).toBe('0');
  }, WITHIN);
});
