import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type RunningPharos, removeData, startPharosProcess } from '../support/pharos.ts';
import { freePort } from '../support/ports.ts';

const PROCESSES = 20;
const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const SDK = new URL('../../packages/node/dist/index.js', import.meta.url).href;

/** A service with one breaker that does what it is told over its channel to us, and answers with how the breaker stands. */
const SERVICE = `
import { createPharos } from ${JSON.stringify(SDK)};
const [instance, url] = process.argv.slice(1);
const pharos = createPharos({
  service: 'fleet', instance, env: {}, propagation: false,
  logs: { file: false, stdout: false, push: false }, metrics: { push: false }, health: { push: false },
  tracing: { endpoint: null }, push: { url },
});
const breaker = pharos.breakers.create('user-client', { failureThreshold: 1 });
process.on('message', async (what) => {
  const call = what === 'fail' ? () => Promise.reject(new Error('no')) : () => 1;
  const outcome = what === 'look' ? null : await breaker.execute(call).then(() => 'passed', (error) => error.name);
  process.send({ outcome, ...breaker.snapshot() });
});
process.on('disconnect', () => process.exit(0));
process.send('ready');
`;

interface Snapshot {
  readonly state: string;
  readonly forced: boolean;
  readonly outcome: string | null;
}

interface Fleet {
  readonly breakers: readonly {
    readonly state: string;
    readonly forced: boolean;
    readonly instances: readonly {
      readonly instance: string;
      readonly status: string;
      readonly state: string;
      readonly forced: boolean;
    }[];
  }[];
}

const CONFIG = 'self_metrics: {enabled: false}\nhost_metrics: {enabled: false}\n';
let pharos: RunningPharos;
let at: readonly string[];
const services: ChildProcess[] = [];

beforeAll(async () => {
  // It comes back on this port, which nobody may have been given meanwhile, nor reach itself on by asking whether it is back.
  at = ['--set', `web.port=${await freePort()}`];
  pharos = await startPharosProcess({ config: CONFIG, args: at });
  for (let i = 0; i < PROCESSES; i++) {
    const child = spawn(process.execPath, ['--input-type=module', '-e', SERVICE, `i${i}`, pharos.url], {
      cwd: ROOT,
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    services.push(child);
    // A few at a time: they are here for their number, not to fight for the processor.
    if (i % 4 === 3) await Promise.all(services.slice(i - 3, i + 1).map((one) => once(one, 'message')));
  }
});

afterAll(async () => {
  for (const child of services) if (child.connected) child.disconnect();
  await pharos.stop();
  await removeData(pharos);
});

async function tell(child: ChildProcess | undefined, what: 'fail' | 'call' | 'look'): Promise<Snapshot> {
  if (child === undefined) throw new Error('no such service');
  const answer = once(child, 'message');
  child.send(what);
  return ((await answer) as [Snapshot])[0];
}

async function get<T>(path: string): Promise<T> {
  return (await (await fetch(pharos.url + path)).json()) as T;
}

/** Instances by state, held ones marked, as Pharos sees them. */
async function seen(): Promise<Record<string, number>> {
  const { breakers } = await get<Fleet>('/api/v1/breakers?service=fleet');
  const counts: Record<string, number> = {};
  for (const { status, state, forced } of breakers[0]?.instances ?? []) {
    const key = `${status} ${state}${forced ? ' held' : ''}`;
    counts[key] = (counts[key] ?? 0) + 1;
  }
  return counts;
}

const command = (body: object) =>
  fetch(`${pharos.url}/api/v1/breakers/commands`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ reason: 'a test', ...body }),
  });

const states = () => Promise.all(services.map((child) => tell(child, 'look')));

it('shows every process and each change, and commands reach all of them', async () => {
  await expect.poll(seen).toEqual({ 'live CLOSED': PROCESSES });
  await tell(services[3], 'fail');
  await expect.poll(seen).toEqual({ 'live OPEN': 1, 'live CLOSED': PROCESSES - 1 });
  const rows = await get<readonly object[]>('/monitoring/circuit-breakers');
  expect(rows).toEqual([
    {
      service: 'user',
      name: 'user-client',
      state: 'OPEN',
      counts: expect.anything(),
      last_change: expect.any(String),
    },
  ]);
  const made = await command({ action: 'force_open', service: 'fleet', for: '10m' });
  expect([made.status, await made.json()]).toMatchObject([
    200,
    { total: PROCESSES, command: { targets: PROCESSES } },
  ]);
  await expect.poll(seen).toEqual({ 'live OPEN held': PROCESSES });
  expect((await tell(services[0], 'call')).outcome).toBe('CircuitOpenError');
  const asked = await fetch(`${pharos.url}/monitoring/circuit-breakers/reset?service=user`, {
    method: 'POST',
  });
  expect([asked.status, await asked.json()]).toMatchObject([200, { reset: ['user-client'] }]);
  await expect.poll(seen).toEqual({ 'live CLOSED': PROCESSES });
  expect((await tell(services[0], 'call')).outcome).toBe('passed');
  await expect
    .poll(() => get('/api/v1/breakers/commands'))
    .toMatchObject({
      commands: [
        { action: 'reset', applied: PROCESSES },
        { action: 'force_open', applied: PROCESSES },
      ],
    });
});

it('breakers go on without Pharos, holds end by themselves, and Pharos knows everything again when it is back', async () => {
  await command({ action: 'force_open', service: 'fleet', for: '5s' });
  await expect.poll(async () => (await states()).every(({ forced }) => forced)).toBe(true);
  await pharos.stop('SIGKILL');
  await expect.poll(async () => (await states()).some(({ forced }) => forced)).toBe(false);
  const first = await tell(services[0], 'call');
  expect([first.outcome, first.state]).toEqual(['passed', 'HALF_OPEN']);
  expect(await tell(services[1], 'fail')).toMatchObject({ state: 'OPEN', forced: false });
  pharos = await startPharosProcess({
    directory: pharos.directory,
    config: CONFIG,
    args: at,
  });
  await expect.poll(seen).toEqual({ 'live OPEN': 1, 'live HALF_OPEN': PROCESSES - 1 });
  const { commands } = await get<{ commands: readonly { action: string; active: boolean }[] }>(
    '/api/v1/breakers/commands',
  );
  expect(commands.map(({ action }) => action)).toEqual(['force_open', 'reset', 'force_open']);
  const { transitions } = await get<{ transitions: readonly { reason: string; instance: string }[] }>(
    '/api/v1/breakers/history?limit=5000',
  );
  const with_ = (reason: string) => transitions.filter((t) => t.reason === reason).length;
  // Those from before the kill are durable; those from while Pharos was away were kept by the services.
  expect([with_('forced'), with_('reset'), with_('force_expired')]).toEqual([
    PROCESSES * 2 - 1,
    PROCESSES,
    PROCESSES,
  ]);
});
