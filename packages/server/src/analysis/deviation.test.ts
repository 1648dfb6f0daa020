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
        expect(found.from).toBeGreaterThanOrEqual(split * 1000);
      }),
    );
  });
});
