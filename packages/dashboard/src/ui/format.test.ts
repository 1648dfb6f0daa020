import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  compare,
  formatAgo,
  formatClock,
  formatDuration,
  formatValue,
  significant,
  spokenWindow,
  type Unit,
  withClocks,
} from './format.ts';

const plain = (text: string) => text.replaceAll('\u202f', ' ');

describe('numbers', () => {
  it.each<[number | null, Unit, string]>([
    [3210, 'rate', '3.21 k/s'],
    [0.5, 'rate', '0.5 /s'],
    [0.5, 'budget', '50 %'],
    [-1.5, 'budget', '-150 %'],
    [-111.918, 'budget', '-112 ×'],
    [999.7, 'rate', '1 k/s'],
    [0, 'rate', '0 /s'],
    [0.0021, 'ratio', '0.21 %'],
    [1, 'ratio', '100 %'],
    [1, 'availability', '100 %'],
    [0.999999, 'availability', '99.999 %'],
    [0.9902, 'availability', '99.02 %'],
    [0.142, 'seconds', '142 ms'],
    [0.000_04, 'seconds', '40 µs'],
    [2.5, 'seconds', '2.5 s'],
    [0.9996, 'seconds', '1 s'],
    [180, 'seconds', '3 min'],
    [48.25, 'megabytes', '48.3 MB'],
    [2100, 'megabytes', '2.1 GB'],
    [1536, 'bytes', '1.5 KiB'],
    [10_000, 'count', '10 k'],
    [0.000_01, 'rate', '< 0.001 /s'],
    [null, 'seconds', '–'],
    [Number.NaN, 'seconds', '–'],
    [Number.POSITIVE_INFINITY, 'rate', '–'],
  ])('%j as %s reads %j', (value, unit, expected) => {
    expect(plain(formatValue(value, unit))).toBe(expected);
  });

  it('never shows an exponent and never grows long', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, min: -999_999, max: 999_999 }), (value) => {
        const text = significant(value);
        expect(text).not.toMatch(/e/i);
        expect(text.length).toBeLessThanOrEqual(8);
      }),
    );
  });
});

describe('comparison with the window before', () => {
  it.each<[number | null, number | null, Unit, string, string]>([
    [138, 100, 'rate', '+38 %', 'up'],
    [50, 100, 'rate', '−50 %', 'down'],
    [100.2, 100, 'rate', 'unchanged', 'flat'],
    [5, 0, 'rate', 'was 0', 'up'],
    [0, 0, 'rate', 'unchanged', 'flat'],
    [2000, 100, 'rate', '20 times', 'up'],
    [0.02, 0.001, 'ratio', '+1.9 points', 'up'],
    [0.0001, 0.0002, 'ratio', 'unchanged', 'flat'],
    [null, 1, 'rate', 'nothing to compare with', 'none'],
  ])('%j against %j (%s) reads %j', (now, before, unit, text, trend) => {
    const result = compare(now, before, unit);
    expect(plain(result.text)).toBe(text);
    expect(result.trend).toBe(trend);
  });
});

describe('times', () => {
  it.each([
    [900, '0 s'],
    [42_000, '42 s'],
    [720_000, '12 min'],
    [3_600_000, '1 h'],
    [12_000_000, '3 h 20 min'],
    [439_200_000, '5 d 2 h'],
  ])('%d ms lasts %j', (millis, expected) => {
    expect(plain(formatDuration(millis))).toBe(expected);
  });

  it('says when, both ways', () => {
    expect(formatAgo(1000, 2000)).toBe('just now');
    expect(plain(formatAgo(0, 720_000))).toBe('12 min ago');
    expect(plain(formatAgo(180_000, 0))).toBe('in 3 min');
  });

  it('names the day only when it is another one', () => {
    const noon = Date.UTC(2026, 10, 20, 12, 0, 0);
    expect(formatClock(noon, noon, 'utc')).toBe('12:00');
    expect(formatClock(noon - 86_400_000, noon, 'utc')).toBe('19 Nov, 12:00');
  });

  it('puts clocks for what machines wrote', () => {
    const now = Date.UTC(2026, 10, 23, 9);
    expect(
      withClocks('was down since 2026-11-23T08:07:24.985Z, until 2026-11-23T08:09:00Z: x', now, 'utc'),
    ).toBe('was down since 08:07:24, until 08:09:00: x');
  });

  it('names windows as people do', () => {
    expect(['5m', '300s', '2h'].map((window) => plain(spokenWindow(window)))).toEqual([
      '5 min',
      '5 min',
      'the window',
    ]);
  });
});
