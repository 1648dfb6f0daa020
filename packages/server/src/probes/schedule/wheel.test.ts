import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ProbeWheel } from './wheel.ts';

describe('ProbeWheel', () => {
  it('gives each probe one look per interval, in order of time, whatever the steps of the clock', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ interval: fc.integer({ min: 1, max: 50 }), hash: fc.nat() }), {
          minLength: 1,
          maxLength: 20,
        }),
        fc.array(fc.integer({ min: 0, max: 120 }), { minLength: 1, maxLength: 40 }),
        (probes, steps) => {
          const wheel = new ProbeWheel();
          probes.forEach(({ interval, hash }, i) => wheel.set(String(i), interval, hash, 0));
          let now = 0;
          const seen = new Map<string, number>();
          for (const step of steps) {
            now += step;
            const due = wheel.due(now);
            expect(due.map(({ at }) => at)).toEqual(due.map(({ at }) => at).toSorted((a, b) => a - b));
            for (const { id, at, missed } of due) {
              const interval = probes[Number(id)]?.interval ?? 0;
              expect(at).toBeLessThanOrEqual(now);
              seen.set(id, (seen.get(id) ?? 0) + 1 + missed);
              // Nothing is due that was due already.
              expect(now - at - missed * interval).toBeLessThan(interval);
            }
            expect(wheel.next ?? 0).toBeGreaterThan(now);
          }
          // Every slot was either looked at or counted as missed.
          probes.forEach(({ interval, hash }, i) => {
            const slots =
              Math.floor((now - (hash % interval)) / interval) -
              Math.floor((0 - (hash % interval)) / interval);
            expect(seen.get(String(i)) ?? 0).toBe(slots);
          });
        },
      ),
    );
  });

  it('holds what a sorted list would hold, through adding, removing and early looks', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.constantFrom('set', 'remove', 'sooner', 'due'), fc.nat(9), fc.nat(1000)), {
          maxLength: 100,
        }),
        (steps) => {
          const wheel = new ProbeWheel();
          const model = new Map<string, { at: number; interval: number; offset: number }>();
          const after = (now: number, interval: number, offset: number) => {
            let at = offset;
            while (at <= now) at += interval;
            return at;
          };
          let now = 0;
          for (const [step, who, value] of steps) {
            const id = String(who);
            if (step === 'set') {
              const interval = 1 + (value % 97);
              wheel.set(id, interval, value, now);
              model.set(id, {
                at: after(now, interval, value % interval),
                interval,
                offset: value % interval,
              });
            } else if (step === 'remove') {
              wheel.remove(id);
              model.delete(id);
            } else if (step === 'sooner') {
              wheel.sooner(id, now + (value % 50));
              const entry = model.get(id);
              if (entry !== undefined) entry.at = Math.min(entry.at, now + (value % 50));
            } else {
              now += value % 60;
              const expected = [...model].filter(([, { at }]) => at <= now).map(([name]) => name);
              expect(
                wheel
                  .due(now)
                  .map((due) => due.id)
                  .toSorted(),
              ).toEqual(expected.toSorted());
              for (const name of expected) {
                const entry = model.get(name);
                if (entry !== undefined) entry.at = after(now, entry.interval, entry.offset);
              }
            }
            expect(wheel.size).toBe(model.size);
            expect(wheel.next).toBe(
              model.size === 0 ? null : Math.min(...[...model.values()].map(({ at }) => at)),
            );
          }
        },
      ),
    );
  });

  it('spreads ten thousand probes evenly over their interval', () => {
    const wheel = new ProbeWheel();
    for (let i = 0; i < 10_000; i++) wheel.set(String(i), 20_000, i * 2_654_435_761, 0);
    for (let second = 1; second <= 40; second++) {
      const due = wheel.due(second * 1000).length;
      expect(due).toBeGreaterThan(400);
      expect(due).toBeLessThan(600);
    }
  });
});
