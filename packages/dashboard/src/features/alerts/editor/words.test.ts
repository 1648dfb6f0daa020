import { describe, expect, it } from 'vitest';
import type { Spell, Totals } from './contracts.ts';
import { adviceOf, comparisonOf, drawnOf, firingSpans, lanesOf, verdictOf } from './words.ts';

const MINUTE = 60_000;
const NOTHING: Totals = {
  firings: 0,
  alerts: 0,
  firing_ms: 0,
  longest_ms: 0,
  median_ms: 0,
  flaps: 0,
  only_pending: 0,
  most: 0,
  notices: 0,
};

describe('what a back-test found', () => {
  it('is said in a sentence', () => {
    // Between a number and its unit no line is broken.
    const said = (totals: Partial<Totals>, from: number | null = 0) =>
      verdictOf({
        totals: { ...NOTHING, ...totals },
        start: 0,
        data_from: from,
        covered_ms: 180 * MINUTE,
      }).replaceAll('\u202f', ' ');
    expect(said({})).toBe('It would not have fired: its condition never held.');
    expect(said({ only_pending: 2 })).toBe(
      'It would not have fired: its condition held twice, but not for long enough.',
    );
    expect(said({}, 1)).toBe('In the 3 h that are stored it would not have fired: its condition never held.');
    expect(said({}, null)).toBe(
      'Nobody knows whether it would have fired: nothing that it reads is stored in this time.',
    );
    expect(said({ firings: 1, alerts: 1, longest_ms: 5 * MINUTE, notices: 1 })).toBe(
      'It would have fired once, for 5 min; 1 message.',
    );
    expect(said({ firings: 3, alerts: 2, firing_ms: 9 * MINUTE, longest_ms: 5 * MINUTE })).toBe(
      'It would have fired 3 times for 2 different alerts, for 9 min in all and 5 min at the longest; nobody would have been told.',
    );
  });

  it('comes with advice where it is noisy', () => {
    expect(adviceOf({ ...NOTHING, firings: 5, flaps: 4, firing_ms: MINUTE }, 60 * MINUTE)).toHaveLength(1);
    expect(adviceOf({ ...NOTHING, firings: 1, firing_ms: 50 * MINUTE }, 60 * MINUTE)).toHaveLength(1);
    expect(adviceOf({ ...NOTHING, firings: 1, firing_ms: MINUTE }, 60 * MINUTE)).toEqual([]);
  });

  it('is compared in words', () => {
    expect(comparisonOf({ added: 1, removed: 0, shifted: 2, same: 3 })).toBe(
      '1 more, 2 at other times, 3 the same.',
    );
    expect(comparisonOf({ added: 0, removed: 0, shifted: 0, same: 2 })).toBe(
      'Both would have fired alike, twice.',
    );
    expect(comparisonOf({ added: 0, removed: 0, shifted: 0, same: 0 })).toBe('Neither would have fired.');
  });
});

describe('lanes', () => {
  const spell = (job: string, pending: number, firing: number | null, until: number | null): Spell => ({
    labels: { job },
    annotations: {},
    pending_from: pending,
    firing_from: firing,
    until,
    cut: false,
    value: '1',
    peak: '1',
    told: [],
    held: null,
  });

  it('show each alert once, cut to the time, the longest first', () => {
    const lanes = lanesOf([spell('a', -10, 10, 20), spell('b', 50, 60, null), spell('a', 30, null, 40)], {
      start: 0,
      end: 100,
    });
    expect(lanes.map(({ labels, firingMs }) => [labels['job'], firingMs])).toEqual([
      ['b', 40],
      ['a', 10],
    ]);
    expect(lanes[1]?.segments.map(({ state, left, width }) => [state, left, width])).toEqual([
      ['pending', 0, 0.1],
      ['firing', 0.1, 0.1],
      ['pending', 0.3, 0.1],
    ]);
    expect(lanesOf([spell('a', -20, null, -10)], { start: 0, end: 100 })).toEqual([]);
  });

  it('leave one span on the chart where alerts overlap', () => {
    const firings = [spell('b', 10, 15, 30), spell('a', -10, -5, 20), spell('c', 60, 60, null)];
    expect(firingSpans({ firings, start: 0, end: 100 })).toEqual([
      { from: 0, to: 30 },
      { from: 60, to: 100 },
    ]);
  });

  it.each([
    ['all of it', 0, [], 0, ''],
    ['all of it where nothing is stored', null, [], 0, ''],
    ['what is stored', 50, [], 50, 'only the last 10 min'],
    ['some minutes at least', 59, [], 55, 'only the last 5 min'],
    ['what held before anything was stored, too', 50, [30, 40], 30, 'only the last 30 min'],
    ['all of it where it held from the beginning', 50, [-5], 0, ''],
  ])('is drawn over %s', (_name, from, held, start, note) => {
    const drawn = drawnOf({
      start: 0,
      end: 60 * MINUTE,
      data_from: from === null ? null : from * MINUTE,
      firings: held.map((minute) => spell('a', minute * MINUTE, null, null)),
      pending: [],
    });
    expect({ ...drawn, note: drawn.note.replaceAll('\u202f', ' ') }).toEqual({
      start: start * MINUTE,
      end: 60 * MINUTE,
      note,
    });
  });
});
