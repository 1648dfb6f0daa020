import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type BreakerPast, proposalsFor } from './proposals.ts';
import { transitionOf } from './testing/reports.ts';

const WEEK_MS = 7 * 86_400_000;

const past = (more: Partial<BreakerPast>): BreakerPast => ({
  service: 'order',
  name: 'user-client',
  settings: { failureThreshold: 5, timeout: 60_000 },
  windowMs: WEEK_MS,
  calls: 0,
  failures: 0,
  transitions: [],
  ...more,
});
const shown = (of: BreakerPast) => proposalsFor(of).map(({ setting, proposed }) => `${setting} ${proposed}`);

/** Outages of so many ms, one a day, each with so many failed probe rounds before the one that succeeds. */
const outages = (count: number, ms: number, failedProbes: number) =>
  Array.from({ length: count }, (_, i) => {
    const from = i * 86_400_000;
    return [
      transitionOf(from, 'tripped'),
      ...Array.from({ length: failedProbes }, (__, p) => [
        transitionOf(from + p + 1, 'timeout_passed'),
        transitionOf(from + p + 1, 'probe_failed'),
      ]).flat(),
      transitionOf(from + ms, 'timeout_passed'),
      transitionOf(from + ms, 'probes_succeeded'),
    ];
  }).flat();

describe('proposalsFor', () => {
  it.each([
    ['nothing is known', past({}), []],
    ['too few calls', past({ calls: 999, failures: 300 }), []],
    [
      'an upstream that fails one call in five',
      past({ calls: 700_000, failures: 140_000 }),
      ['failureThreshold 10'],
    ],
    ['most calls failing, which is no ordinary day', past({ calls: 10_000, failures: 6_000 }), []],
    ['a threshold that suits', past({ calls: 700_000, failures: 7_000 }), []],
    [
      'a threshold far too high',
      past({ calls: 700_000, failures: 70, settings: { failureThreshold: 50, timeout: 60_000 } }),
      ['failureThreshold 3'],
    ],
    ['long outages under a short timeout', past({ transitions: outages(3, 200_000, 3) }), ['timeout 210000']],
    ['outages over at the first look', past({ transitions: outages(3, 60_000, 0) }), ['timeout 30000']],
    [
      'a timeout beyond what is ever proposed',
      past({ transitions: outages(3, 60_000, 0), settings: { failureThreshold: 5, timeout: 630_000 } }),
      ['timeout 300000'],
    ],
    ['too few outages', past({ transitions: outages(2, 200_000, 3) }), []],
    ['some looks in vain', past({ transitions: outages(4, 60_000, 1) }), []],
  ])('%s', (_, given, expected) => expect(shown(given)).toEqual(expected));

  it('says why, with figures', () => {
    const [made] = proposalsFor(past({ calls: 700_000, failures: 140_000 }));
    expect(made).toMatchObject({
      current: 5,
      why: expect.stringMatching(/20 % of the calls fail/),
      evidence: { calls_per_day: 100_000, failure_ratio: 0.2, openings_by_chance_per_day_now: 25.6 },
    });
  });

  it('leaves out what commands began or ended', () => {
    const forced = outages(5, 60_000, 0).map((t) =>
      t.reason === 'tripped' ? { ...t, reason: 'forced' } : t,
    );
    expect(shown(past({ transitions: forced }))).toEqual([]);
  });

  it('proposes only numbers within bounds, and never what is set already', () => {
    const given = fc.record({
      calls: fc.nat(1e9),
      failures: fc.nat(1e9),
      settings: fc.record({ failureThreshold: fc.integer({ min: 1, max: 1e6 }), timeout: fc.nat(1e7) }),
      transitions: fc.array(
        fc.tuple(
          fc.nat(1e9),
          fc.constantFrom('tripped', 'probe_failed', 'probes_succeeded', 'reset', 'timeout_passed'),
        ),
      ),
    });
    fc.assert(
      fc.property(given, ({ transitions, ...rest }) => {
        const list = transitions.sort(([a], [b]) => a - b).map(([at, reason]) => transitionOf(at, reason));
        for (const { proposed, current, setting } of proposalsFor(past({ ...rest, transitions: list }))) {
          expect(proposed).not.toBe(current);
          const [min, max] = setting === 'timeout' ? [5_000, 300_000] : [3, 100];
          expect(proposed >= min && proposed <= max).toBe(true);
        }
      }),
    );
  });
});
