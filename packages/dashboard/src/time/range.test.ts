import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  boundsOf,
  parseDuration,
  rangeOf,
  refreshMillis,
  searchOf,
  shiftRange,
  stepSeconds,
  validateRangeSearch,
  windowOf,
} from './range.ts';

const NOW = 1_763_640_000_000;

describe('time range in the URL', () => {
  it.each([
    ['90s', 90],
    ['15m', 900],
    ['1h30m', 5400],
    [' 2 D ', 172_800],
    ['', null],
    ['0m', null],
    ['h', null],
    ['15', null],
    ['999999d', null],
    ['1h; drop', null],
  ])('reads %j as %j seconds', (text, seconds) => {
    expect(parseDuration(text)).toBe(seconds);
  });

  it('keeps a valid range and leaves the default out', () => {
    expect(validateRangeSearch({ range: '6h' })).toEqual({ range: '6h' });
    expect(validateRangeSearch({ range: '15m' })).toEqual({});
    expect(validateRangeSearch({ from: '1000000', to: 2_000_000, tz: 'utc' })).toEqual({
      from: 1_000_000,
      to: 2_000_000,
      tz: 'utc',
    });
  });

  it('opens a broken link with the default instead of failing', () => {
    for (const search of [
      { range: 'yesterday' },
      { from: 5, to: 4 },
      { from: 'NaN', to: 'x' },
      { range: ['__proto__'] },
      { from: 1e300, to: 1e301 },
    ]) {
      expect(rangeOf(validateRangeSearch(search))).toEqual({ kind: 'relative', range: '15m', seconds: 900 });
    }
  });

  it('survives any search and gives a range with a start before its end', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom('range', 'from', 'to', 'tz'), fc.anything()), (search) => {
        const { from, to } = boundsOf(rangeOf(validateRangeSearch(search)), NOW);
        expect(from).toBeLessThan(to);
      }),
    );
  });

  it('goes to the URL and back unchanged', () => {
    for (const range of [
      { kind: 'relative', range: '6h', seconds: 21_600 },
      { kind: 'relative', range: '1h', seconds: 3600 },
      { kind: 'absolute', from: NOW - 60_000, to: NOW },
    ] as const) {
      expect(rangeOf(validateRangeSearch({ ...searchOf(range) }))).toEqual(range);
    }
  });

  it('asks for the window and, of a fixed range, its end', () => {
    expect(windowOf({ kind: 'relative', range: '15m', seconds: 900 })).toEqual({ window: '900s' });
    expect(windowOf({ kind: 'absolute', from: NOW - 7_200_000, to: NOW - 3_600_000 })).toEqual({
      window: '3600s',
      end: String(NOW - 3_600_000),
    });
  });

  it('refreshes short ranges often, long ones seldom and fixed ones never', () => {
    expect(refreshMillis({ kind: 'relative', range: '15m', seconds: 900 })).toBe(5000);
    expect(refreshMillis({ kind: 'relative', range: '1h', seconds: 3600 })).toBe(20_000);
    expect(refreshMillis({ kind: 'relative', range: '30d', seconds: 2_592_000 })).toBe(300_000);
    expect(refreshMillis({ kind: 'absolute', from: 1, to: 2 })).toBe(false);
  });

  it('steps on a human grid with at most 180 points', () => {
    expect(stepSeconds(900)).toBe(5);
    expect(stepSeconds(3600)).toBe(20);
    expect(stepSeconds(86_400)).toBe(600);
  });

  it('shifts by half a width', () => {
    expect(shiftRange({ kind: 'relative', range: '1h', seconds: 3600 }, -1, NOW)).toEqual({
      kind: 'absolute',
      from: NOW - 5_400_000,
      to: NOW - 1_800_000,
    });
  });
});
