import { afterAll, beforeAll, expect, it } from 'vitest';
import { ownMetric } from '../support/client.ts';
import { type RunningPharos, removeData, startPharosProcess } from '../support/pharos.ts';

const CONFIG = `
events:
  rules:
    - name: gold-latency
      when: data.customer == "gold" and data.latency > 500
      decision: HALT
      field: data.latency
      message: "a gold customer waited {data.latency} ms"
`;

let pharos: RunningPharos;
beforeAll(async () => {
  pharos = await startPharosProcess({
    config: CONFIG,
    env: {
      WARNING_THRESHOLD: '0.7',
      CRITICAL_THRESHOLD: '0.9',
      ENABLE_LLM_MONITORING: 'True',
      DEBUG: 'express:*',
      LOG_LEVEL: 'INFO',
    },
  });
});
afterAll(async () => {
  await pharos.stop();
  await removeData(pharos);
});

async function call(
  method: string,
  path: string,
  body?: unknown,
): Promise<{ status: number; body: unknown }> {
  const answer = await fetch(`${pharos.url}/api/v1/monitoring${path}`, {
    method,
    ...(body !== undefined && {
      headers: { 'content-type': 'application/json' },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    }),
  });
  const text = await answer.text();
  return { status: answer.status, body: text === '' ? null : JSON.parse(text) };
}

it('every call of the events API answers in its documented shape', async () => {
  const event = {
    source: 'checkout',
    event_type: 'request',
    data: { response_time: 6000, status_code: 200 },
    metadata: { region: 'eu', token: 'abc' },
    id: 'first',
  };
  const verdict = await call('POST', '/events', event);
  expect(verdict).toMatchObject({
    status: 200,
    body: {
      status: 'WARNING',
      severity_score: 0.75,
      decision: 'RETRY',
      reasoning: expect.stringContaining('response_time is 6000 ms'),
      issues: [
        {
          rule: 'response_time',
          field: 'response_time',
          value: 6000,
          limit: 5000,
          message: expect.any(String),
        },
      ],
      suggestions: [expect.any(String)],
    },
  });
  expect((await call('POST', '/events', event)).body).toEqual({
    ...(verdict.body as object),
    duplicate: true,
  });
  const gold = {
    source: 'checkout',
    event_type: 'request',
    data: { customer: 'gold', latency: 900, cpu_usage: 95 },
  };
  const lines = `${JSON.stringify(gold)}\nno json\n${JSON.stringify(event)}\n`;
  expect(await call('POST', '/events/batch', lines)).toMatchObject({
    status: 200,
    body: {
      total: 3,
      accepted: 1,
      duplicates: 1,
      rejected: 1,
      verdicts: [
        { index: 0, status: 'CRITICAL', severity_score: 0.9, decision: 'HALT' },
        { index: 2, id: 'first' },
      ],
      errors: [{ index: 1 }],
    },
  });
  expect((await call('GET', '/health')).body).toMatchObject({
    current_status: 'CRITICAL',
    severity_score: 0.9,
    last_update: expect.any(String),
    recent_issues: expect.arrayContaining([expect.stringContaining('a gold customer waited 900 ms')]),
    total_events_processed: 2,
  });
  const filter = { limit: 10, offset: 0, status: ['WARNING'], source: 'checkout', event_type: 'request' };
  const entry = {
    id: 'first',
    source: 'checkout',
    input: event.data,
    metadata: { region: 'eu', token: '[REDACTED]' },
    status: 'WARNING',
    decision: 'RETRY',
  };
  expect((await call('POST', '/logs/query', filter)).body).toMatchObject({
    total: 1,
    limit: 10,
    offset: 0,
    logs: [entry],
  });
  expect((await call('GET', '/logs?status=WARNING&limit=10')).body).toMatchObject({
    total: 1,
    logs: [entry],
  });
  expect((await call('GET', '/stats')).body).toMatchObject({
    by_status: { NORMAL: 0, WARNING: 1, CRITICAL: 1 },
    by_source: { checkout: 2 },
    by_rule: { response_time: 1, cpu_usage: 1, 'gold-latency': 1 },
    by_decision: { RETRY: 1, HALT: 1 },
    rates: { warning: 0.5, critical: 0.5 },
    trend: { direction: expect.any(String) },
  });
  expect(
    (await call('POST', '/analysis/llm', { lookback_minutes: 60, focus_areas: ['checkout'] })).body,
  ).toMatchObject({
    analysis: expect.stringContaining('2 events of 1 source'),
    severity: 'CRITICAL',
    key_findings: expect.any(Array),
    recommendations: expect.any(Array),
    confidence: expect.any(Number),
  });
  expect((await call('POST', '/analysis/re-evaluate?lookback_minutes=60')).body).toMatchObject({
    evaluated: 2,
    changed: 0,
  });
  expect((await call('POST', '/maintenance/cleanup?older_than_hours=24')).body).toMatchObject({
    removed: 0,
    archive: null,
  });
  expect((await call('GET', '/rules')).body).toMatchObject({
    rules: [{ name: 'gold-latency', origin: 'file' }],
  });
  expect(await ownMetric(pharos.url, 'pharos_event_verdicts_total', 'status="CRITICAL"')).toBe(1);
});

it('every acknowledged event is there after a kill, and no number of an event is given twice', async () => {
  const before = Number(Reflect.get((await call('GET', '/health')).body as object, 'total_events_processed'));
  const acknowledged: string[] = [];
  const sending = Array.from({ length: 8 }, async (_, sender) => {
    for (let i = 0; i < 200; i++) {
      const id = `kill-${sender}-${i}`;
      try {
        const answer = await call('POST', '/events', {
          id,
          source: `killed-${sender}`,
          event_type: 'tick',
          data: { n: i },
        });
        if (answer.status === 200) acknowledged.push(id);
      } catch {
        return;
      }
    }
  });
  await expect.poll(() => acknowledged.length).toBeGreaterThan(100);
  await pharos.stop('SIGKILL');
  await Promise.all(sending);
  pharos = await startPharosProcess({ config: CONFIG, directory: pharos.directory });
  const found = new Set<unknown>();
  for (let offset = 0; ; offset += 1000) {
    const { logs } = (await call('GET', `/logs?limit=1000&offset=${offset}`)).body as {
      logs: { id: string }[];
    };
    for (const { id } of logs) found.add(id);
    if (logs.length < 1000) break;
  }
  expect(acknowledged.filter((id) => !found.has(id))).toEqual([]);
  const { body } = await call('GET', '/health');
  expect(Reflect.get(body as object, 'total_events_processed')).toBe(found.size);
  expect(found.size).toBeGreaterThanOrEqual(before + acknowledged.length);
});
