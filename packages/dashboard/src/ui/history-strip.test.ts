import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Status } from '../api/contracts.ts';
import { fillSegments, summaryOf } from './history-strip.tsx';

const segment = (from: number, to: number, status: Status) => ({ from, to, status });
const HOUR = 3_600_000;

describe('the history strip', () => {
  it('cuts to the range and names holes unknown', () => {
    expect(
      fillSegments([segment(-HOUR, HOUR, 'healthy'), segment(2 * HOUR, 9 * HOUR, 'degraded')], 0, 4 * HOUR),
    ).toEqual([
      segment(0, HOUR, 'healthy'),
      segment(HOUR, 2 * HOUR, 'unknown'),
      segment(2 * HOUR, 4 * HOUR, 'degraded'),
    ]);
    expect(fillSegments([], 0, HOUR)).toEqual([segment(0, HOUR, 'unknown')]);
  });

  it('lets the last state hold for the moment between answer and display', () => {
    expect(fillSegments([segment(0, HOUR - 4000, 'healthy')], 0, HOUR)).toEqual([
      segment(0, HOUR, 'healthy'),
    ]);
  });

  it('says what there was, and not that all was well of what nobody knows', () => {
    const well = segment(0, HOUR, 'healthy');
    expect(summaryOf([segment(0, HOUR, 'unknown')])).toBe('nothing is known of this time');
    expect(summaryOf([well, segment(HOUR, 2 * HOUR, 'unknown')])).toBe('no trouble in this time');
    expect(summaryOf([well, segment(HOUR, 2 * HOUR, 'degraded')])).toBe(
      '1 period of trouble, 1\u202fh in all',
    );
  });

  it('always covers the range without overlap, whatever comes', () => {
    const any = fc.record({
      from: fc.integer({ min: -100, max: 200 }),
      to: fc.integer({ min: -100, max: 200 }),
      status: fc.constantFrom<Status>('healthy', 'degraded', 'unhealthy', 'unknown'),
    });
    fc.assert(
      fc.property(fc.array(any), (segments) => {
        const filled = fillSegments(segments, 0, 100);
        expect(filled[0]!.from).toBe(0);
        expect(filled.at(-1)!.to).toBe(100);
        filled.slice(1).forEach((next, index) => expect(next.from).toBe(filled[index]!.to));
      }),
    );
  });
});
