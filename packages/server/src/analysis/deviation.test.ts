import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { deviationOf, type SignalName } from './deviation.ts';

const MINUTE = 60_000;
/** An hour of a signal around 0.1 with some noise, then ten minutes of `now`. */
function lineOf(now: readonly (number | null)[], past = (i: number) => 0.1 + (i % 5) * 0.002) {
  return { line: [...Array.from({ length: 60 }, (_, i) => past(i)), ...now], start: 0, step: MINUTE };
}
const from = 60 * MINUTE;
const judged = (signal: SignalName, now: readonly (number | null)[], past?: (i: number) => number) =>
  deviationOf(signal, lineOf(now, past), from);
const flat = (value: number) => Array.from({ length: 10 }, () => value);

describe('what is far from its own past', () => {
  it('is told with its beginning, the farthest value, what is usual, and null for its end while it lasts', () => {
    expect(judged('latency_p95', [0.1, 0.1, 0.9, 1.2, 1, 0.9, 0.9, 0.9, 0.9, 0.9])).toMatchObject({
      signal: 'latency_p95',
      direction: 'above',
      from: from + 2 * MINUTE,
      to: null,
      value: 1.2,
      usual: expect.closeTo(0.104),
    });
    expect(judged('latency_p95', [0.9, 0.9, 0.9, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1])?.to).toBe(
      from + 3 * MINUTE,
    );
  });

  it('lasts over points that are not known', () => {
    expect(judged('latency_p95', [0.9, null, null, 0.9, 0.9, 0.1, 0.1, 0.1, 0.1, 0.1])).toMatchObject({
      from,
      to: from + 5 * MINUTE,
    });
  });

  it('began before the window where it lasted already', () => {
    const past = (i: number) => (i < 50 ? 0.1 : 0.9);
    expect(judged('latency_p95', flat(0.9), past)).toMatchObject({ from: from - 10 * MINUTE, to: null });
    const gap = (i: number) => (i === 55 ? Number.NaN : past(i));
    const { line } = lineOf(flat(0.9), gap);
    const known = line.map((value) => (Number.isNaN(value) ? null : value));
    expect(deviationOf('latency_p95', { line: known, start: 0, step: MINUTE }, from)?.from).toBe(
      from - 10 * MINUTE,
    );
    // What is well at the window's beginning began in it.
    expect(judged('latency_p95', [0.1, ...flat(0.9)], past)?.from).toBe(from + MINUTE);
  });

  it.each<[string, SignalName, readonly (number | null)[], ((i: number) => number) | undefined]>([
    ['its usual self', 'latency_p95', flat(0.104), undefined],
    ['a single point', 'latency_p95', [0.1, 0.1, 5, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1], undefined],
    ['far in spread and of no importance', 'latency_p95', flat(0.18), undefined],
    ['better than usual', 'latency_p95', flat(0.01), undefined],
    ['within a noisy past', 'cpu_percent', flat(60), (i) => (i % 2) * 80],
    ['unknown', 'latency_p95', flat(0).map(() => null), undefined],
  ])('is not %s', (_what, signal, now, past) => {
    expect(judged(signal, now, past)).toBeNull();
  });

  it('is not told without a past to tell from', () => {
    expect(deviationOf('latency_p95', { line: flat(9), start: from, step: MINUTE }, from)).toBeNull();
  });

  it('is less traffic too', () => {
    expect(judged('request_rate', flat(1), () => 40)).toMatchObject({
      direction: 'below',
      usual: 40,
      value: 1,
    });
    expect(judged('request_rate', flat(90), () => 40)).toMatchObject({ direction: 'above' });
  });

  it('has a confidence of 0 to 1 that grows with the distance, whatever the line', () => {
    const near = judged('latency_p95', flat(0.4));
    const far = judged('latency_p95', flat(4));
    expect(far?.confidence).toBeGreaterThan(near?.confidence ?? 1);
    const value = fc.option(fc.double({ min: 0, max: 1e12, noNaN: true }));
    fc.assert(
      fc.property(fc.array(value, { maxLength: 120 }), fc.integer({ min: 0, max: 120 }), (line, split) => {
        const found = deviationOf('cpu_percent', { line, start: 0, step: 1000 }, split * 1000);
        if (found === null) return;
        expect(found.confidence).toBeGreaterThan(0);
        expect(found.confidence).toBeLessThanOrEqual(1);
        expect(found.from).toBeGreaterThanOrEqual(0);
        expect(found.to ?? line.length * 1000).toBeGreaterThan(Math.max(found.from, split * 1000));
      }),
    );
  });
});
