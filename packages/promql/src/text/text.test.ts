import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatDuration, parseDuration } from './duration.ts';
import { formatDecimal, formatGeneral, formatValue } from './format-value.ts';
import { lineColumn } from './position.ts';
import { quote, unescape } from './quote.ts';

describe('values', () => {
  it.each([
    [1.5, '1.5'],
    [0, '0'],
    [-0, '-0'],
    [1e-6, '0.000001'],
    [1e-7, '1e-07'],
    [1.25e-10, '1.25e-10'],
    [1e20, '100000000000000000000'],
    [1e21, '1e+21'],
    [-1.7976931348623157e308, '-1.7976931348623157e+308'],
    [Number.NaN, 'NaN'],
    [Number.POSITIVE_INFINITY, '+Inf'],
    [Number.NEGATIVE_INFINITY, '-Inf'],
  ])('%d is %s in the API (PQ-3)', (value, text) => {
    expect(formatValue(value)).toBe(text);
  });

  it('read back as the same float, in every form', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        for (const format of [formatValue, formatGeneral, formatDecimal])
          expect(Number(format(value))).toBe(value);
        expect(formatDecimal(value)).not.toContain('e');
      }),
    );
    expect(formatDecimal(-1.5e-9)).toBe('-0.0000000015');
    expect(formatDecimal(1.5e22)).toBe('15000000000000000000000');
    expect(formatGeneral(1_000_000)).toBe('1e+06');
  });
});

describe('durations', () => {
  it.each([
    ['0', 0],
    ['5m', 300_000],
    ['1h30m', 5_400_000],
    ['1y2w3d4h5m6s7ms', 31_536_000_000 + 1_209_600_000 + 259_200_000 + 14_400_000 + 300_000 + 6007],
  ])('%s', (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
  });

  it.each(['', '5', '5m1h', '-5m', '1.5h', '5mm', '1d1d', '999999y'])('refuses %j', (text) => {
    expect(() => parseDuration(text)).toThrow();
  });

  it('print shortest and read back', () => {
    expect([0, 90_000, 604_800_000, 7_776_000_000, 31_536_000_000, -1000].map(formatDuration)).toEqual([
      '0s',
      '1m30s',
      '1w',
      '90d',
      '1y',
      '-1s',
    ]);
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 4e12 }), (ms) => {
        expect(parseDuration(formatDuration(ms))).toBe(ms);
      }),
    );
  });
});

describe('strings', () => {
  it('are quoted as Go does and read back', () => {
    expect(quote('a"b\\\n\u0000\u200b\u00fc\u{1f600}')).toBe('"a\\"b\\\\\\n\\x00\\u200b\u00fc\u{1f600}"');
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(unescape(quote(text).slice(1, -1), '"')).toEqual({ ok: true, value: text });
      }),
    );
  });

  it('join bytes to characters, and refuse what Go refuses', () => {
    expect(unescape('\\xc3\\xbc\\101\\u00fc', '"')).toEqual({ ok: true, value: 'üAü' });
    for (const bad of ['\\', '\\q', "\\'", '\\x1', '\\ud800', '\\U00110000', '\\400'])
      expect(unescape(bad, '"').ok, bad).toBe(false);
  });
});

it('positions count lines and bytes from 1', () => {
  expect(['', 'ab', 'a\nü'].map((before) => lineColumn(`${before}x`, before.length))).toEqual([
    '1:1',
    '1:3',
    '2:3',
  ]);
});
