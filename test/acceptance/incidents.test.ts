import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { type RunningPharos, removeData, startPharosProcess } from '../support/pharos.ts';

const PATIENCE = { timeout: 30_000, interval: 50 };
let pharos: RunningPharos;

const START_OPTIONS = {
  config:
    'self_metrics: {enabled: false}\nhost_metrics: {enabled: false}\nrules: { ready: { enabled: false } }\n',
};

beforeAll(async () => {
  pharos = await startPharosProcess(START_OPTIONS);
});
afterAll(async () => {
  await pharos.stop();
  await removeData(pharos);
});

async function post(path: string, body: unknown): Promise<unknown> {
  const answer = await fetch(`${pharos.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  const text = await answer.text();
  expect(answer.status, `${path}: ${text}`).toBeLessThan(300);
  return text === '' ? null : JSON.parse(text);
}

const get = async (path: string): Promise<Response> => await fetch(`${pharos.url}${path}`);

const account = z.object({
  incident: z.object({
    state: z.string(),
    alerts: z.number(),
    firing: z.number(),
    note_list: z.array(z.object({ text: z.string() })),
    members: z.array(z.object({ fingerprint: z.string(), labels: z.record(z.string(), z.string()) })),
  }),
  timeline: z.array(z.object({ kind: z.string(), text: z.string() })),
  warnings: z.array(z.string()),
});

const incident = async (id: string): Promise<z.output<typeof account>> =>
  account.parse(await (await get(`/api/v1/incidents/${id}`)).json());

const suspicion = z.object({
  suspects: z.array(
    z.object({ kind: z.string(), name: z.string(), reason: z.object({ tie: z.string(), text: z.string() }) }),
  ),
  others: z.array(z.object({ name: z.string(), reason: z.object({ tie: z.string() }) })),
});

const alert = (alertname: string, service: string): object => ({
  labels: { alertname, service, severity: 'critical' },
  annotations: { summary: `${alertname} at ${service}` },
});

it('alerts become an incident with what happened around it, over a kill, and people do with it what they want', async () => {
  await post('/api/v1/annotations', { kind: 'deployment', service: 'order-service', title: 'order 2.0' });
  await post('/api/health/order-service', { status: 'unhealthy' });
  await post('/api/errors', [
    { service: 'order', name: 'OutOfStock', message: 'nothing left', type: 'internal', severity: 'high' },
  ]);
  await post('/api/v2/alerts', [alert('HighErrorRate', 'order-service'), alert('SlowAnswers', 'order')]);
  await vi.waitFor(async () => {
    const { incident: found, timeline, warnings } = await incident('1');
    expect([found.state, found.firing, warnings]).toEqual(['open', 2, []]);
    const kinds = new Set(timeline.map(({ kind }) => kind));
    expect([...kinds].sort()).toEqual(['alert', 'deployment', 'deviation', 'error', 'health']);
  }, PATIENCE);
  await post('/api/health/mail', { status: 'unhealthy' });
  await vi.waitFor(async () => {
    const answer = await get('/api/v1/incidents/1/root_cause');
    const { suspects, others } = suspicion.parse(await answer.json());
    const reason = { tie: 'named', text: 'alerts are about order' };
    expect(suspects).toEqual([
      { kind: 'change', name: 'order 2.0', reason },
      { kind: 'service', name: 'order', reason },
    ]);
    expect(others).toEqual([{ name: 'mail', reason: { tie: 'elsewhere' } }]);
  }, PATIENCE);
  await post('/api/v1/incidents/1/notes', { by: 'ada', text: 'stock is empty' });

  const { directory } = pharos;
  await pharos.stop('SIGKILL');
  pharos = await startPharosProcess({ ...START_OPTIONS, directory });
  const after = await incident('1');
  expect([after.incident.firing, after.incident.note_list.map(({ text }) => text)]).toEqual([
    2,
    ['stock is empty'],
  ]);

  const slow = after.incident.members.find(({ labels }) => labels['alertname'] === 'SlowAnswers');
  await post('/api/v1/incidents/1/split', { by: 'ada', fingerprints: [slow?.fingerprint ?? ''] });
  expect((await incident('2')).incident.alerts).toBe(1);
  // Told again, it stays where people put it.
  await post('/api/v2/alerts', [alert('HighErrorRate', 'order-service'), alert('SlowAnswers', 'order')]);
  expect((await incident('2')).incident.firing).toBe(1);
  await post('/api/v1/incidents/2/merge', { by: 'ada', other: '1' });
  await post('/api/v1/incidents/1/resolve', { by: 'ada' });
  expect((await incident('1')).incident).toMatchObject({ state: 'resolved', alerts: 2 });
  const document = await get('/api/v1/incidents/1/export.md');
  expect(document.headers.get('content-type')).toContain('text/markdown');
  const text = await document.text();
  for (const line of [
    '# Post-mortem: HighErrorRate of order',
    '| deployment | order 2.0 |',
    'ada: stock is empty',
    '1. **order 2.0** (change of order, score',
    '- mail: also not well at that time',
  ])
    expect(text).toContain(line);
});
