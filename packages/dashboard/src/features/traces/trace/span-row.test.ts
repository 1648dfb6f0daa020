import { describe, expect, it } from 'vitest';
import { madeTrace } from '../model/made-trace.ts';
import { pathLine } from './span-row.tsx';

describe('the critical path of a row', () => {
  const trace = madeTrace([{ parent: -1, start: 0, length: 1000 }], {
    row: [0, 0, 0],
    from_ns: [0, 100.5, 600],
    to_ns: [100, 200, 900],
  });

  it('joins what is too close to be told apart', () => {
    expect(pathLine(trace, 0, { from: 0, to: 1000 })).toBe('M0.0 1H200.0M600.0 1H900.0');
  });

  it('is cut to the time that is shown', () => {
    expect(pathLine(trace, 0, { from: 500, to: 700 })).toBe('M500.0 1H1000.0');
    expect(pathLine(trace, 0, { from: 300, to: 500 })).toBe('');
  });
});
