import fc from 'fast-check';
import { expect, it } from 'vitest';
import { nanosOf } from '../time.ts';
import { TimeSpacer } from './spacer.ts';

it('gives equal times of one stream places of their own, in order', () => {
  const spacer = new TimeSpacer();
  const times = [5, 5, 6, 5, 6].map((ms) => spacer.spaced({ ms, nanos: 999_999 }));
  expect(times).toEqual([
    { ms: 5, nanos: 999_999 },
    { ms: 6, nanos: 0 },
    { ms: 6, nanos: 999_999 },
    { ms: 6, nanos: 1 },
    { ms: 7, nanos: 0 },
  ]);
});

it('shifts times that another spacer may have seen', () => {
  const spacer = new TimeSpacer([], { before: 6, nanos: 400_000 });
  const times = [5, 5, 6].map((ms) => spacer.spaced({ ms, nanos: 700_000 }));
  expect(times).toEqual([
    { ms: 6, nanos: 100_000 },
    { ms: 6, nanos: 100_001 },
    { ms: 6, nanos: 700_000 },
  ]);
});

it('goes on where it was', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 12 })), fc.nat(20), (times, cut) => {
      const whole = new TimeSpacer();
      const expected = times.map((ms) => nanosOf(whole.spaced({ ms, nanos: 0 })));
      const first = new TimeSpacer();
      const head = times.slice(0, cut).map((ms) => nanosOf(first.spaced({ ms, nanos: 0 })));
      const second = new TimeSpacer(first.times);
      const tail = times.slice(cut).map((ms) => nanosOf(second.spaced({ ms, nanos: 0 })));
      expect([...head, ...tail]).toEqual(expected);
    }),
  );
});
