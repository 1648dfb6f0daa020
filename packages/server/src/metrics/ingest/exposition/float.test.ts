import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalFloatText, FloatReader, parseFloatText } from './float.ts';

function read(text: string): number | null {
  const bytes = Buffer.from(`${text}\n`, 'latin1');
  const reader = new FloatReader();
  const end = reader.read(bytes, 0);
  return end === bytes.length - 1 ? reader.value : null;
}

describe('FloatReader', () => {
  it.each([
    ['0', 0],
    ['-0', -0],
    ['+1', 1],
    ['1.', 1],
    ['.5', 0.5],
    ['1e3', 1000],
    ['1E-3', 0.001],
    ['1e22', 1e22],
    ['1e23', 1e23],
    ['9007199254740993', 9007199254740992],
    ['0.1', 0.1],
    ['123456789012345678', 123456789012345680],
    ['4.9e-324', 5e-324],
    ['inf', Number.POSITIVE_INFINITY],
    ['-Infinity', Number.NEGATIVE_INFINITY],
    ['nan', Number.NaN],
    ['', null],
    ['-', null],
    ['.', null],
    ['e5', null],
    ['1e', null],
    ['1e+', null],
    ['1x', null],
    ['0x10', null],
    ['1_0', null],
    ['1e999', null],
    ['--1', null],
    ['infin', null],
    ['9'.repeat(2000), null],
  ])('%s', (text, expected) => {
    expect(read(text)).toEqual(expected);
  });

  it('agrees with the engine on every double and on decimal shapes', () => {
    const decimal = fc.stringMatching(/^[+-]?\d{0,20}\.?\d{0,20}(e[+-]?\d{1,3})?$/);
    fc.assert(
      fc.property(fc.oneof(fc.double().map(String), decimal), (text) => {
        expect(read(text)).toEqual(parseFloatText(text));
      }),
      { numRuns: 2000 },
    );
  });
});

describe('canonicalFloatText', () => {
  it.each([
    [1, '1.0'],
    [0, '0.0'],
    [-1, '-1.0'],
    [0.5, '0.5'],
    [100000, '100000.0'],
    [1e6, '1e+06'],
    [1234567, '1.234567e+06'],
    [0.0001, '0.0001'],
    [0.00001, '1e-05'],
    [1e21, '1e+21'],
    [Number.POSITIVE_INFINITY, '+Inf'],
    [Number.NEGATIVE_INFINITY, '-Inf'],
    [Number.NaN, 'NaN'],
  ])('%d is %s', (value, text) => {
    expect(canonicalFloatText(value)).toBe(text);
  });
});
