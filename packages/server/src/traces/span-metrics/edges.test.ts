import { describe, expect, it } from 'vitest';
import { BOUNDS, type Measured, measuredFrom, placeOf } from '../measured.ts';
import type { EdgeKey, MinuteCalls } from '../topology/index.ts';
import { EdgeCounts } from './edges.ts';

const NOW = 1_700_000_040_000;
const MINUTE = Math.floor(NOW / 60_000);

/** Calls of a minute with their durations in seconds; those over ten seconds failed. */
function callsOf(minute: number, edges: Readonly<Record<string, readonly number[]>>): MinuteCalls {
  return {
    minute,
    edges: Object.entries(edges).map(([text, seconds]) => {
      const [caller = '', callee = '', type] = text.split(' ');
      const edge: EdgeKey = { caller, callee, type: type === 'database' ? type : 'service' };
      const calls = measuredFrom(0);
      for (const one of seconds) {
        calls.counts[placeOf(one)]++;
        calls.sum += one;
        if (one > 10) calls.failed++;
      }
      const most = Math.max(...seconds);
      return { edge, calls: { ...calls, slowest: { traceId: `t${most}`, seconds: most } } };
    }),
  };
}

const total = ({ counts }: Measured): number => counts.reduce((sum, n) => sum + n, 0);

function shown(counts: EdgeCounts, tenant = 'default'): Record<string, readonly unknown[]> {
  return Object.fromEntries(
    [...counts.of(tenant)].map((one) => [
      Object.values(counts.labelsOf(one)).join(' '),
      [total(one), one.failed, one.sum, one.slowest?.traceId],
    ]),
  );
}

describe('the counts of edges', () => {
  it('add up minutes, and take what is late to one without counting the rest of it again', () => {
    const counts = new EdgeCounts(10, NOW);
    counts.count('default', callsOf(MINUTE, { 'a b': [1, 2], 'a db database': [0.5] }), NOW);
    counts.count('default', callsOf(MINUTE + 1, { 'a b': [3] }), NOW);
    counts.count('default', callsOf(MINUTE, { 'a b': [1, 2, 20], 'a db database': [0.5] }), NOW);
    counts.count('default', callsOf(MINUTE, { 'a b': [1, 2, 20] }), NOW);
    expect(shown(counts)).toEqual({ 'a b': [4, 1, 26, 't20'], 'a db database': [1, 0, 0.5, 't0.5'] });
    expect(shown(counts, 'blue')).toEqual({});
  });

  it('never fall when a call turns out to be another one', () => {
    const counts = new EdgeCounts(10, NOW);
    counts.count('default', callsOf(MINUTE, { 'a out': [1, 1] }), NOW);
    counts.count('default', callsOf(MINUTE, { 'a out': [1], 'a b': [1] }), NOW);
    counts.count('default', callsOf(MINUTE, { 'a out': [1, 1], 'a b': [1] }), NOW);
    expect(shown(counts)).toMatchObject({ 'a out': [2, 0, 2, 't1'], 'a b': [1, 0, 1, 't1'] });
  });

  it('leave out what was before the process began, and what is long past', () => {
    const counts = new EdgeCounts(10, NOW);
    counts.count('default', callsOf(MINUTE - 1, { 'a b': [1] }), NOW);
    const later = NOW + 30 * 60_000;
    counts.count('default', callsOf(MINUTE + 2, { 'a b': [1] }), later);
    expect([...counts.tenants()]).toEqual([]);
    counts.count('default', callsOf(MINUTE + 25, { 'a b': [1] }), later);
    expect(shown(counts)).toMatchObject({ 'a b': [1, 0, 1, 't1'] });
  });

  it('count edges beyond the limit together, and begin anew once one is forgotten', () => {
    const counts = new EdgeCounts(1, NOW);
    counts.count('default', callsOf(MINUTE, { 'a b': [1], 'a c': [2], 'a d': [3] }), NOW);
    expect(shown(counts)).toEqual({ 'a b': [1, 0, 1, 't1'], true: [2, 0, 5, 't3'] });
    const all = [...counts.of('default')];
    for (const one of all) counts.forget('default', one);
    expect([...counts.tenants()]).toEqual([]);
  });

  it('have a place for every duration', () => {
    expect([0, 0.002, 0.0021, 15, 16].map(placeOf)).toEqual([0, 0, 1, BOUNDS.length - 1, BOUNDS.length]);
  });
});
