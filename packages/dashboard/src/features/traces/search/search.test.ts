import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { validateTraceSearch } from '../trace/search.ts';
import { durationOf, durationText, validateTracesSearch } from './search.ts';

describe('durations in the URL', () => {
  it.each([
    ['100ms', 1e8],
    ['1.5 s', 1.5e9],
    ['1m30s', 9e10],
    ['250', 2.5e8],
    ['7us', 7000],
    ['7µs', 7000],
    ['', null],
    ['fast', null],
    ['1.5.5s', null],
    ['-1s', null],
  ])('reads %j as %j nanoseconds', (text, nanoseconds) => {
    expect(durationOf(text)).toBe(nanoseconds);
  });

  it('are written so that they read back to four digits', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e13 }), (nanoseconds) => {
        const back = durationOf(durationText(nanoseconds)) ?? Number.NaN;
        expect(Math.abs(back - nanoseconds) / nanoseconds).toBeLessThan(1e-3);
      }),
    );
  });
});

describe('search parameters', () => {
  it('keep what is valid and drop the rest', () => {
    expect(
      validateTracesSearch({
        service: 'cart',
        operation: 42,
        tag: ['a=1', 'none', 7, '=x'],
        min: '100 ms',
        max: 'long',
        error: true,
        sort: 'slowest',
        sel: [1, 2, 0, 5],
      }),
    ).toEqual({
      service: 'cart',
      operation: '42',
      tag: ['a=1'],
      min: '100ms',
      error: true,
      sort: 'slowest',
      sel: [1, 2, 0, 5],
    });
    expect(validateTracesSearch({ tag: 'a=1', error: 'true', sel: [2, 1, 0, 5], sort: 'x' })).toEqual({
      tag: ['a=1'],
    });
    expect(validateTraceSearch({ span: 'AB', view: 'flame', find: 5, show: 'errors' })).toEqual({
      span: 'ab',
      view: 'flame',
      find: '5',
      show: 'errors',
    });
    expect(validateTraceSearch({ span: 'x', view: 'waterfall', find: '', show: 'all' })).toEqual({});
  });

  it('never throw, and are the same when read again', () => {
    fc.assert(
      fc.property(
        fc.dictionary(
          fc.constantFrom('service', 'tag', 'min', 'max', 'sel', 'span', 'find', 'show'),
          fc.anything(),
        ),
        (any) => {
          const once = validateTracesSearch(any);
          expect(validateTracesSearch({ ...once })).toEqual(once);
          const trace = validateTraceSearch(any);
          expect(validateTraceSearch({ ...trace })).toEqual(trace);
        },
      ),
    );
  });
});
