import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Look } from './looks.ts';
import { REPORT_EXPIRY_MS, type Report } from './report.ts';
import {
  advance,
  EXPLAIN_AFTER_MS,
  FLAP_CHANGES,
  FLAP_HOLD_MS,
  FLAP_WINDOW_MS,
  type Judgement,
  judgeService,
  type ServiceInputs,
  type ServiceState,
} from './state.ts';
import { type Status, worse } from './status.ts';

const NOW = 1_000_000;
const up = (extra: Partial<Look> = {}): Look => ({ instance: 'a:1', ok: true, inARow: 9, at: NOW, ...extra });
const fails = (inARow: number, instance = 'a:1'): Look => ({
  instance,
  ok: false,
  inARow,
  at: NOW,
  error: 'connection refused',
});
const says = (status: 'healthy' | 'degraded' | 'unhealthy', instance = 'a:1') =>
  up({ instance, says: { status, details: 'database_status: down' } });
const report = (status: Report['status'], age = 0): Report => ({ status, at: NOW - age });
const inputs = (extra: Partial<ServiceInputs>): ServiceInputs => ({
  scrape: [],
  poll: [],
  report: null,
  signals: [],
  ...extra,
});

describe('judgeService', () => {
  it.each([
    ['nothing at all', {}, 'unknown'],
    ['scrape up', { scrape: [up()] }, 'healthy'],
    ['one failed scrape', { scrape: [fails(1)] }, 'degraded'],
    ['two failed scrapes', { scrape: [fails(2)] }, 'unhealthy'],
    ['one failed scrape and one failed poll', { scrape: [fails(1)], poll: [fails(1)] }, 'unhealthy'],
    ['scrape down, poll well', { scrape: [fails(5)], poll: [up()] }, 'unhealthy'],
    ['one of two instances down', { scrape: [up(), fails(5, 'b:1')] }, 'degraded'],
    ['both instances down', { scrape: [fails(5), fails(5, 'b:1')] }, 'unhealthy'],
    ['the only instance says unhealthy', { poll: [says('unhealthy')] }, 'unhealthy'],
    ['the only instance says degraded', { scrape: [up()], poll: [says('degraded')] }, 'degraded'],
    ['one of two says unhealthy', { poll: [says('unhealthy'), up({ instance: 'b:1' })] }, 'degraded'],
    ['report healthy alone', { report: report('healthy') }, 'healthy'],
    ['report down alone', { report: report('down') }, 'unhealthy'],
    ['report degraded, scrape up', { report: report('degraded'), scrape: [up()] }, 'degraded'],
    ['report at the limit of its age', { report: report('down', REPORT_EXPIRY_MS) }, 'unhealthy'],
    ['report just too old', { report: report('down', REPORT_EXPIRY_MS + 1) }, 'unknown'],
    [
      'old bad report, scrape up',
      { report: report('down', REPORT_EXPIRY_MS + 1), scrape: [up()] },
      'healthy',
    ],
  ] as [string, Partial<ServiceInputs>, string][])('%s', (_name, given, status) => {
    expect(judgeService(inputs(given), NOW).status).toBe(status);
  });

  it('gives a reason whenever a service is not well', () => {
    const look = fc.record({
      instance: fc.constantFrom('a', 'b', 'c'),
      ok: fc.boolean(),
      inARow: fc.integer({ min: 1, max: 5 }),
      at: fc.constant(NOW),
    });
    const anyReport = fc.option(
      fc.record({
        status: fc.constantFrom('healthy', 'degraded', 'unhealthy', 'down' as const),
        at: fc.integer({ min: 0, max: NOW }),
      }),
      { nil: null },
    );
    fc.assert(
      fc.property(
        fc.array(look, { maxLength: 4 }),
        fc.array(look, { maxLength: 4 }),
        anyReport,
        (scrape, poll, pushed) => {
          const judged = judgeService(inputs({ scrape, poll, report: pushed as Report | null }), NOW);
          expect(judged.status === 'healthy' || judged.reasons.length > 0).toBe(true);
          expect(judged.reasons.every((reason) => reason.message !== '')).toBe(true);
        },
      ),
    );
  });

  it('is never better than its worst source', () => {
    for (const a of ['healthy', 'degraded', 'unhealthy', 'unknown'] as const) {
      expect(worse(a, 'unknown')).toBe(a);
      expect(worse('unhealthy', a)).toBe('unhealthy');
    }
  });
});

describe('advance', () => {
  const judged = (given: Partial<ServiceInputs>) => judgeService(inputs(given), NOW);
  it('tells once when other sources speak or others are to blame, and not of figures that change', () => {
    const slow = (message: string) =>
      judged({ signals: [{ kind: 'traffic', status: 'degraded', message, at: NOW }] });
    let { state } = advance(null, slow('1.2 s'), 0);
    const step = (judgement: Judgement, now: number, causes: readonly string[] = []) => {
      const next = advance(state, judgement, now, causes);
      state = next.state;
      return next.effects.map(({ from, to, reason, causedBy }) => [from, to, reason, causedBy]);
    };
    expect(step(slow('1.5 s'), EXPLAIN_AFTER_MS)).toEqual([]);
    expect(step(slow('1.5 s'), EXPLAIN_AFTER_MS - 1, ['user'])).toEqual([]);
    expect(step(slow('1.5 s'), EXPLAIN_AFTER_MS, ['user'])).toEqual([
      ['degraded', 'degraded', '1.5 s', ['user']],
    ]);
    expect(step(slow('1.6 s'), 3 * EXPLAIN_AFTER_MS)).toEqual([]);
    expect(step(slow('1.6 s'), 5 * EXPLAIN_AFTER_MS, ['user'])).toEqual([]);
    expect(state.since).toBe(0);
    expect(step(judged({ scrape: [up()] }), 6 * EXPLAIN_AFTER_MS)).toHaveLength(1);
    expect(step(judged({ scrape: [up()] }), 8 * EXPLAIN_AFTER_MS, ['user'])).toEqual([]);
  });

  it('keeps since while the status stays, and tells a change once', () => {
    const first = advance(null, judged({ scrape: [up()] }), 1);
    expect(first.effects).toEqual([
      { at: 1, from: 'unknown', to: 'healthy', reason: 'first seen', causedBy: [] },
    ]);
    const second = advance(first.state, judged({ scrape: [up()] }), 2);
    expect([second.state.since, second.effects]).toEqual([1, []]);
    const third = advance(second.state, judged({ scrape: [fails(2)] }), 3);
    expect(third.effects).toMatchObject([
      { at: 3, from: 'healthy', to: 'unhealthy', reason: expect.stringContaining('connection refused') },
    ]);
    expect(third.state.since).toBe(3);
    expect(advance(null, judged({}), 1).effects).toEqual([]);
  });
});

describe('damping', () => {
  const says = (status: Status): Judgement => ({
    status,
    sources: [],
    reasons: status === 'healthy' ? [] : [{ source: 'poll', severity: 'warning', message: 'shaky' }],
  });
  /** Runs through judgements one second apart from `from` on. */
  const run = (state: ServiceState | null, from: number, ...statuses: Status[]) => {
    let at = from;
    const effects: string[] = [];
    for (const status of statuses) {
      const next = advance(state, says(status), (at += 1000));
      state = next.state;
      effects.push(...next.effects.map((effect) => effect.to));
    }
    if (state === null) throw new Error('nothing ran');
    return { state, effects, at };
  };
  const flaps: Status[] = ['healthy', 'unhealthy', 'healthy', 'unhealthy', 'healthy', 'unhealthy', 'healthy'];

  it(`lets ${FLAP_CHANGES} changes pass, then holds what is better until it lasts`, () => {
    const { state, effects, at } = run(null, 0, ...flaps, 'unhealthy');
    expect(effects).toEqual([...flaps, 'unhealthy']);
    const held = run(state, at, 'healthy');
    expect([held.state.status, held.effects]).toEqual(['unhealthy', []]);
    expect(held.state.reasons.at(-1)).toMatchObject({ source: 'damping', severity: 'warning' });
    const almost = advance(held.state, says('healthy'), held.at + FLAP_HOLD_MS - 1);
    expect(almost.state.status).toBe('unhealthy');
    expect(advance(almost.state, says('healthy'), held.at + FLAP_HOLD_MS).effects).toMatchObject([
      { from: 'unhealthy', to: 'healthy' },
    ]);
  });

  it('never holds back what is worse, and starts the wait anew when it fails in between', () => {
    const { state, at } = run(null, 0, ...flaps, 'degraded', 'healthy');
    expect(state.status).toBe('degraded');
    const worseNow = advance(state, says('unhealthy'), at + 1000);
    expect(worseNow.effects).toMatchObject([{ from: 'degraded', to: 'unhealthy' }]);
    const again = run(worseNow.state, at + 1000, 'healthy', 'unhealthy', 'healthy');
    expect(again.state).toMatchObject({ status: 'unhealthy', heldSince: again.at });
  });

  it('forgets old changes', () => {
    const { state, at } = run(null, 0, ...flaps, 'unhealthy');
    expect(advance(state, says('healthy'), at + FLAP_WINDOW_MS).effects).toMatchObject([{ to: 'healthy' }]);
  });

  it('holds nothing longer because the wall clock was set back', () => {
    const HOUR_MS = 3_600_000;
    const { state, at } = run(null, HOUR_MS, ...flaps, 'unhealthy');
    const held = run(state, at, 'healthy');
    expect(held.state.heldSince).toBe(held.at);
    const back = advance(held.state, says('healthy'), held.at - HOUR_MS);
    expect([back.state.status, back.effects.map(({ to }) => to)]).toEqual(['healthy', ['healthy']]);
    const shaky = advance(null, says('degraded'), HOUR_MS);
    const explained = advance(shaky.state, { ...says('degraded'), reasons: [] }, HOUR_MS - 60_000);
    expect(explained.effects).toHaveLength(1);
  });

  it('holds a service at most as long as it stays better without a break (property)', () => {
    const status = fc.constantFrom<Status>('healthy', 'degraded', 'unhealthy', 'unknown');
    fc.assert(
      fc.property(
        fc.array(fc.tuple(status, fc.integer({ min: 100, max: 30_000 })), { maxLength: 120 }),
        (steps) => {
          let state: ServiceState | null = null;
          let now = 0;
          let betterFor = 0;
          for (const [judged, wait] of steps) {
            now += wait;
            const before: Status = state?.status ?? 'unknown';
            state = advance(state, says(judged), now).state;
            // Held: it goes on showing the worse state, and never for a whole hold of being better.
            if (state.status === judged) betterFor = 0;
            else {
              expect(state.status).toBe(before);
              expect(worse(judged, state.status)).toBe(state.status);
              betterFor = state.heldSince === null ? 0 : now - state.heldSince;
              expect(betterFor).toBeLessThan(FLAP_HOLD_MS);
            }
          }
        },
      ),
    );
  });
});
