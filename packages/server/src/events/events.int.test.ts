import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { openTestEngine, type TestEngine } from '../engine/testing/open.ts';
import { EventHub } from '../http/sse.ts';
import { BLUE, openTestApp } from '../http/testing/test-app.ts';
import type { HttpApp } from '../http/types.ts';
import type { StateStore } from '../journal/index.ts';
import {
  createMemoryJournal,
  flushTables,
  type MemoryJournal,
  openTestState,
} from '../journal/testing/index.ts';
import { ManualClock } from '../kernel/clock.ts';
import { silentLog } from '../kernel/log.ts';
import { seededRandom } from '../kernel/random.ts';
import { createTelemetry } from '../kernel/telemetry.ts';
import { eventsSection } from './config.ts';
import { createEvents } from './slice.ts';
import { eventsTables } from './tables.ts';
import { type PostHook, signatureOf } from './webhooks/webhooks.ts';

const NOW = Date.UTC(2026, 5, 1, 12);
const BASE = '/api/v1/monitoring';
const entry = z.looseObject({
  id: z.string(),
  source: z.string(),
  status: z.string(),
  timestamp: z.string(),
  input: z.record(z.string(), z.unknown()),
});
const page = z.looseObject({ total: z.number(), logs: z.array(entry) });

let engine: TestEngine;
let directory: string;
let state: StateStore;
let ids = 0;

beforeAll(async () => {
  engine = await openTestEngine(eventsTables);
  directory = await mkdtemp(join(tmpdir(), 'pharos-events-'));
  state = await openTestState();
});
afterAll(async () => {
  await engine.close();
  await rm(directory, { recursive: true, force: true });
});

interface Running {
  readonly app: HttpApp;
  readonly journal: MemoryJournal;
  readonly clock: ManualClock;
  readonly sent: Parameters<PostHook>[0][];
  flush(): Promise<void>;
}

async function open(
  config: object = {},
  journal = createMemoryJournal(),
  answers: number[] = [],
): Promise<Running> {
  const clock = new ManualClock(NOW);
  const sent: Parameters<PostHook>[0][] = [];
  const post: PostHook = (request) => {
    sent.push(request);
    return Promise.resolve(answers.shift() ?? 200);
  };
  const slice = createEvents({
    engine: engine.engine,
    journal,
    state,
    clock,
    random: seededRandom(1),
    telemetry: createTelemetry(),
    log: silentLog,
    config: eventsSection.schema.parse(config),
    post,
    archiveDirectory: directory,
    hub: () => new EventHub(clock, { opened: () => {}, closed: () => {}, dropped: () => {} }),
    newId: () => `made-event-${++ids}`,
    breathe: () => Promise.resolve(),
  });
  for (const service of slice.services) await service.start?.(new AbortController().signal);
  const app = await openTestApp(slice.apis);
  return { app, journal, clock, sent, flush: () => flushTables(engine.engine, journal, eventsTables) };
}

const blue = { ...BLUE, 'content-type': 'application/json' };

async function post(app: HttpApp, path: string, payload: unknown, headers: Record<string, string> = blue) {
  const answer = await app.inject({
    method: 'POST',
    url: `${BASE}${path}`,
    headers,
    payload: typeof payload === 'string' ? payload : JSON.stringify(payload),
  });
  const body: unknown = answer.body === '' ? null : JSON.parse(answer.body);
  return { status: answer.statusCode, body };
}

async function get(app: HttpApp, path: string): Promise<unknown> {
  const answer = await app.inject({ method: 'GET', url: `${BASE}${path}`, headers: BLUE });
  expect(answer.statusCode, answer.body).toBe(200);
  return JSON.parse(answer.body);
}

const logs = async (app: HttpApp, query = '') => page.parse(await get(app, `/logs?${query}`));

it('keeps the newest events up to their number, also of those of one moment', async () => {
  const { app, flush, clock } = await open({ max_entries: 3 });
  const own = { 'content-type': 'application/json' };
  const events = ['a', 'b', 'c', 'd', 'e'].map((id) => ({
    id,
    source: 'many',
    event_type: 'x',
    timestamp: NOW,
  }));
  expect((await post(app, '/events/batch', events, own)).status).toBe(200);
  await flush();
  await clock.advance(10 * 60_000);
  const kept = async () => {
    const answer = await app.inject({ url: `${BASE}/logs?source=many`, headers: { host: 'localhost' } });
    return page.parse(answer.json()).logs.map(({ id }) => id);
  };
  await expect.poll(kept).toEqual(['e', 'd', 'c']);
});

it('reads the same events whether memory or the engine has them, page by page, and after a restart', async () => {
  const { app, journal, flush } = await open();
  const send = (from: number, to: number) =>
    post(
      app,
      '/events/batch',
      Array.from({ length: to - from }, (_, i) => ({
        id: `page-${from + i}`,
        source: (from + i) % 2 === 0 ? 'even' : 'odd',
        event_type: 'tick',
        data: { latency: (from + i) % 5 === 0 ? 4000 : 10 },
        timestamp: NOW - ((from + i) % 7) * 60_000,
      })),
    );
  await send(0, 20);
  await flush();
  await send(20, 30);
  const all = await logs(app, 'limit=100');
  expect(all.total).toBe(30);
  const times = all.logs.map(({ timestamp }) => timestamp);
  expect(times).toEqual([...times].sort().reverse());
  const paged: string[] = [];
  for (let offset = 0; offset < 30; offset += 4)
    paged.push(...(await logs(app, `limit=4&offset=${offset}`)).logs.map(({ id }) => id));
  expect(paged).toEqual(all.logs.map(({ id }) => id));
  expect((await logs(app, 'status=WARNING&status=CRITICAL&source=even')).total).toBe(3);
  expect((await logs(app, 'rule=latency')).total).toBe(6);
  const start = new Date(NOW - 2 * 60_000).toISOString();
  expect((await logs(app, `start_time=${start}`)).total).toBe(14);
  const again = await open({}, journal);
  expect((await logs(again.app, 'limit=100')).logs).toEqual(all.logs);
  const repeat = await post(again.app, '/events', { id: 'page-5', source: 'x', event_type: 'y', data: {} });
  expect(repeat.body).toMatchObject({ id: 'page-5', source: 'odd', status: 'WARNING', duplicate: true });
  const health = await get(again.app, '/health');
  expect(health).toMatchObject({
    current_status: 'WARNING',
    severity_score: 0.75,
    total_events_processed: 30,
  });
  await again.flush();
  expect((await logs(again.app, 'limit=100')).logs).toEqual(all.logs);
});

it('an id is stored once, however its repeats come', async () => {
  const { app } = await open();
  const event = { id: 'once', source: 'ids', event_type: 'a', data: { cpu_usage: 95, memory_usage: 90 } };
  const together = await Promise.all([
    post(app, '/events', event),
    post(app, '/events', { ...event, data: {} }),
    post(app, '/events/batch', [
      event,
      { ...event, data: {} },
      { id: 'other', source: 'ids', event_type: 'a' },
    ]),
  ]);
  expect(together.map(({ status }) => status)).toEqual([200, 200, 200]);
  const verdict = { id: 'once', status: 'CRITICAL', severity_score: 0.9, decision: 'ESCALATE' };
  expect(together[0].body).toMatchObject({ ...verdict, duplicate: false });
  expect(together[1].body).toMatchObject({ ...verdict, duplicate: true });
  expect(together[2].body).toMatchObject({
    accepted: 1,
    duplicates: 2,
    verdicts: [verdict, verdict, { id: 'other' }],
  });
  expect((await logs(app, 'source=ids')).total).toBe(2);
});

it('nothing is answered that the journal did not take', async () => {
  const { app, journal } = await open();
  journal.failWith('failed');
  const event = { id: 'lost', source: 'failing', event_type: 'a' };
  expect((await post(app, '/events', event)).status).toBe(503);
  expect((await post(app, '/events/batch', [event])).status).toBe(503);
  journal.failWith(null);
  expect((await post(app, '/events', event)).body).toMatchObject({ duplicate: false });
});

it('rules are tried on what is stored, saved, and judge it again with what was known then', async () => {
  const { app, clock, flush } = await open();
  for (let i = 0; i < 40; i++)
    await post(app, '/events', {
      source: 'judged',
      event_type: 'a',
      data: { amount: i % 2 === 0 ? 90 : 110 },
    });
  await post(app, '/events', { id: 'far', source: 'judged', event_type: 'a', data: { amount: 500 } });
  await flush();
  const rule = {
    name: 'small-amount',
    when: 'data.amount < 100 and source == "judged"',
    decision: 'RETRY',
    weight: 'caution',
  };
  const tested = await post(app, '/rules/test', { rule, lookback_minutes: 60 });
  expect(tested.body).toMatchObject({
    matched: 20,
    changed: 20,
    transitions: [{ from: 'NORMAL', to: 'WARNING', count: 20 }],
  });
  expect((await post(app, '/rules/test', { rule: { ...rule, when: 'data.amount <' } })).status).toBe(400);
  expect((await post(app, '/rules', rule)).status).toBe(201);
  expect((await post(app, '/rules', rule)).status).toBe(409);
  expect((await post(app, '/rules', { ...rule, name: 'latency' })).status).toBe(400);
  const again = await post(app, '/analysis/re-evaluate?lookback_minutes=60', '');
  expect(again.body).toMatchObject({ changed: 20, trigger: 'request' });
  // The anomaly is the one it was, though the history has gone on since.
  const far = await get(app, '/logs/far');
  expect(far).toMatchObject({ status: 'CRITICAL', baseline: [{ field: 'amount', count: 40, mean: 100 }] });
  await app.inject({ method: 'DELETE', url: `${BASE}/rules/small-amount`, headers: BLUE });
  await clock.advance(2000);
  await expect
    .poll(async () => await get(app, '/analysis/re-evaluate'))
    .toMatchObject({ last: { trigger: 'rules', changed: 0 } });
});

it('cleanup archives, removes, and restores each event once', async () => {
  const { app, flush } = await open();
  const old = Array.from({ length: 25 }, (_, i) => ({
    id: `old-${i}`,
    source: 'archived',
    event_type: 'a',
    data: { n: i, password: 'x' },
    timestamp: NOW - 48 * 3_600_000 - i,
  }));
  await post(app, '/events/batch', old);
  await post(app, '/events', { id: 'new', source: 'archived', event_type: 'a' });
  await flush();
  const before = await logs(app, 'source=archived&limit=100');
  expect(before.logs.find(({ id }) => id === 'old-3')?.input).toEqual({ n: 3, password: '[REDACTED]' });
  const cleaned = z
    .looseObject({ removed: z.number(), archive: z.looseObject({ name: z.string() }) })
    .parse((await post(app, '/maintenance/cleanup?older_than_hours=24', '')).body);
  expect(cleaned.removed).toBe(25);
  expect((await logs(app, 'source=archived')).logs.map(({ id }) => id)).toEqual(['new']);
  const { name } = cleaned.archive;
  for (let round = 0; round < 2; round++) {
    expect((await post(app, '/maintenance/restore', { archive: name })).body).toMatchObject({ restored: 25 });
    expect((await logs(app, 'source=archived&limit=100')).logs).toEqual(before.logs);
  }
  expect((await post(app, '/maintenance/restore', { archive: '../../x' })).status).toBe(404);
  expect(await get(app, '/maintenance/archives')).toMatchObject({ archives: [{ name }] });
});

it('a webhook hears of critical events, signed, again after a failure that may pass', async () => {
  const hook = { url: 'http://hook.example/x', secret: 's', retries: 2 };
  const { app, clock, sent } = await open({ webhooks: [hook] }, createMemoryJournal(), [503, 200]);
  await post(app, '/events', { id: 'calm', source: 'hooked', event_type: 'a' });
  await post(app, '/events', {
    id: 'bad',
    source: 'hooked',
    event_type: 'a',
    data: { cpu_usage: 99, error_rate: 60 },
  });
  await expect.poll(() => sent.length).toBe(1);
  await clock.advance(1000);
  await expect.poll(() => sent.length).toBe(2);
  const [first] = sent;
  expect(JSON.parse(first?.body ?? '')).toMatchObject({ events: [{ id: 'bad', decision: 'HALT' }] });
  expect(first?.headers['x-pharos-signature']).toBe(signatureOf('s', NOW / 1000, first?.body ?? ''));
});

it('statistics and analysis count what is there', async () => {
  const { app } = await open();
  await post(app, '/events/batch', [
    { source: '__proto__', event_type: 'a', data: { latency: 1 } },
    { source: '__proto__', event_type: 'b', data: { latency: 4000 } },
    { source: 'stats', event_type: 'b', data: { cpu_usage: 95, memory_usage: 95 } },
  ]);
  const stats = z
    .looseObject({ by_source: z.unknown() })
    .parse(await get(app, '/stats?lookback_minutes=5&source=__proto__'));
  expect(JSON.stringify(stats.by_source)).toBe('{"__proto__":2}');
  expect(await get(app, '/stats?lookback_minutes=5&source=stats')).toMatchObject({
    total: 1,
    by_status: { NORMAL: 0, WARNING: 0, CRITICAL: 1 },
    by_rule: { cpu_usage: 1, memory_usage: 1 },
    by_decision: { ESCALATE: 1 },
    rates: { critical: 1 },
  });
  const answer = await post(app, '/analysis/llm', { lookback_minutes: 5, focus_areas: ['stats', 'nobody'] });
  expect(answer.body).toMatchObject({
    severity: 'CRITICAL',
    key_findings: expect.arrayContaining([
      expect.stringContaining('stats: 1 critical'),
      expect.stringContaining('"nobody"'),
    ]),
  });
});

describe('bodies from outside', () => {
  const value = fc.oneof(fc.jsonValue({ maxDepth: 3 }), fc.constantFrom('success', null, 1e308, '__proto__'));
  const loose = fc.dictionary(
    fc.constantFrom('source', 'event_type', 'data', 'metadata', 'timestamp', 'id', '__proto__', 'x'),
    value,
  );
  const valid = fc.record({
    source: fc.constantFrom('fuzz', 'fuzz-2'),
    event_type: fc.constantFrom('a', 'b'),
    data: fc.dictionary(fc.constantFrom('latency', 'output', 'status_code', 'error', '__proto__'), value),
  });

  it('are never a failure of the server, and no valid item of a batch is lost', async () => {
    const { app } = await open();
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.oneof(
            valid.map((event) => [event, true] as const),
            loose.map((event) => [event, false] as const),
          ),
          { maxLength: 6 },
        ),
        fc.boolean(),
        fc.string({ maxLength: 30 }),
        async (items, asLines, noise) => {
          expect((await post(app, '/events', noise)).status).toBeLessThan(500);
          const texts = items.map(([event]) => JSON.stringify(event));
          const broken = ['{"source":', 'nul', ...texts, '{]'];
          const body = asLines ? broken.join('\n') : `[${['nul', ...texts, 'tru'].join()}]`;
          const answer = await post(app, '/events/batch', body);
          const wanted = items.filter(([, isValid]) => isValid).length;
          expect(answer.status).toBeLessThan(500);
          if (wanted === 0) return;
          const { accepted } = z.looseObject({ accepted: z.number() }).parse(answer.body);
          expect(accepted).toBeGreaterThanOrEqual(wanted);
        },
      ),
      { numRuns: 60 },
    );
  });

  it.each<[unknown, string]>([
    ['', 'is no JSON'],
    ['[1]', 'expected an object'],
    [{ event_type: 'a' }, 'source is missing'],
    [{ source: ' ', event_type: 'a' }, 'source is " "'],
    [{ source: 'a', event_type: 5 }, 'event_type is 5'],
    [{ source: 'a', event_type: 'a', data: [] }, 'data is [], expected an object'],
    [{ source: 'a', event_type: 'a', timestamp: 'soon' }, 'timestamp is "soon"'],
    [{ source: 'a', event_type: 'a', timestamp: NOW + 3_600_000 }, 'is later than'],
    [{ source: 'a', event_type: 'a', timestamp: 1 }, 'is before'],
    [{ source: 'a', event_type: 'a', id: {} }, 'id is {}'],
    [
      `{"source":"a","event_type":"a","data":${'{"a":'.repeat(40)}1${'}'.repeat(40)}}`,
      'nested more than 32 deep',
    ],
  ])('%j is refused in words', async (body, words) => {
    const { app } = await open();
    const answer = await post(app, '/events', body);
    expect(answer.status).toBe(400);
    expect(JSON.stringify(answer.body).replaceAll('\\"', '"')).toContain(words);
  });
});
