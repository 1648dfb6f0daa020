import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { noteOf, offsetOf } from './notes.ts';

describe('the place a message means', () => {
  it.each([
    ['rate(up)', 'invalid parameter "query": 1:6: parse error: expected type range vector', 5, 7],
    ['sum by (job (up)', '1:13: parse error: unexpected "("', 12, 13],
    ['up +\n  foo bar', '2:7: parse error: unexpected identifier "bar"', 11, 14],
    ['sum(', '1:5: parse error: unclosed left parenthesis', 3, 4],
    [
      'rate(foo[5m])',
      'PromQL info: metric might not be a counter, name does not end in _total: "foo" (1:6)',
      5,
      8,
    ],
  ])('in %j: %s', (text, message, from, to) => {
    expect(noteOf('error', message, text)).toMatchObject({ from, to });
  });

  it('is the whole text when none is named', () => {
    expect(noteOf('error', 'query timed out', 'up + up')).toEqual({
      severity: 'error',
      message: 'query timed out',
      from: 0,
      to: 7,
    });
  });

  it('always lies inside the text', () => {
    fc.assert(
      fc.property(fc.string(), fc.nat(50), fc.nat(50), (text, line, column) => {
        const { from, to } = noteOf('error', `${line}:${column}: parse error: x`, text);
        return from >= 0 && from <= to && to <= text.length;
      }),
    );
  });

  it('refuses lines and columns that are not there', () => {
    expect(offsetOf('up', 2, 1)).toBeNull();
    expect(offsetOf('up', 0, 1)).toBeNull();
    expect(offsetOf('up', 1, 99)).toBe(2);
  });
});
