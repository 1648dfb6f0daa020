import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type MadeSpan, madePage, madeTrace } from './made-trace.ts';
import { findRows, parentsFrom, placeOf, rowsWithin, visibleRows } from './rows.ts';
import { ticksOf } from './time.ts';
import { chainOf, onPath, serviceOf, TraceBuilder } from './trace.ts';

const SHOP: readonly MadeSpan[] = [
  { parent: -1, start: 0, length: 100, service: 'gateway', operation: 'GET /' },
  { parent: 0, start: 10, length: 40, service: 'cart', operation: 'GET /cart' },
  { parent: 1, start: 20, length: 10, service: 'cart', operation: 'SELECT', failed: true },
  { parent: 0, start: 60, length: 30, service: 'order', operation: 'POST /orders' },
];
const NONE: ReadonlySet<number> = new Set();
const list = (rows: Int32Array): number[] => [...rows];

/** Any forest, depth first. */
const forest = fc
  .array(fc.record({ up: fc.nat(6), start: fc.nat(1000), length: fc.nat(500), failed: fc.boolean() }), {
    minLength: 1,
    maxLength: 60,
  })
  .map((drafts) => {
    const spans: MadeSpan[] = [];
    let chain: number[] = [];
    for (const { up, ...rest } of drafts) {
      chain = chain.slice(0, Math.max(0, chain.length - up));
      spans.push({ parent: chain.at(-1) ?? -1, ...rest });
      chain.push(spans.length - 1);
    }
    return spans;
  });

describe('a trace in columns', () => {
  it('is the same from one page or many', () => {
    fc.assert(
      fc.property(forest, fc.integer({ min: 1, max: 20 }), (spans, size) => {
        const first = madePage(spans, 0, size);
        const builder = new TraceBuilder(first);
        for (let offset = 0; offset < spans.length; offset += size) {
          const page = madePage(spans, offset, size);
          expect(builder.continues(page)).toBe(true);
          builder.add(page);
        }
        const whole = madeTrace(spans);
        expect(builder.trace()).toEqual(whole);
      }),
    );
  });

  it('takes no page of another state of the trace, nor one twice', () => {
    const builder = new TraceBuilder(madePage(SHOP));
    builder.add(madePage(SHOP, 0, 2));
    expect(builder.continues(madePage(SHOP, 0, 2))).toBe(false);
    expect(builder.continues(madePage(SHOP.slice(0, 3), 2, 1))).toBe(false);
    expect(builder.continues(madePage(SHOP, 2, 2))).toBe(true);
  });

  it('knows the way to a span, and how long it was waited for', () => {
    const trace = madeTrace(SHOP, { row: [0, 2, 1, 2], from_ns: [0, 20, 30, 35], to_ns: [20, 30, 35, 36] });
    expect(chainOf(trace, 2)).toEqual([0, 1, 2]);
    expect([0, 1, 2, 3].map((row) => onPath(trace, row))).toEqual([20, 5, 11, 0]);
    expect(serviceOf(trace, 3)).toBe('order');
  });
});

describe('rows of a waterfall', () => {
  const trace = madeTrace(SHOP);

  it('are not those below a collapsed one', () => {
    expect(list(visibleRows(trace, NONE, null))).toEqual([0, 1, 2, 3]);
    expect(list(visibleRows(trace, new Set([1]), null))).toEqual([0, 1, 3]);
    expect(list(visibleRows(trace, new Set([0, 1]), null))).toEqual([0]);
    expect([...parentsFrom(trace, 1)]).toEqual([1]);
  });

  it('of interest keep what leads to them', () => {
    expect(list(visibleRows(trace, NONE, trace.failed))).toEqual([0, 1, 2]);
    expect(list(visibleRows(trace, NONE, rowsWithin(trace, { from: 55, to: 95 }, null)))).toEqual([0, 3]);
    expect(list(visibleRows(trace, NONE, rowsWithin(trace, { from: 55, to: 95 }, trace.failed)))).toEqual([]);
  });

  it('are ascending, each with its parent, and none below a collapsed row', () => {
    fc.assert(
      fc.property(forest, fc.uniqueArray(fc.nat(59)), (spans, closed) => {
        const any = madeTrace(spans);
        const collapsed = new Set(closed);
        for (const interest of [null, any.failed]) {
          const rows = list(visibleRows(any, collapsed, interest));
          const shown = new Set(rows);
          for (const [place, row] of rows.entries()) {
            expect(place === 0 || rows[place - 1] < row).toBe(true);
            const above = any.parent[row];
            expect(above < 0 || (shown.has(above) && !collapsed.has(above))).toBe(true);
            expect(placeOf(Int32Array.from(rows), row)).toBe(place);
          }
          const hidden = spans.map((_, row) => row).filter((row) => !shown.has(row));
          for (const row of hidden) {
            expect(placeOf(Int32Array.from(rows), row)).toBe(-1);
            const below = chainOf(any, row)
              .slice(0, -1)
              .some((above) => collapsed.has(above));
            const dull = interest !== null && interest[row] === 0;
            expect(below || dull).toBe(true);
          }
        }
      }),
    );
  });

  it('are found by service, operation, id, or by what the server found', () => {
    expect(list(findRows(trace, ' CART', null)?.rows ?? new Int32Array())).toEqual([1, 2]);
    expect(list(findRows(trace, 'select', null)?.rows ?? new Int32Array())).toEqual([2]);
    expect(list(findRows(trace, '0000000000000004', null)?.rows ?? new Int32Array())).toEqual([3]);
    expect(list(findRows(trace, 'nothing', new Set(['0000000000000001']))?.rows ?? new Int32Array())).toEqual(
      [0],
    );
    expect(findRows(trace, '  ', null)).toBeNull();
  });
});

describe('ticks of the axis', () => {
  it('are even, within the extent, and not too many', () => {
    expect(ticksOf({ from: 0, to: 100 }, 5)).toEqual([0, 20, 40, 60, 80, 100]);
    expect(ticksOf({ from: 7, to: 7 }, 5)).toEqual([]);
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e12 }), fc.integer({ min: 1, max: 1e12 }), (from, span) => {
        const ticks = ticksOf({ from, to: from + span }, 6);
        expect(ticks.length).toBeLessThanOrEqual(7);
        expect(ticks.every((tick) => tick >= from && tick <= from + span)).toBe(true);
      }),
    );
  });
});
