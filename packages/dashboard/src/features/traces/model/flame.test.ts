import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { flameOf, neighbourOf } from './flame.ts';
import { type MadeSpan, madeTrace } from './made-trace.ts';
import { operationsOf, selfTimes } from './operations.ts';

const SHOP: readonly MadeSpan[] = [
  { parent: -1, start: 0, length: 100, service: 'gateway', operation: 'GET /' },
  { parent: 0, start: 10, length: 40, service: 'cart', operation: 'GET /cart' },
  { parent: 1, start: 20, length: 10, service: 'cart', operation: 'SELECT', failed: true },
  { parent: 0, start: 30, length: 40, service: 'cart', operation: 'GET /cart' },
];

/** Any forest, depth first, children in order of their start. */
const forest = fc
  .array(
    fc.record({ up: fc.nat(4), gap: fc.nat(50), length: fc.nat(500), operation: fc.constantFrom('a', 'b') }),
    {
      minLength: 1,
      maxLength: 50,
    },
  )
  .map((drafts) => {
    const spans: MadeSpan[] = [];
    let chain: number[] = [];
    for (const { up, gap, ...rest } of drafts) {
      chain = chain.slice(0, Math.max(0, chain.length - up));
      spans.push({ parent: chain.at(-1) ?? -1, start: (spans.at(-1)?.start ?? 0) + gap, ...rest });
      chain.push(spans.length - 1);
    }
    return spans;
  });

describe('own time', () => {
  it('is what no child covers, each moment taken once', () => {
    expect([...selfTimes(madeTrace(SHOP))]).toEqual([40, 30, 10, 40]);
  });

  it('is between nothing and all of the span', () => {
    fc.assert(
      fc.property(forest, (spans) => {
        const own = selfTimes(madeTrace(spans));
        for (const [row, { length }] of spans.entries()) {
          expect(own[row]).toBeGreaterThanOrEqual(0);
          expect(own[row]).toBeLessThanOrEqual(length);
        }
      }),
    );
  });
});

describe('operations of a trace', () => {
  it('add up their spans, the most own time first', () => {
    const trace = madeTrace(SHOP, { row: [3], from_ns: [30], to_ns: [70] });
    expect(operationsOf(trace, selfTimes(trace))).toEqual([
      {
        service: 'cart',
        operation: 'GET /cart',
        spans: 2,
        failed: 0,
        total: 80,
        own: 70,
        longest: 40,
        path: 40,
        row: 1,
      },
      {
        service: 'gateway',
        operation: 'GET /',
        spans: 1,
        failed: 0,
        total: 100,
        own: 40,
        longest: 100,
        path: 0,
        row: 0,
      },
      {
        service: 'cart',
        operation: 'SELECT',
        spans: 1,
        failed: 1,
        total: 10,
        own: 10,
        longest: 10,
        path: 0,
        row: 2,
      },
    ]);
  });
});

describe('a flame graph', () => {
  it('merges spans of one chain, as wide as the work in and below them', () => {
    const trace = madeTrace(SHOP);
    const flame = flameOf(trace, selfTimes(trace));
    expect(flame).toMatchObject({ count: 3, total: 120, depths: 3 });
    expect([...flame.width]).toEqual([120, 80, 10]);
    expect([...flame.left]).toEqual([0, 0, 0]);
    expect([...flame.own]).toEqual([40, 70, 10]);
    expect([...flame.spans]).toEqual([1, 2, 1]);
    expect([...flame.failed]).toEqual([0, 0, 1]);
    expect([...flame.longest]).toEqual([0, 1, 2]);
  });

  it('never has a child outside its parent, nor two that overlap, and loses no span and no time', () => {
    fc.assert(
      fc.property(forest, (spans) => {
        const trace = madeTrace(spans);
        const own = selfTimes(trace);
        const flame = flameOf(trace, own);
        const sum = (values: Iterable<number>): number => [...values].reduce((a, b) => a + b, 0);
        expect(sum(flame.spans)).toBe(spans.length);
        expect(sum(flame.own)).toBe(sum(own));
        expect(flame.total).toBe(sum(own));
        const ends = new Map<number, number>();
        for (let frame = 0; frame < flame.count; frame++) {
          const above = flame.parent[frame];
          const left = above < 0 ? (ends.get(-1) ?? 0) : (ends.get(above) ?? flame.left[above]);
          expect(flame.left[frame]).toBe(left);
          ends.set(above, left + flame.width[frame]);
          if (above >= 0)
            expect(left + flame.width[frame]).toBeLessThanOrEqual(flame.left[above] + flame.width[above]);
        }
      }),
    );
  });

  it('ends a chain that repeats itself for ever', () => {
    const trace = madeTrace(
      Array.from({ length: 1000 }, (_, row) => ({ parent: row - 1, start: row, length: 1000 - row })),
    );
    expect(flameOf(trace, selfTimes(trace)).depths).toBe(201);
  });
});

describe('from frame to frame', () => {
  it('goes to the parent, into the widest child and to the frames beside it', () => {
    const flame = flameOf(madeTrace(SHOP), selfTimes(madeTrace(SHOP)));
    expect([neighbourOf(flame, 0, 'down'), neighbourOf(flame, 1, 'down')]).toEqual([1, 2]);
    expect([neighbourOf(flame, 0, 'up'), neighbourOf(flame, 2, 'down')]).toEqual([-1, -1]);
  });

  it('comes back by the opposite way', () => {
    fc.assert(
      fc.property(forest, (spans) => {
        const trace = madeTrace(spans);
        const flame = flameOf(trace, selfTimes(trace));
        for (let frame = 0; frame < flame.count; frame++) {
          const below = neighbourOf(flame, frame, 'down');
          if (below >= 0) expect(neighbourOf(flame, below, 'up')).toBe(frame);
          const beside = neighbourOf(flame, frame, 'right');
          if (beside < 0) continue;
          expect(neighbourOf(flame, beside, 'left')).toBe(frame);
          expect(flame.left[beside]).toBeGreaterThanOrEqual(flame.left[frame]);
        }
      }),
    );
  });
});
