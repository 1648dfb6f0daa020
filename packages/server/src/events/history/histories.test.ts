import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { JsonObject } from '../event.ts';
import { eventOf } from '../testing/setup.ts';
import { BaselineBuffer } from './baseline.ts';
import { Histories } from './histories.ts';

const events = fc.array(
  fc.record({
    source: fc.constantFrom('a', 'b', '__proto__'),
    data: fc.dictionary(
      fc.constantFrom('x', 'y', 'latency', 'order_id', '__proto__'),
      fc.oneof(fc.integer({ min: 0, max: 100 }), fc.constantFrom('7', 'text', '-', null, true)),
      { maxKeys: 3 },
    ),
  }),
  { maxLength: 40 },
);

const observed = (buffer: BaselineBuffer): unknown => JSON.parse(JSON.stringify(buffer));

it('events teach the same, whether they are stored one by one or together', () => {
  fc.assert(
    fc.property(events, fc.integer({ min: 1, max: 20 }), (all, together) => {
      const baselines = (size: number): unknown[] => {
        const histories = new Histories(10);
        const into = new BaselineBuffer();
        const seen: unknown[] = [];
        for (let from = 0; from < all.length; from += size) {
          const lesson = histories.lesson('t');
          for (const { source, data } of all.slice(from, from + size)) {
            lesson.observe(eventOf(JSON.parse(JSON.stringify(data)) as JsonObject, { source }), 0, into);
            seen.push(observed(into));
          }
          lesson.learn();
        }
        return seen;
      };
      expect(baselines(together)).toEqual(baselines(1));
    }),
  );
});

it('what two lessons learn at once is learnt from both', () => {
  const histories = new Histories(1);
  const into = new BaselineBuffer();
  const [one, two, refused] = [histories.lesson('t'), histories.lesson('t'), histories.lesson('t')];
  for (const [lesson, x] of [
    [one, 10],
    [two, 20],
    [refused, 1000],
    [one, 30],
  ] as const)
    lesson.observe(eventOf({ x }), 0, into);
  one.learn();
  two.learn();
  histories.lesson('t').observe(eventOf({ x: 1 }), 0, into);
  expect([into.counts, into.means, into.shapeSeen, into.shapeEvents, into.shapeKinds]).toEqual([
    [3],
    [20],
    3,
    3,
    1,
  ]);
  histories.lesson('t').observe(eventOf({ x: 1 }, { source: 'beyond' }), 0, into);
  expect([histories.size, histories.turnedAway, into.names]).toEqual([1, 1, []]);
});
