import { describe, expect, it } from 'vitest';
import { totalOf } from './total.ts';

const counts = { by_status: { NORMAL: 90, WARNING: 8, CRITICAL: 2 } };
const listed = { total: 97, since: 5 };

describe('the number of events', () => {
  it('is what the filters say, whenever the list was read', () => {
    expect(totalOf({}, counts, listed)).toBe(100);
    expect(totalOf({ status: 'WARNING' }, counts, listed)).toBe(8);
  });

  it('is that of the list where the filters do not count it', () => {
    expect(totalOf({ source: 'order' }, counts, listed)).toBe(102);
    expect(totalOf({}, undefined, listed)).toBe(102);
    expect(totalOf({}, undefined, { total: undefined, since: 0 })).toBeUndefined();
  });
});
