import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  advance,
  judgeService,
  type Look,
  REPORT_EXPIRY_MS,
  type Report,
  type ServiceInputs,
  worse,
} from './state.ts';

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
          const judged = judgeService({ scrape, poll, report: pushed as Report | null }, NOW);
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
  it('keeps since while the status stays, and tells a change once', () => {
    const first = advance(null, judged({ scrape: [up()] }), 1);
    expect(first.effects).toEqual([{ at: 1, from: 'unknown', to: 'healthy', reason: 'first seen' }]);
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
