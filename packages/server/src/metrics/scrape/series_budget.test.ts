import { describe, expect, it } from 'vitest';
import { SeriesBudget } from './series_budget.ts';

const HOUR = 3_600_000;

function budgetOf(limit: number) {
  const time = { now: 0 };
  return { time, budget: new SeriesBudget(limit, () => time.now) };
}

describe('SeriesBudget', () => {
  it('ends at the limit of new series, and opens again when they are an hour or two old', () => {
    const { time, budget } = budgetOf(3);
    expect([1, 2, 3, 4].map(() => budget.take(0))).toEqual([true, true, true, false]);
    time.now = HOUR;
    expect(budget.take(0)).toBe(false);
    time.now = 2 * HOUR;
    expect(budget.take(0)).toBe(true);
    expect(budget.taken).toBe(1);
  });

  it('forgets everything after a long silence', () => {
    const { time, budget } = budgetOf(1);
    expect(budget.take(0)).toBe(true);
    time.now = 10 * HOUR;
    expect(budget.take(0)).toBe(true);
  });

  it('takes none while the target has as many as it may', () => {
    expect(budgetOf(3).budget.take(3)).toBe(false);
  });
});
