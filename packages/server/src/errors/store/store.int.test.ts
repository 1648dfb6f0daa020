import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { openTestEngine, type TestEngine } from '../../engine/testing/open.ts';
import { BLUE, openTestApp } from '../../http/testing/test-app.ts';
import type { OpenStateStore } from '../../journal/index.ts';
import {
  createMemoryJournal,
  flushTables,
  type MemoryJournal,
  openTestState,
} from '../../journal/testing/index.ts';
import { ManualClock } from '../../kernel/clock.ts';
import { silentLog } from '../../kernel/log.ts';
import { createServiceNames } from '../../kernel/names.ts';
import { seededRandom } from '../../kernel/random.ts';
import { createTelemetry } from '../../kernel/telemetry.ts';
import { errorsSection } from '../config.ts';
import type { GroupSignal } from '../groups/registry.ts';
import { ErrorDoors } from '../ingest/doors.ts';
import { SLICE_ERRORS } from '../limits.ts';
import { errorAnalysisApi } from '../routes/analysis.ts';
import { errorGroupsApi } from '../routes/groups.ts';
import { errorReportsApi } from '../routes/report.ts';
import { sentryApi } from '../routes/sentry.ts';
import { errorsTables } from '../tables.ts';
import { shapesOf } from '../testing/shapes.ts';
import { ErrorStore } from './store.ts';

const NOW = 1_760_000_000_000;
const DAY_MS = 86_400_000;
const names = createServiceNames(new Map());

let engine: TestEngine;
beforeAll(async () => {
  engine = await openTestEngine(errorsTables);
});
afterAll(() => engine.close());

let tenants = 0;

async function open(
  journal: MemoryJournal,
  state: OpenStateStore,
  settings: object = {},
  breathe: () => Promise<void> = () => Promise.resolve(),
) {
  const clock = new ManualClock(NOW);
  const config = errorsSection.schema.parse(settings);
  const store = new ErrorStore({
    engine: engine.engine,
    journal,
    state,
    clock,
    telemetry: createTelemetry(),
    log: silentLog,
    config,
    keepMs: 20 * DAY_MS,
    breathe,
  });
  await store.start();
  let ids = 0;
  const doors = new ErrorDoors({
    store,
    clock,
    names,
    log: silentLog,
    config,
    keepMs: 20 * DAY_MS,
    breathe,
    newId: () => String(++ids).padStart(32, '0'),
  });
  const signals: GroupSignal['kind'][] = [];
  store.groups.onSignal(({ kind }) => signals.push(kind));
  return { store, doors, clock, signals, config };
}

const body = (value: unknown): Uint8Array => Buffer.from(JSON.stringify(value));

describe('the store of errors', () => {
  let journal: MemoryJournal;
  let state: OpenStateStore;
  let tenant: string;
  beforeEach(async () => {
    journal = createMemoryJournal();
    state = await openTestState();
    tenant = `t${++tenants}`;
  });

  it('lets others run while it takes a large body', async () => {
    let breaths = 0;
    const { doors, store } = await open(journal, state, {}, async () => {
      breaths++;
      await Promise.resolve();
    });
    const errors = Array.from({ length: 1000 }, (_, i) => ({
      service: 's',
      message: `problem ${i}`,
      id: `${i}`,
    }));
    expect(await doors.json(tenant, body(errors), '')).toMatchObject({ stored: 1000 });
    expect(breaths).toBeGreaterThanOrEqual(3 * 9);
    await store.stop();
  });

  it('counts a large body in slices', async () => {
    let counted = 0;
    let most = 0;
    const kept: { store?: ErrorStore } = {};
    const countedNow = (): number =>
      (kept.store?.groups.list(tenant) ?? []).reduce((sum, { count }) => sum + count, 0);
    const { doors, store } = await open(journal, state, {}, async () => {
      const now = countedNow();
      most = Math.max(most, now - counted);
      counted = now;
      await Promise.resolve();
    });
    kept.store = store;
    const errors = Array.from({ length: 1000 }, (_, i) => ({ service: 's', message: 'problem', id: `${i}` }));
    expect(await doors.json(tenant, body(errors), '')).toMatchObject({ stored: 1000 });
    most = Math.max(most, countedNow() - counted);
    expect([countedNow(), most]).toEqual([1000, SLICE_ERRORS]);
    await store.stop();
  });

  it('refuses lines without end as soon as they are too many', async () => {
    const { doors, store } = await open(journal, state);
    const lines = Buffer.from('{}\n'.repeat(10_001) + 'no json');
    await expect(doors.json(tenant, lines, '')).rejects.toMatchObject({ code: 'errors.tooLarge' });
    await store.stop();
  });

  it('refuses errors that are older than what is kept', async () => {
    const { doors, store } = await open(journal, state);
    const old = { service: 's', message: 'x', timestamp: NOW - 21 * DAY_MS };
    expect(await doors.json(tenant, body(old), '')).toMatchObject({
      stored: 0,
      refused: [{ reason: 'too_old' }],
    });
    await store.stop();
  });

  it('10,000 errors of 50 shapes with noise are exactly their 50 groups, and a resolved one that returns is regressed (issue 5, line 5)', async () => {
    const { store, doors, clock, signals } = await open(journal, state);
    const random = seededRandom(50);
    const shapes = shapesOf(50);
    for (let batch = 0; batch < 20; batch++) {
      const errors = Array.from({ length: 500 }, (_, i) =>
        shapes[(batch + i) % 50]?.make(random, NOW - 1000),
      );
      expect(await doors.json(tenant, body(errors), 'x')).toMatchObject({
        stored: 500,
        duplicates: 0,
        refused: [],
      });
    }
    const groups = store.groups.list(tenant);
    expect(groups.length).toBe(50);
    expect(groups.every(({ count }) => count === 200)).toBe(true);
    expect(signals).toEqual(Array.from({ length: 50 }, () => 'new'));
    const [first] = groups;
    const shape = shapes[0];
    if (first === undefined || shape === undefined) throw new Error('no group');
    await store.groups.command(tenant, first.id, { kind: 'resolve', at: NOW, by: 'jo' });
    await doors.json(tenant, body(shape.make(random, NOW - 1)), 'x');
    expect(first.state.status).toBe('resolved');
    await clock.advance(10);
    await doors.json(tenant, body(shape.make(random, NOW + 5)), 'x');
    expect(first.state.status).toBe('regressed');
    expect(signals.slice(50)).toEqual(['resolved', 'regressed']);
    expect(store.groups.list(tenant).length).toBe(50);
  });

  it('counts each error once over restarts, whatever was flushed and whatever was saved', async () => {
    const random = seededRandom(7);
    const [shape] = shapesOf(1);
    if (shape === undefined) throw new Error('no shape');
    const errors = Array.from({ length: 30 }, (_, i) => shape.make(random, NOW - i));
    let running = await open(journal, state);
    await running.doors.json(tenant, body(errors.slice(0, 10)), 'x');
    await running.store.groups.save();
    await running.doors.json(tenant, body(errors.slice(10, 20)), 'x');
    await flushTables(engine.engine, journal, errorsTables);
    await running.doors.json(tenant, body(errors.slice(20, 30)), 'x');
    // Killed: nothing more was saved.
    running = await open(journal, state);
    expect(running.store.groups.list(tenant).map(({ count }) => count)).toEqual([30]);
    expect(await running.doors.json(tenant, body(errors), 'x')).toMatchObject({ stored: 0, duplicates: 30 });
    const page = await running.store.reader.page({ tenant, from: 0, to: NOW + DAY_MS }, 100);
    expect(page.errors.map(({ event }) => event.time)).toEqual(Array.from({ length: 30 }, (_, i) => NOW - i));
    const { counts } = await running.store.reader.counts({ tenant, from: 0, to: NOW }, 60_000);
    expect(counts.reduce((sum, { count }) => sum + count, 0)).toBe(30);
  });

  it('counts every error of a group that comes in one batch from several days', async () => {
    const { doors, store } = await open(journal, state);
    const errors = Array.from({ length: 6 }, (_, i) => ({
      message: 'over midnight',
      timestamp: new Date(NOW - (i % 3) * DAY_MS).toISOString(),
    }));
    await doors.json(tenant, body(errors), 'x');
    expect(store.groups.list(tenant).map(({ count }) => count)).toEqual([6]);
    const again = await open(journal, state);
    expect(again.store.groups.list(tenant).map(({ count }) => count)).toEqual([6]);
  });

  it('says so when nothing is durable, and a repeat is stored then', async () => {
    const { doors, store } = await open(journal, state);
    const error = { id: 'a', message: 'x' };
    journal.failWith('failed');
    await expect(doors.json(tenant, body(error), 'x')).rejects.toThrow();
    expect(store.groups.list(tenant)).toEqual([]);
    journal.failWith(null);
    expect(await doors.json(tenant, body(error), 'x')).toMatchObject({ stored: 1 });
  });

  it('puts errors beyond the limit of groups in one group, and refuses more than the rate', async () => {
    const { doors, store } = await open(journal, state, { max_groups: 3, rate_limit: 10 });
    const errors = ['a', 'b', 'c', 'd', 'e'].map((message) => ({ message }));
    await doors.json(tenant, body(errors), 'x');
    expect(store.groups.list(tenant).map(({ count }) => count)).toEqual([1, 1, 1, 2]);
    await doors.json(tenant, body([...errors, ...errors]), 'x');
    await expect(doors.json(tenant, body(errors), 'x')).rejects.toMatchObject({
      code: 'errors.rateLimited',
      retryAfterSeconds: 30,
    });
  });
});

describe('the API of errors', () => {
  async function api(settings: object = {}, journal = createMemoryJournal(), state?: OpenStateStore) {
    const { store, doors, clock, config } = await open(journal, state ?? (await openTestState()), settings);
    const app = await openTestApp([
      errorReportsApi(doors),
      sentryApi({ doors, projects: config.projects }),
      errorAnalysisApi({ store, clock, names }),
      errorGroupsApi({
        store,
        clock,
        names,
        keepMs: 90 * DAY_MS,
        mapped: (_tenant, event) => Promise.resolve(event),
      }),
    ]);
    const ask = async (url: string, payload?: object | string, headers: Record<string, string> = BLUE) => {
      const answer = await app.inject({
        method: payload === undefined ? 'GET' : 'POST',
        url,
        headers: {
          host: 'localhost',
          ...(typeof payload === 'object' && { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(payload !== undefined && { payload }),
      });
      return { status: answer.statusCode, headers: answer.headers, json: answer.json() };
    };
    return { app, ask, clock };
  }

  it('takes, lists, resolves, ignores and reopens', async () => {
    const { ask } = await api();
    const trace = 'c'.repeat(32);
    const errors = [
      {
        service: 'order',
        name: 'TimeoutError',
        message: 'late 5',
        trace_id: trace,
        request_id: 'r1',
        username: 'jo',
        release: '1.0.0',
      },
      { service: 'order', name: 'TimeoutError', message: 'late 6', username: 'al', release: '1.0.0' },
      { service: 'user', name: 'ValidationError', message: 'bad input' },
      { type: 'no such' },
    ];
    expect((await ask('/api/errors', errors)).json).toMatchObject({
      stored: 3,
      refused: 1,
      problem: expect.stringContaining('type "no such"'),
    });
    const { json } = await ask('/api/v1/errors/groups?sort=count');
    expect(json).toMatchObject({ total: 2, next: null, by_status: { open: 2 } });
    const [late] = json.groups;
    expect(late).toMatchObject({
      name: 'TimeoutError',
      count: 2,
      users: 2,
      type: 'timeout',
      severity: 'high',
      services: ['order'],
      releases: ['1.0.0'],
    });
    expect((await ask('/api/v1/errors/groups?sort=count&limit=1')).json.groups.length).toBe(1);
    const { next } = (await ask('/api/v1/errors/groups?sort=count&limit=1')).json;
    expect((await ask(`/api/v1/errors/groups?sort=count&limit=1&cursor=${next}`)).json.groups[0].name).toBe(
      'ValidationError',
    );
    expect((await ask('/api/v1/errors/groups?service=user-service&severity=low&q=BAD')).json.total).toBe(1);
    const events = await ask(`/api/v1/errors/groups/${late.id}/events`);
    expect(events.json.events.map(({ message }: { message: string }) => message).sort()).toEqual([
      'late 5',
      'late 6',
    ]);
    expect((await ask(`/api/v1/errors/events?trace_id=${trace}`)).json.events).toMatchObject([
      { group: late.id, request_id: 'r1' },
    ]);
    expect((await ask(`/api/v1/errors/events/${events.json.events[0].id}`)).json.exceptions[0].name).toBe(
      'TimeoutError',
    );
    const resolved = await ask(`/api/v1/errors/groups/${late.id}/resolve`, { in_next_release: true });
    expect(resolved.json).toMatchObject({
      status: 'resolved',
      state: { in_next_release: true, by: 'admin' },
      audit: [{ action: 'resolved', by: 'admin' }],
    });
    expect((await ask(`/api/v1/errors/groups/${late.id}/ignore`, { count: 3 })).json).toMatchObject({
      status: 'ignored',
      state: { until_count: 5 },
    });
    expect((await ask(`/api/v1/errors/groups/${late.id}/reopen`, {})).json).toMatchObject({ status: 'open' });
    expect((await ask(`/api/v1/errors/groups/${'0'.repeat(16)}`)).status).toBe(404);
    expect((await ask(`/api/v1/errors/groups/${late.id}/ignore`, { until: 5 })).status).toBe(400);
  });

  it('merges nothing when that cannot be made durable', async () => {
    const state = await openTestState();
    const { doors, store } = await open(createMemoryJournal(), state);
    await doors.json('merge-fails', body([{ message: 'one' }, { message: 'another' }]), 'x');
    const [one, another] = store.groups.list('merge-fails').map(({ id }) => id);
    vi.spyOn(state, 'write').mockRejectedValueOnce(new Error('the disk is gone'));
    await expect(
      store.groups.merge('merge-fails', one ?? '', [another ?? ''], { at: NOW, by: '' }),
    ).rejects.toThrow('the disk is gone');
    expect(store.groups.list('merge-fails').map(({ id, count }) => [id, count])).toEqual([
      [one, 1],
      [another, 1],
    ]);
  });

  it('refuses more errors in a body than it could hold, whole', async () => {
    const { ask } = await api();
    const many = await ask('/api/errors', `[${'{"message":"a"},'.repeat(10_000)}{"message":"a"}]`);
    expect([many.status, JSON.stringify(many.json)]).toEqual([
      413,
      expect.stringContaining('10001 errors, expected at most 10000'),
    ]);
    expect((await ask('/api/v1/errors/groups')).json.total).toBe(0);
  });

  it('leaves no service out of a count, whatever it is called', async () => {
    const { ask } = await api();
    await ask('/api/errors', { service: '__proto__', name: 'TypeError', message: 'late' });
    const { json } = await ask('/monitoring/errors/stats?window=1h');
    expect(json).toMatchObject({ total: 1, by_service: { proto: 1 } });
  });

  it('answers for a window that reaches before 1970', async () => {
    const { ask } = await api();
    for (const path of ['/monitoring/errors/stats', '/api/errors/analysis'])
      expect(await ask(`${path}?end=0&window=90d`)).toMatchObject({
        status: 200,
        json: { total: 0, rate_per_minute: 0 },
      });
  });

  it('answers analysis, stats and details in the documented shapes', async () => {
    const { ask } = await api();
    await ask(
      '/api/errors',
      Array.from({ length: 12 }, (_, i) => ({
        service: i < 8 ? 'order' : 'user',
        name: 'TimeoutError',
        message: 'late',
      })),
    );
    const analysis = await ask('/api/errors/analysis?window=1h');
    expect(analysis.json).toMatchObject({
      window: '1h',
      total: 12,
      services: [
        { service: 'order', count: 8 },
        { service: 'user', count: 4 },
      ],
      types: [{ type: 'timeout', count: 12 }],
    });
    expect(analysis.json.new_groups.length).toBe(2);
    expect((await ask('/api/errors/analysis?service=user')).json.total).toBe(4);
    expect((await ask('/monitoring/errors/stats')).json).toMatchObject({
      total: 12,
      by_service: { order: 8, user: 4 },
      by_type: { timeout: 12 },
      by_severity: { high: 12 },
    });
    const page = await ask('/monitoring/errors/details?limit=10&severity=high');
    expect(page.json.errors.length).toBe(10);
    expect((await ask(`/monitoring/errors/details?limit=10&cursor=${page.json.next}`)).json).toMatchObject({
      next: null,
      errors: [{}, {}],
    });
    expect((await ask('/monitoring/errors/details?window=never')).status).toBe(400);
  });

  it('takes envelopes by the key of a DSN, and answers as Sentry does', async () => {
    const { ask } = await api({
      rate_limit: 2,
      projects: { '7': { keys: ['abc'], service: 'pay-service', tenant: 'blue' } },
    });
    const nobody = {};
    const envelope = (id: string) =>
      `{"event_id":"${id}"}\n{"type":"session"}\n{}\n{"type":"event"}\n{"event_id":"${id}","message":"no money ${id}"}\n`;
    const sent = await ask(
      '/api/7/envelope/?sentry_key=abc&sentry_version=7',
      envelope('a'.repeat(32)),
      nobody,
    );
    expect([sent.status, sent.json]).toEqual([200, { id: 'a'.repeat(32) }]);
    expect(
      (
        await ask('/api/7/store/', '{"message":"x"}', {
          ...nobody,
          'x-sentry-auth': 'Sentry sentry_version=7, sentry_key=abc',
        })
      ).status,
    ).toBe(200);
    const limited = await ask('/api/7/envelope/?sentry_key=abc', envelope('b'.repeat(32)), nobody);
    expect([limited.status, limited.headers['x-sentry-rate-limits']]).toEqual([
      429,
      '1:error;default:organization:pharos',
    ]);
    expect((await ask('/api/7/envelope/?sentry_key=no', envelope('c'.repeat(32)), nobody)).status).toBe(403);
    expect((await ask('/api/7/envelope/?sentry_key=abc', 'nonsense', nobody)).status).toBe(400);
    expect((await ask('/api/v1/errors/groups?service=pay')).json.total).toBe(2);
  });

  it('takes any body at any door without a fault of its own', async () => {
    const { app } = await api();
    const random = seededRandom(99);
    const pieces = [
      '{',
      '}',
      '[',
      ']',
      '"',
      ':',
      ',',
      '\n',
      '{}',
      '{"type":"event","length":',
      '2}',
      'null',
      '1e999',
      '"__proto__"',
      '{"message":"x"}',
      '"exception"',
      '\u0000',
      '\ud800',
      'é',
    ];
    for (let i = 0; i < 300; i++) {
      const text = Array.from(
        { length: 1 + Math.floor(random() * 12) },
        () => pieces[Math.floor(random() * pieces.length)],
      ).join('');
      for (const url of ['/api/errors', '/api/1/envelope/?sentry_key=a', '/api/1/store/?sentry_key=a']) {
        const answer = await app.inject({
          method: 'POST',
          url,
          headers: { host: 'localhost' },
          payload: Buffer.from(text),
        });
        expect(answer.statusCode, `${url} ${text}`).toBeLessThan(500);
      }
    }
  });

  // The last one: what it flushes stays in the engine.
  it('merges groups: one problem with all that was counted, under every id, over a flush and a kill', async () => {
    const journal = createMemoryJournal();
    const state = await openTestState();
    const { ask } = await api({}, journal, state);
    const at = (service: string, i: number) => ({
      id: `${service} ${i}`,
      service,
      name: 'TimeoutError',
      message: 'late',
      username: `u${i}`,
      timestamp: NOW - i,
    });
    await ask('/api/errors', [at('merge-a', 5), at('merge-a', 4), at('merge-b', 3)]);
    const ids = async () => {
      const { groups } = (await ask('/api/v1/errors/groups?sort=count&q=late')).json;
      return groups.map(({ id, count }: { id: string; count: number }) => [id, count]);
    };
    const [[a], [b]] = await ids();
    await flushTables(engine.engine, journal, errorsTables);
    expect((await ask(`/api/v1/errors/groups/${a}/merge`, { groups: [b, a] })).json).toMatchObject({
      id: a,
      count: 3,
      users: 3,
      services: ['merge-a', 'merge-b'],
      merged: [b],
      audit: [{ action: 'merged', by: 'admin', detail: `${b} TimeoutError (1)` }],
    });
    await ask('/api/errors', [at('merge-b', 2), at('merge-a', 1)]);
    expect(await ids()).toEqual([[a, 5]]);
    for (const id of [a, b]) {
      expect((await ask(`/api/v1/errors/groups/${id}`)).json).toMatchObject({
        id: a,
        first_seen: expect.any(String),
        count: 5,
      });
      const { events } = (await ask(`/api/v1/errors/groups/${id}/events`)).json;
      expect(events.map((event: { user: string; group: string }) => [event.user, event.group])).toEqual(
        [1, 2, 3, 4, 5].map((i) => [`u${i}`, a]),
      );
    }
    expect((await ask('/api/errors/analysis')).json.groups).toMatchObject([{ id: a, window_count: 5 }]);
    expect((await ask(`/api/v1/errors/groups/${a}/merge`, { groups: ['0'.repeat(16)] })).status).toBe(404);
    // Killed: nothing was saved since the merge.
    const again = await api({}, journal, state);
    const [kept] = (await again.ask('/api/v1/errors/groups?q=late')).json.groups;
    expect(kept).toMatchObject({ id: a, count: 5, users: 5 });
    await again.ask('/api/errors', [at('merge-b', 0)]);
    expect((await again.ask(`/api/v1/errors/groups/${b}`)).json).toMatchObject({ id: a, count: 6 });
  });
});
