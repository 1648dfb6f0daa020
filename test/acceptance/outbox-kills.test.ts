import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { childrenOf, ownMetric } from '../support/client.ts';
import { type RunningPharos, removeData, startPharosProcess } from '../support/pharos.ts';
import { type Told, WebhookReceiver } from '../support/webhook-receiver.ts';

/*
 * The built server is killed before each write between an alert and its delivery (docs/decisions/0005): before the first in its first life,
 * before the second in the next, and so on until a life has no more writes. The receiver refuses the first attempt of each alert.
 */
const HOOK = fileURLToPath(new URL('../support/kill-at-write.mjs', import.meta.url));
/** Each look asks for the server's whole exposition. */
const PATIENCE = { timeout: 60_000, interval: 100 };

const seen = new Set<string>();
const receiver = new WebhookReceiver((told, response) => {
  const name = nameOf(told);
  const isFirst = !seen.has(name);
  seen.add(name);
  response.statusCode = isFirst ? 503 : 200;
  response.end();
  return !isFirst;
});
let folder = '';
let armed = '';
let pharos: RunningPharos;

function nameOf({ alerts }: Told): string {
  return alerts[0]?.labels['alertname'] ?? '';
}

async function start(directory?: string): Promise<RunningPharos> {
  await rm(armed, { force: true });
  return await startPharosProcess({
    // Incidents, and what other rules find, are written beside the way from an alert to its delivery, whenever they come to it.
    config: `alertmanager: {config_file: '${folder}/am.yml'}\nself_metrics: {enabled: false}\nhost_metrics: {enabled: false}\nincidents: {enabled: false}\nrules: {ready: {enabled: false}}\n`,
    env: { NODE_OPTIONS: `--import=${HOOK}`, KILL_AT_WRITE: armed },
    ...(directory !== undefined && { directory }),
  });
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pharos-outbox-kills-'));
  armed = join(folder, 'kill-at');
  await receiver.open();
  await writeFile(
    join(folder, 'am.yml'),
    `route: {receiver: hook, group_by: [alertname], group_wait: 0s, group_interval: 5m}
receivers: [{name: hook, webhook_configs: [{url: '${receiver.url}/'}]}]
`,
  );
  pharos = await start();
});
afterAll(async () => {
  await pharos.stop();
  await receiver.close();
  await removeData(pharos);
  await rm(folder, { recursive: true, force: true });
});

/** True when it was acknowledged. */
async function post(name: string): Promise<boolean> {
  try {
    const answer = await fetch(`${pharos.url}/api/v2/alerts`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify([{ labels: { alertname: name } }]),
    });
    return answer.ok;
  } catch {
    return false;
  }
}

const listShape = z.array(z.object({ labels: z.record(z.string(), z.string()) }));

async function listed(): Promise<string[]> {
  const alerts = listShape.parse(await (await fetch(`${pharos.url}/api/v2/alerts`)).json());
  return alerts.map(({ labels }) => labels['alertname'] ?? '').sort();
}

const toldOf = (name: string): Told[] => receiver.told.filter((told) => nameOf(told) === name);

/** Until nothing is left to tell. */
async function isTold(name: string): Promise<void> {
  await vi.waitFor(async () => {
    expect(toldOf(name).length).toBeGreaterThanOrEqual(1);
    expect(await ownMetric(pharos.url, 'pharos_alerts_waiting_notifications')).toBe(0);
  }, PATIENCE);
}

/** Posts an alert to a server that dies before its n-th write from now on; where it died, or null when it had fewer. */
async function killAt(n: number, name: string): Promise<{ place: string; acknowledged: boolean } | null> {
  await rm(`${armed}.struck`, { force: true });
  await writeFile(armed, String(n));
  const dead = new Promise<'dead'>((resolve) => pharos.child.once('exit', () => resolve('dead')));
  const acknowledged = await post(name);
  const end = await Promise.race([dead, isTold(name).catch(() => dead)]);
  if (end !== 'dead') return null;
  return { place: await readFile(`${armed}.struck`, 'utf8'), acknowledged };
}

it('a kill before each write between an alert and its delivery loses nothing, and what may come twice is marked', async () => {
  const places: string[] = [];
  const names: string[] = [];
  let repeats = 0;
  for (let n = 1; ; n++) {
    const name = `Kill${n}`;
    const struck = await killAt(n, name);
    if (struck === null) break;
    places.push(struck.place);
    expect(existsSync(armed)).toBe(true);
    pharos = await start(pharos.directory);
    // What was acknowledged is there at once; what was not, its sender says again.
    if (struck.acknowledged) names.push(name);
    expect(await listed()).toEqual(expect.arrayContaining(names));
    if (!struck.acknowledged) {
      expect(await post(name)).toBe(true);
      names.push(name);
    }
    await isTold(name);
    const [first, ...again] = toldOf(name);
    expect(again.length).toBeLessThanOrEqual(1);
    for (const repeat of again)
      expect(repeat).toMatchObject({ mayBeDuplicate: true, delivery: first?.delivery });
    repeats += again.length;
  }
  await rm(armed, { force: true });
  // Alert, its decisions, queued, waiting, sending, refused, waiting again, sending again, sent, known: those between sending and known come twice.
  expect(places).toEqual([
    'alerts',
    'journal',
    'journal',
    'alerts',
    'alerts',
    'journal',
    'alerts',
    'alerts',
    'journal',
    'alerts',
  ]);
  expect(repeats).toBe(2);
}, 180_000);

it('without the engine alerts are listed, taken and told', async () => {
  const before = await listed();
  const [engine] = await childrenOf(pharos.child.pid ?? 0);
  process.kill(engine ?? 0, 'SIGSTOP');
  try {
    expect(await listed()).toEqual(before);
    expect(await post('NoEngine')).toBe(true);
    await isTold('NoEngine');
    expect(await listed()).toEqual([...before, 'NoEngine'].sort());
  } finally {
    process.kill(engine ?? 0, 'SIGCONT');
  }
});
