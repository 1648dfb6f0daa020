import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RunningPharos, removeData, startPharosProcess } from '../support/pharos.ts';

let pharos: RunningPharos;
beforeAll(async () => {
  pharos = await startPharosProcess();
});
afterAll(async () => {
  await pharos.stop();
  await removeData(pharos);
});

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly text: string;
}

async function send(method: string, path: string, body?: unknown): Promise<Answer> {
  const lines = typeof body === 'string';
  const answer = await fetch(pharos.url + path, {
    method,
    ...(body !== undefined && {
      headers: { 'content-type': lines ? 'application/x-ndjson' : 'application/json' },
      body: lines ? body : JSON.stringify(body),
    }),
  });
  return {
    status: answer.status,
    type: answer.headers.get('content-type') ?? '',
    text: await answer.text(),
  };
}

const number = expect.any(Number);
const text = expect.any(String);
const list = expect.any(Array);
const object = expect.any(Object);
const counts = {
  requests: 0,
  total_successes: 0,
  total_failures: 0,
  consecutive_successes: 0,
  consecutive_failures: 0,
};
const event = {
  source: 'checkout',
  event_type: 'payment',
  data: { response_time: 6200, status_code: 200 },
  metadata: { region: 'eu' },
  timestamp: new Date().toISOString(),
  id: 'payment-1',
};
const verdict = {
  status: 'WARNING',
  severity_score: 0.75,
  decision: 'RETRY',
  reasoning: text,
  issues: [{ rule: 'response_time', field: 'response_time', value: 6200, limit: 5000, message: text }],
  suggestions: list,
};
const entry = {
  id: text,
  timestamp: text,
  source: 'checkout',
  event_type: 'payment',
  input: object,
  status: 'WARNING',
  severity_score: number,
  decision: text,
  reasoning: text,
  issues: list,
  suggestions: list,
};
const EVENTS = '/api/v1/monitoring';

/** In the order in which somebody would try them: what is sent first is read later. */
const REQUESTS: readonly (readonly [method: string, path: string, body: unknown, answer: object])[] = [
  ['POST', `${EVENTS}/events`, event, verdict],
  ['POST', `${EVENTS}/events/batch`, [event, { ...event, id: 'payment-2' }], { accepted: 1, duplicates: 1 }],
  [
    'POST',
    `${EVENTS}/events/batch`,
    `${JSON.stringify({ ...event, id: 'payment-3' })}\n${JSON.stringify({ ...event, id: 'payment-4' })}\n`,
    { accepted: 2, verdicts: list },
  ],
  [
    'GET',
    `${EVENTS}/health`,
    undefined,
    {
      current_status: 'WARNING',
      severity_score: 0.75,
      last_update: text,
      recent_issues: expect.arrayContaining([text]),
      total_events_processed: 4,
    },
  ],
  [
    'GET',
    `${EVENTS}/logs?limit=2&offset=1&status=WARNING&status=CRITICAL&source=checkout&event_type=payment`,
    undefined,
    { total: 4, limit: 2, offset: 1, logs: [entry, entry] },
  ],
  [
    'POST',
    `${EVENTS}/logs/query`,
    {
      limit: 10,
      offset: 0,
      status: ['WARNING'],
      source: 'checkout',
      event_type: 'payment',
      start_time: new Date(Date.now() - 3_600_000).toISOString(),
      end_time: new Date(Date.now() + 3_600_000).toISOString(),
    },
    { total: 4, limit: 10, offset: 0, logs: list },
  ],
  [
    'GET',
    `${EVENTS}/stats`,
    undefined,
    {
      by_status: { NORMAL: 0, WARNING: 4, CRITICAL: 0 },
      by_source: { checkout: 4 },
      by_rule: { response_time: 4 },
      by_decision: { RETRY: 4 },
      rates: object,
      trend: object,
    },
  ],
  [
    'POST',
    `${EVENTS}/analysis/llm`,
    { lookback_minutes: 60, focus_areas: ['checkout'] },
    { analysis: text, severity: 'WARNING', key_findings: list, recommendations: list, confidence: number },
  ],
  ['POST', `${EVENTS}/analysis/re-evaluate?lookback_minutes=60`, undefined, { evaluated: 4, changed: 0 }],
  ['POST', `${EVENTS}/maintenance/cleanup?older_than_hours=24`, undefined, { removed: 0 }],
  ['POST', '/api/health/order-service', { status: 'degraded' }, {}],
  [
    'POST',
    '/api/errors',
    {
      service: 'order',
      name: 'TypeError',
      message: 'x is not a function',
      type: 'internal',
      severity: 'high',
    },
    { stored: 1, duplicates: 0, refused: 0 },
  ],
  [
    'GET',
    '/monitoring/health/dashboard',
    undefined,
    {
      gateway: {
        name: text,
        version: text,
        status: text,
        uptime: expect.stringMatching(/^(\d+d )?(\d+h )?\d+m$/),
        requests: { total: number, successful: number, failed: number, rate: expect.stringMatching(/%$/) },
      },
      services: { order: { status: 'degraded', circuit_breaker: 'CLOSED' } },
      alerts: [{ level: 'warning', service: 'order', message: text, timestamp: text, duration: text }],
    },
  ],
  [
    'POST',
    '/api/v1/breakers/report',
    {
      service: 'order',
      instance: 'a:1',
      session: 'one',
      commands: true,
      breakers: [
        {
          name: 'user-client',
          service: 'user',
          state: 'CLOSED',
          counts,
          last_change: null,
          actions: ['reset'],
        },
      ],
    },
    {},
  ],
  [
    'GET',
    '/monitoring/circuit-breakers',
    undefined,
    [{ service: 'user', name: 'user-client', state: 'CLOSED', counts, last_change: null }],
  ],
  [
    'POST',
    '/monitoring/circuit-breakers/reset?service=user',
    undefined,
    { reset: list, circuit_breakers: [{ name: 'user-client' }] },
  ],
  ['POST', '/monitoring/circuit-breakers/reset', undefined, { circuit_breakers: [{ name: 'user-client' }] }],
  [
    'GET',
    '/monitoring/errors/stats',
    undefined,
    { total: 1, by_service: { order: 1 }, by_type: { internal: 1 }, by_severity: { high: 1 } },
  ],
  ['GET', '/monitoring/errors/details?limit=10', undefined, { next: null, errors: [{ name: 'TypeError' }] }],
  [
    'GET',
    '/api/health',
    undefined,
    { status: text, services: [{ name: 'order', reasons: list }], dependencies: list },
  ],
  ['GET', '/api/summary', undefined, { totals: object, changes: list }],
  ['GET', '/api/metrics', undefined, {}],
  ['GET', '/api/performance', undefined, {}],
  [
    'GET',
    '/api/analytics',
    undefined,
    {
      method: 'statistical',
      confidence: number,
      services: [{ name: 'order', traffic: object, error_ratio: object, latency_p95: object }],
      business: list,
      top_endpoints: list,
      anomalies: list,
    },
  ],
  [
    'GET',
    '/api/root_cause',
    undefined,
    {
      method: 'statistical',
      confidence: number,
      services: [{ name: 'order', status: 'degraded', suspect: 1 }],
      suspects: [
        {
          rank: 1,
          kind: 'service',
          name: 'order',
          score: number,
          evidence: expect.arrayContaining([
            {
              id: text,
              kind: 'health',
              service: 'order',
              at: text,
              weight: number,
              message: text,
              link: text,
            },
          ]),
          actions: expect.arrayContaining([text]),
        },
      ],
      timeline: list,
      explanation: { by: 'statistics', severity: 'WARNING', analysis: expect.stringContaining('order') },
    },
  ],
  [
    'GET',
    '/api/errors/analysis',
    undefined,
    { total: 1, groups: [{ name: 'TypeError' }], types: list, spikes: [], services: [{ service: 'order' }] },
  ],
  ['GET', '/api/logs', undefined, {}],
  ['GET', '/api/services', undefined, { services: [{ name: 'order', breakers: list, dependencies: list }] }],
  [
    'GET',
    '/api/ollama/test',
    undefined,
    { enabled: true, status: text, message: text, checks: list, explanations_by: 'statistics' },
  ],
  ...['config', 'queues', 'targets', 'engine', 'logs'].map(
    (name) => ['GET', `/api/debug/${name}`, undefined, {}] as const,
  ),
];

/** Those that take a window and services, and answer with both. */
const WINDOWED = REQUESTS.filter(
  ([method, path]) => method === 'GET' && /^\/api\/(?!v1|debug)/.test(path),
).map(([, path]) => path);

describe('every request of the documentation', () => {
  it.each(REQUESTS)('%s %s answers in its shape', async (method, path, body, shape) => {
    const answer = await expectSoon(() => send(method, path, body), shape);
    expect(answer.type).toContain('application/json');
  });

  it.each(WINDOWED)('%s takes a window and a service', async (path) => {
    const of = async (service: string): Promise<unknown> =>
      JSON.parse((await send('GET', `${path}?window=15m&service=${service}`)).text);
    expect(await of('order-service')).toMatchObject({ timestamp: text, window: '15m', services: list });
    expect(await of('nobody')).toMatchObject({ services: [] });
    expect(await send('GET', `${path}?window=soon`)).toMatchObject({ status: 400 });
  });

  it.each(['/ping', '/health', '/health/ready', '/health/live', '/live', '/-/healthy', '/-/ready', '/ready'])(
    '%s answers',
    async (path) => {
      expect((await send('GET', path)).status).toBe(200);
    },
  );

  it.each([
    ['/ready', 'ready'],
    ['/monitoring/metrics', 'service_health_status{'],
    ['/metrics', 'service_health_status{'],
    ['/docs', 'swagger'],
    ['/redoc', 'redoc'],
  ])('%s says %s', async (path, says) => {
    // What was reported is stored with the next round of reports.
    const said = async (): Promise<string> => (await send('GET', path)).text.toLowerCase();
    await expect.poll(said, { timeout: 60_000, interval: 500 }).toContain(says);
  });
});

/** What was reported a moment ago is told within two seconds. */
async function expectSoon(ask: () => Promise<Answer>, shape: object): Promise<Answer> {
  let answer = await ask();
  await expect
    .poll(
      async () => {
        const matches = answer.status === 200 && isLike(JSON.parse(answer.text), shape);
        if (!matches) answer = await ask();
        return matches;
      },
      { timeout: 10_000 },
    )
    .toBe(true)
    .catch(() => expect([answer.status, JSON.parse(answer.text)]).toMatchObject([200, shape]));
  return answer;
}

function isLike(value: unknown, shape: object): boolean {
  try {
    expect(value).toMatchObject(shape);
    return true;
  } catch {
    return false;
  }
}
