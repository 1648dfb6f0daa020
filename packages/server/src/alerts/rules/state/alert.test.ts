import { Labels } from '@pharos/promql';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Alert, advance, RESOLVED_RETENTION_MS, type SeenAlert, shifted } from './alert.ts';

const LABELS = Labels.fromRecord({ alertname: 'Down', job: 'a' });
const SEEN: SeenAlert = { labels: LABELS, annotations: new Map([['summary', 'now']]), value: 7 };
const ALERT: Alert = {
  state: 'pending',
  labels: LABELS,
  annotations: new Map([['summary', 'then']]),
  value: 1,
  activeAt: 1000,
  firedAt: null,
  resolvedAt: null,
  lastSentAt: null,
  validUntil: null,
  keepFiringSince: null,
  isTakenOver: false,
};
const FIRING: Alert = { ...ALERT, state: 'firing', firedAt: 61_000, lastSentAt: 61_000, validUntil: 301_000 };
const TAKEN_OVER: Alert = { ...FIRING, isTakenOver: true, lastSentAt: null };
const INACTIVE: Alert = { ...FIRING, state: 'inactive', resolvedAt: 100_000 };
const MINUTE = { forMs: 60_000, keepFiringForMs: 0 };
const KEEPING = { forMs: 60_000, keepFiringForMs: 120_000 };

describe('advance', () => {
  it.each([
    [
      'none, holds',
      undefined,
      SEEN,
      MINUTE,
      5000,
      { state: 'pending', activeAt: 5000, value: 7, firedAt: null },
    ],
    [
      'none, holds, no `for`',
      undefined,
      SEEN,
      { forMs: 0, keepFiringForMs: 0 },
      5000,
      { state: 'firing', activeAt: 5000, firedAt: 5000, lastSentAt: null },
    ],
    ['none, does not hold', undefined, undefined, MINUTE, 5000, undefined],
    [
      'pending, holds, too early',
      ALERT,
      SEEN,
      MINUTE,
      60_999,
      { state: 'pending', activeAt: 1000, value: 7 },
    ],
    [
      'pending, holds for long enough',
      ALERT,
      SEEN,
      MINUTE,
      61_000,
      { state: 'firing', activeAt: 1000, firedAt: 61_000, annotations: SEEN.annotations },
    ],
    ['pending, does not hold', ALERT, undefined, MINUTE, 30_000, undefined],
    ['firing, holds', FIRING, SEEN, MINUTE, 90_000, { state: 'firing', firedAt: 61_000, lastSentAt: 61_000 }],
    [
      'firing, holds, `for` has grown',
      FIRING,
      SEEN,
      { forMs: 300_000, keepFiringForMs: 0 },
      90_000,
      { state: 'pending', activeAt: 1000, firedAt: null, lastSentAt: null },
    ],
    [
      'firing, does not hold',
      FIRING,
      undefined,
      MINUTE,
      90_000,
      { state: 'inactive', resolvedAt: 90_000, value: 1, firedAt: 61_000 },
    ],
    [
      'firing, does not hold, keeps firing',
      FIRING,
      undefined,
      KEEPING,
      90_000,
      { state: 'firing', keepFiringSince: 90_000, resolvedAt: null },
    ],
    [
      'firing, does not hold, keeps firing for the last time',
      { ...FIRING, keepFiringSince: 90_000 },
      undefined,
      KEEPING,
      209_999,
      { state: 'firing', keepFiringSince: 90_000 },
    ],
    [
      'firing, does not hold, has kept firing for long enough',
      { ...FIRING, keepFiringSince: 90_000 },
      undefined,
      KEEPING,
      210_000,
      { state: 'inactive', resolvedAt: 210_000 },
    ],
    [
      'firing, holds again',
      { ...FIRING, keepFiringSince: 90_000 },
      SEEN,
      KEEPING,
      120_000,
      { state: 'firing', keepFiringSince: null },
    ],
    [
      'taken over, holds: goes on',
      TAKEN_OVER,
      SEEN,
      MINUTE,
      90_000,
      { state: 'firing', firedAt: 61_000, value: 7, isTakenOver: false },
    ],
    [
      'taken over, does not hold, and is taken for firing',
      TAKEN_OVER,
      undefined,
      MINUTE,
      300_999,
      { state: 'firing', resolvedAt: null, isTakenOver: true },
    ],
    [
      'taken over, does not hold, and nobody takes it for firing',
      TAKEN_OVER,
      undefined,
      KEEPING,
      301_000,
      undefined,
    ],
    [
      'inactive, does not hold',
      INACTIVE,
      undefined,
      MINUTE,
      1_000_000,
      { state: 'inactive', resolvedAt: 100_000 },
    ],
    ['inactive for 15 minutes', INACTIVE, undefined, MINUTE, 1_000_001, undefined],
    [
      'inactive, holds again: another alert',
      INACTIVE,
      SEEN,
      MINUTE,
      200_000,
      { state: 'pending', activeAt: 200_000, resolvedAt: null, firedAt: null, lastSentAt: null },
    ],
  ] as const)('%s', (...row) => {
    const [, known, seen, times, at, expected] = row;
    const next = advance(known, seen, times, at);
    if (expected === undefined) expect(next).toBeUndefined();
    else expect(next).toMatchObject(expected);
  });
});

describe('over any course of a condition', () => {
  const course = fc.record({
    holds: fc.array(fc.boolean(), { minLength: 1, maxLength: 60 }),
    forMs: fc.integer({ min: 0, max: 10 }).map((n) => n * 30_000),
    keepFiringForMs: fc.integer({ min: 0, max: 10 }).map((n) => n * 30_000),
  });

  function states(
    holds: readonly boolean[],
    times: { forMs: number; keepFiringForMs: number },
  ): (Alert | undefined)[] {
    let alert: Alert | undefined;
    return holds.map((isHeld, i) => (alert = advance(alert, isHeld ? SEEN : undefined, times, i * 30_000)));
  }

  it('an alert fires exactly when its condition has held for `for` without a gap, or it keeps firing', () => {
    fc.assert(
      fc.property(course, ({ holds, ...times }) => {
        let heldSince: number | null = null;
        let firing = false;
        let quietSince: number | null = null;
        states(holds, times).forEach((alert, i) => {
          const at = i * 30_000;
          if (holds[i] === true) {
            heldSince = heldSince === null && !firing ? at : heldSince;
            quietSince = null;
            firing ||= at - (heldSince ?? at) >= times.forMs;
          } else {
            if (firing) {
              quietSince ??= at;
              firing = times.keepFiringForMs > 0 && at - quietSince < times.keepFiringForMs;
            }
            if (!firing) heldSince = null;
          }
          expect(alert?.state === 'firing').toBe(firing);
        });
      }),
    );
  });

  it('it is pending only while its condition holds, and its times are in order', () => {
    fc.assert(
      fc.property(course, ({ holds, ...times }) => {
        states(holds, times).forEach((alert, i) => {
          if (alert === undefined) return expect(holds[i]).toBe(false);
          if (alert.state === 'pending') expect([holds[i], alert.firedAt]).toEqual([true, null]);
          else expect(alert.firedAt).toBeGreaterThanOrEqual(alert.activeAt + times.forMs);
          expect(alert.resolvedAt === null).toBe(alert.state !== 'inactive');
          if (alert.resolvedAt !== null) {
            expect(alert.resolvedAt).toBeGreaterThan(alert.firedAt ?? Number.POSITIVE_INFINITY);
            expect(i * 30_000 - alert.resolvedAt).toBeLessThanOrEqual(RESOLVED_RETENTION_MS);
          }
        });
      }),
    );
  });

  it('a clock that jumps changes nothing, once times are moved along', () => {
    fc.assert(
      fc.property(
        course,
        fc.integer({ min: -10_000_000, max: 10_000_000 }),
        fc.nat(59),
        ({ holds, ...times }, jump, when) => {
          let plain: Alert | undefined;
          let moved: Alert | undefined;
          holds.forEach((isHeld, i) => {
            const seen = isHeld ? SEEN : undefined;
            if (i === when && moved !== undefined) moved = shifted(moved, jump);
            plain = advance(plain, seen, times, i * 30_000);
            moved = advance(moved, seen, times, i * 30_000 + (i >= when ? jump : 0));
            expect(moved?.state).toBe(plain?.state);
          });
        },
      ),
    );
  });
});
