import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { BLUE, openTestApp } from '../http/testing/test-app.ts';
import type { HttpApp } from '../http/types.ts';
import { type Frame, journalErrors, type StateStore } from '../journal/index.ts';
import { openTestState } from '../journal/testing/index.ts';
import { ManualClock } from '../kernel/clock.ts';
import { silentLog } from '../kernel/log.ts';
import { createServiceNames } from '../kernel/names.ts';
import { createTelemetry } from '../kernel/telemetry.ts';
import { Breakers, breakerChannelApi, breakerMonitoringApi, breakersApi } from './index.ts';
import { ZERO_COUNTS } from './model.ts';
import type { SeriesValue } from './series.ts';
import { failing, reportOf } from './testing/reports.ts';

let app: HttpApp;
afterEach(() => app.close());

const value = (labels: Readonly<Record<string, string>>, number: number): SeriesValue => ({
  label: (name) => labels[name] ?? '',
  value: number,
});

interface SetupOptions {
  readonly state?: StateStore;
  readonly series?: Readonly<Record<string, readonly SeriesValue[]>>;
  /** Whether the journal takes what it is given. */
  readonly writable?: () => boolean;
}

async function setup({ state, series = {}, writable = () => true }: SetupOptions = {}) {
  const clock = new ManualClock();
  const frames: Frame[] = [];
  const telemetry = createTelemetry();
  const store = state ?? (await openTestState());
  const names = createServiceNames(new Map());
  const reader = {
    instant: (_tenant: string, query: string) =>
      Promise.resolve(Object.entries(series).find(([part]) => query.includes(part))?.[1] ?? []),
  };
  let id = 0;
  const breakers = new Breakers({
    engine: { query: () => Promise.reject(new Error('away')) },
    journal: {
      append: (more) =>
        writable()
          ? Promise.resolve(frames.push(...more))
          : Promise.reject(journalErrors.make('failed', 'the disk is full')),
      replay: async (consume) => frames.forEach((frame, i) => consume(frame, i)),
    },
    state: store,
    reader,
    names,
    clock,
    log: silentLog,
    telemetry,
    newId: () => `n${id++}`,
  });
  app = await openTestApp([
    breakersApi({ breakers, names, clock, reader }),
    breakerChannelApi(breakers),
    breakerMonitoringApi({ breakers, names }),
  ]);
  const post = (url: string, payload: object = {}, headers: object = {}) =>
    app.inject({ method: 'POST', url, payload, headers: { ...headers } });
  const report = (...args: Parameters<typeof reportOf>) => post('/api/v1/breakers/report', reportOf(...args));
  const poll = (instance = 'host:1', session = 's1') =>
    post('/api/v1/breakers/poll', { service: 'order', instance, session });
  const held = () =>
    vi.waitFor(async () => expect(await telemetry.expose()).toContain('pharos_breakers_questions 1'), {
      timeout: 30_000,
    });
  const get = async (url: string, headers = {}) => (await app.inject({ url, headers })).json();
  const command = (payload: object) => post('/api/v1/breakers/commands', { reason: 'a test', ...payload });
  return { clock, store, frames, telemetry, breakers, post, report, poll, held, get, command };
}

const change = (seq: number, at: number) => ({
  seq,
  name: 'user-client',
  at,
  from: 'CLOSED' as const,
  to: 'OPEN' as const,
  reason: 'tripped',
  counts: failing(5),
});

describe('what services report', () => {
  it('is in /monitoring/circuit-breakers, the worst instance of each breaker, worst first', async () => {
    const { report, get } = await setup();
    await report({ 'catalog-client': 'CLOSED', 'user-client': 'CLOSED' });
    await report(
      { 'catalog-client': 'CLOSED', 'user-client': 'OPEN' },
      { instance: 'host:2', counts: failing(2) },
    );
    expect(await get('/monitoring/circuit-breakers')).toEqual([
      { service: 'user', name: 'user-client', state: 'OPEN', counts: failing(2), last_change: null },
      { service: 'catalog', name: 'catalog-client', state: 'CLOSED', counts: failing(2), last_change: null },
    ]);
    const fleet = await get('/api/v1/breakers?service=order');
    expect(fleet.breakers[0]).toMatchObject({
      service: 'order',
      state: 'OPEN',
      instances: [{ instance: 'host:2', state: 'OPEN' }, { instance: 'host:1' }],
    });
    expect(fleet.services).toEqual([
      {
        service: 'order',
        state: 'OPEN',
        reasons: [
          {
            breaker: 'user-client',
            upstream: 'user',
            state: 'OPEN',
            forced: false,
            text: 'the circuit breaker user-client before user is open on 1 of 2 instances (host:2) after 5 failed calls in a row',
            since: null,
          },
        ],
      },
    ]);
    expect(await get('/monitoring/circuit-breakers', BLUE)).toEqual([]);
  });

  it('is history, durable, each change once, also while the engine is away', async () => {
    const { clock, report, get, frames, breakers } = await setup();
    const transitions = [change(1, clock.now() - 1_000)];
    await report({ 'user-client': 'OPEN' }, { transitions });
    await report({ 'user-client': 'OPEN' }, { transitions });
    expect(frames.map(({ table, rows }) => [table, rows])).toEqual([['breaker_transitions', 1]]);
    const memory = await breakers.history.transitions('default', { since: 0, limit: 1 });
    expect(memory.list).toMatchObject([
      { service: 'order', name: 'user-client', to: 'OPEN', reason: 'tripped' },
    ]);
    await breakers.history.load();
    const once = await get('/api/v1/breakers/history?service=order&limit=1');
    expect(once.partial).toBe(false);
    expect((await get('/api/v1/breakers/history')).partial).toBe(true);
    expect(once.transitions).toMatchObject([{ instance: 'host:1', counts: { consecutive_failures: 5 } }]);
  });

  it('is acknowledged once it is durable, and told again until then', async () => {
    let writable = false;
    const { clock, report, get, frames } = await setup({ writable: () => writable });
    const transitions = [change(1, clock.now() - 1_000)];
    expect((await report({ 'user-client': 'OPEN' }, { transitions })).statusCode).toBe(503);
    expect((await get('/api/v1/breakers/history')).transitions).toEqual([]);
    writable = true;
    expect((await report({ 'user-client': 'OPEN' }, { transitions })).statusCode).toBe(200);
    expect(frames.map(({ rows }) => rows)).toEqual([1]);
  });

  it('is beside what only series show, which cannot be commanded', async () => {
    const { report, get, command } = await setup({
      series: {
        circuit_breaker_state: [
          value({ service: 'order', name: 'user-client', instance: 'x' }, 0),
          value({ job: 'auth-service', name: 'mail-client', instance: 'x' }, 2),
        ],
        resilience4j: [
          value(
            { application: 'bank', job: 'bank', name: 'ledger', state: 'forced_open', instance: 'j:1' },
            1,
          ),
        ],
      },
    });
    await report({ 'user-client': 'CLOSED' });
    const { breakers } = await get('/api/v1/breakers');
    const brief = breakers.map((b: Record<string, unknown>) => [
      b['service'],
      b['name'],
      b['source'],
      b['state'],
      b['actions'],
    ]);
    expect(brief).toEqual([
      ['auth', 'mail-client', 'series', 'OPEN', []],
      ['bank', 'ledger', 'series', 'OPEN', []],
      ['order', 'user-client', 'channel', 'CLOSED', expect.arrayContaining(['force_open'])],
    ]);
    expect((await command({ action: 'reset', breaker: 'ledger' })).statusCode).toBe(404);
  });
});

describe('commands', () => {
  it('reach an instance that waits, once, and are known with what they reached', async () => {
    const { clock, report, poll, held, command, get } = await setup();
    await report({ 'user-client': 'CLOSED', 'catalog-client': 'CLOSED' });
    const waiting = poll();
    await held();
    const made = (await command({ action: 'force_open', breaker: 'user-client', for: '15m' })).json();
    expect(made).toMatchObject({ total: 1, command: { targets: 1 } });
    const { commands } = (await waiting).json();
    expect(commands).toEqual([
      {
        id: made.command.id,
        action: 'force_open',
        breakers: ['user-client'],
        for_ms: 900_000,
        by: '',
        reason: 'a test',
      },
    ]);
    const again = poll();
    await held();
    await clock.advance(25_000);
    expect((await again).json()).toEqual({ commands: [] });
    await report(
      { 'user-client': 'OPEN', 'catalog-client': 'CLOSED' },
      { acks: [{ id: made.command.id, breaker: 'user-client', outcome: 'applied' }] },
    );
    const third = poll();
    await held();
    await clock.advance(25_000);
    expect((await third).json()).toEqual({ commands: [] });
    expect((await get('/api/v1/breakers/commands')).commands).toMatchObject([
      { action: 'force_open', service: null, breaker: 'user-client', applied: 1, targets: 1, active: true },
    ]);
  });

  it('are sent again to who does not acknowledge, also when the wall clock was set back', async () => {
    const { clock, report, command } = await setup();
    await report({ 'user-client': 'CLOSED' });
    const { id } = (await command({ action: 'force_open', for: '15m' })).json().command;
    const told = async () => (await report({ 'user-client': 'CLOSED' })).json().commands;
    expect(await told()).toMatchObject([{ id }]);
    clock.jump(-600_000);
    await clock.advance(4_999);
    expect(await told()).toEqual([]);
    await clock.advance(1);
    expect(await told()).toMatchObject([{ id }]);
  });

  it('count a process that started again and was told again once', async () => {
    const { report, command, get } = await setup();
    await report({ 'user-client': 'CLOSED' });
    const { id } = (await command({ action: 'force_open', for: '15m' })).json().command;
    for (const session of ['s1', 's2']) {
      const told = await report({ 'user-client': 'CLOSED' }, { session });
      expect(told.json().commands).toMatchObject([{ id }]);
      await report(
        { 'user-client': 'OPEN' },
        { session, acks: [{ id, breaker: 'user-client', outcome: 'applied' }] },
      );
    }
    expect((await get('/api/v1/breakers/commands')).commands).toMatchObject([{ targets: 1, applied: 1 }]);
  });

  it('reach instances that connect later, until they end, also after a restart of Pharos', async () => {
    const first = await setup();
    await first.report({ 'user-client': 'CLOSED' });
    await first.command({ action: 'force_open', for: '1m' });
    await app.close();
    const { clock, report, command } = await setup({ state: first.store });
    const late = await report({ 'user-client': 'CLOSED' }, { instance: 'host:9' });
    expect(late.json().commands).toMatchObject([{ action: 'force_open', for_ms: 60_000 }]);
    await command({ action: 'release' });
    const later = await report({ 'user-client': 'CLOSED' }, { instance: 'host:10' });
    expect(later.json().commands).toMatchObject([{ action: 'release', for_ms: null }]);
    await clock.advance(61_000);
    expect((await report({ 'user-client': 'CLOSED' }, { instance: 'host:11' })).json().commands).toEqual([]);
  });

  it('go only to those they mean, and to none that takes no commands', async () => {
    const { report, command, get } = await setup();
    await report({ 'user-client': 'CLOSED' });
    await report({ 'user-client': 'CLOSED' }, { instance: 'host:2', commands: false });
    const dry = (await command({ action: 'force_closed', for: '1m', dry_run: true })).json();
    expect([dry.command, dry.targets.map((t: { able: boolean }) => t.able)]).toEqual([null, [true, false]]);
    expect((await get('/api/v1/breakers/commands')).commands).toEqual([]);
    const refused = await command({ action: 'force_open', instance: 'host:2', for: '1m' });
    expect([refused.statusCode, refused.json().error.message]).toEqual([
      409,
      expect.stringMatching(/takes no commands/),
    ]);
  });

  it.each([
    [{ action: 'force_open' }, 400, /needs an end from 1s to 24h/],
    [{ action: 'force_open', for: '2d' }, 400, /needs an end/],
    [{ action: 'explode' }, 400, /body\.action/],
    [{ action: 'reset', reason: ' ' }, 400, /body\.reason/],
    [{ action: 'reset', service: 'ghost' }, 404, /no breaker of a living instance/],
    [{ action: 'reset', colour: 'red' }, 400, /colour/],
  ])('%j is refused with what was expected', async (payload, status, message) => {
    const { report, command } = await setup();
    await report({ 'user-client': 'CLOSED' });
    const answer = await command(payload);
    expect([answer.statusCode, answer.json().error.message]).toEqual([
      status,
      expect.stringMatching(message),
    ]);
  });

  it('reset?service= means the upstream or the breaker, absent all; what nobody has is 404', async () => {
    const { report, poll, held, post } = await setup();
    await report({ 'user-client': 'OPEN', 'catalog-client': 'OPEN' });
    const waiting = poll();
    await held();
    const answer = (await post('/monitoring/circuit-breakers/reset?service=user-service')).json();
    expect(answer).toMatchObject({ reset: ['user-client'], command: { targets: 1 } });
    expect((await waiting).json().commands).toMatchObject([{ action: 'reset', breakers: ['user-client'] }]);
    const all = (await post('/monitoring/circuit-breakers/reset')).json();
    expect(all).toMatchObject({ reset: ['catalog-client', 'user-client'], command: { targets: 2 } });
    const nobody = await post('/monitoring/circuit-breakers/reset?service=nobody');
    expect([nobody.statusCode, nobody.json().error.message]).toEqual([
      404,
      expect.stringMatching(/one of catalog, user/),
    ]);
  });
});

describe('a reset that nobody takes', () => {
  it('is refused where it names a breaker, and resets nothing where it means all', async () => {
    const { report, post, get } = await setup();
    await report({ 'user-client': 'OPEN' }, { commands: false });
    const named = await post('/monitoring/circuit-breakers/reset?service=user-service');
    expect([named.statusCode, named.json().error.code]).toEqual([409, 'breakers.notCommandable']);
    await report({ 'user-client': 'OPEN' }, { leaving: true });
    const gone = await post('/monitoring/circuit-breakers/reset?service=user-service');
    expect([gone.statusCode, gone.json().error.code]).toEqual([404, 'breakers.unknownBreaker']);
    expect((await get('/api/v1/breakers/commands')).commands).toEqual([]);
    const all = await post('/monitoring/circuit-breakers/reset');
    expect([all.statusCode, all.json().reset]).toEqual([200, []]);
  });
});

describe('the channel', () => {
  it('asks who is not known to report first, and answers everybody when it stops', async () => {
    const { report, poll, held, breakers } = await setup();
    expect((await poll()).statusCode).toBe(404);
    await report({ 'user-client': 'CLOSED' });
    expect((await poll('host:1', 'older')).statusCode).toBe(404);
    const waiting = poll();
    await held();
    await breakers.stop();
    expect((await waiting).json()).toEqual({ commands: [] });
  });

  it('tells listeners once of many changes', async () => {
    const { clock, report, breakers } = await setup();
    const told: string[] = [];
    breakers.onChange((tenant) => told.push(tenant));
    for (let i = 0; i < 20; i++) await report({ 'user-client': 'CLOSED' }, { instance: `host:${i}` });
    await clock.advance(300);
    expect(told).toEqual(['default']);
  });

  it('counts what it sees', async () => {
    const { clock, report, telemetry } = await setup();
    await report({ 'user-client': 'OPEN' }, { transitions: [change(1, clock.now())] });
    const text = await telemetry.expose();
    expect(text).toContain('pharos_breakers_instances{status="live"} 1');
    expect(text).toContain('pharos_breakers_known{state="open"} 1');
    expect(text).toContain('pharos_breakers_transitions_total{to_state="open"} 1');
  });

  it('answers any body without a fault', async () => {
    const { post } = await setup();
    const value = fc.anything({ maxDepth: 2, withNullPrototype: false });
    const almost = fc.record(
      {
        service: fc.oneof(fc.constantFrom('order', '__proto__', ''), value),
        instance: fc.oneof(fc.constant('host:1'), value),
        session: fc.constant('s1'),
        breakers: fc.oneof(fc.constant([]), fc.array(value, { maxLength: 3 })),
        transitions: fc.array(fc.oneof(fc.constant(change(1, 0)), value), { maxLength: 3 }),
        acks: fc.array(value, { maxLength: 3 }),
        action: fc.oneof(fc.constantFrom('reset', 'force_open'), value),
        reason: fc.string(),
      },
      { requiredKeys: [] },
    );
    // A question of somebody who reported would be held.
    const urls = ['report', 'commands'].map((path) => `/api/v1/breakers/${path}`);
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...urls), fc.oneof(almost, value), async (url, body) => {
        let payload: string;
        try {
          payload = JSON.stringify(body) ?? '';
        } catch {
          payload = '[';
        }
        const answer = await app.inject({
          method: 'POST',
          url,
          payload,
          headers: { 'content-type': 'application/json' },
        });
        expect(answer.statusCode, payload).toBeLessThan(500);
      }),
      { numRuns: 150 },
    );
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(fc.record({ service: value, instance: value, session: value }), value),
        async (body) => {
          const payload = typeof body === 'object' && body !== null ? body : {};
          const answer = await post('/api/v1/breakers/poll', { ...payload });
          expect(answer.statusCode).toBeLessThan(500);
        },
      ),
      { numRuns: 30 },
    );
    expect(
      (await post('/api/v1/breakers/report', reportOf({ x: 'CLOSED' }, { counts: ZERO_COUNTS }))).statusCode,
    ).toBe(200);
  });
});

describe('proposals', () => {
  it('come with evidence from the series and the history', async () => {
    const { report, get } = await setup({
      series: {
        increase: [
          value({ service: 'order', name: 'user-client', result: 'success' }, 560_000),
          value({ service: 'order', name: 'user-client', result: 'failure' }, 140_000),
        ],
      },
    });
    await report({ 'user-client': 'CLOSED' });
    expect(await get('/api/v1/breakers/proposals')).toMatchObject({
      window: '7d',
      proposals: [
        { service: 'order', name: 'user-client', setting: 'failureThreshold', current: 5, proposed: 10 },
      ],
    });
  });
});
