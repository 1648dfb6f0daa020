import { describe, expect, it } from 'vitest';
import { labelSet } from '../labels/label-set.ts';
import type { Page, PageEvent } from './page/page.ts';
import { figuresOf, totalOf } from './statistics.ts';

const page = (
  alert: string,
  openedAt: number,
  events: readonly (readonly [number, PageEvent['what']])[],
): Page => {
  const ended = events.find(([, what]) => what === 'ended');
  return {
    id: `${alert}-${openedAt}`,
    receiver: 'pager',
    group: 'g',
    route: 'r',
    groupLabels: labelSet([]),
    policy: 'p',
    rule: 'critical',
    openedAt,
    phase: ended === undefined ? { kind: 'exhausted' } : { kind: 'ended', at: ended[0] },
    tellings: events.filter(([, what]) => what === 'told').length,
    reach: { since: openedAt, isReached: true, vain: 0 },
    told: [],
    fingerprints: [],
    firing: 1,
    labels: labelSet([['alertname', alert]]),
    annotations: labelSet([]),
    events: events.map(([at, what]) => ({ at, what, by: '', text: '' })),
  };
};

describe('figures of pages', () => {
  const PAGES = [
    page('Down', 10, [
      [10, 'told'],
      [40, 'acknowledged'],
      [100, 'ended'],
    ]),
    page('Down', 20, [
      [30, 'told'],
      [40, 'acknowledged'],
      [50, 'acknowledged'],
      [60, 'ended'],
    ]),
    page('Noise', 10, [
      [10, 'told'],
      [20, 'told'],
      [30, 'told'],
      [40, 'exhausted'],
      [50, 'ended'],
    ]),
    page('Noise', 15, [[25, 'ended']]),
    page('Open', 12, [[12, 'told']]),
    page('Old', 1, [[1, 'told']]),
  ];

  it('say which alerts tell people most, which nobody answers, and how long answers take', () => {
    expect(figuresOf(PAGES, { from: 5, until: 1000 })).toEqual([
      {
        alert: 'Noise',
        pages: 2,
        tellings: 3,
        told: 1,
        acknowledged: 0,
        unanswered: 1,
        exhausted: 1,
        toAcknowledgeMs: null,
        toEndMs: 25,
        advice: [],
      },
      {
        alert: 'Down',
        pages: 2,
        tellings: 2,
        told: 2,
        acknowledged: 2,
        unanswered: 0,
        exhausted: 0,
        toAcknowledgeMs: 20,
        toEndMs: 65,
        advice: [],
      },
      {
        alert: 'Open',
        pages: 1,
        tellings: 1,
        told: 1,
        acknowledged: 0,
        unanswered: 0,
        exhausted: 0,
        toAcknowledgeMs: null,
        toEndMs: null,
        advice: [],
      },
    ]);
  });

  it('of all together are those of the span', () => {
    expect(totalOf(PAGES, { from: 5, until: 1000 })).toMatchObject({
      pages: 5,
      tellings: 6,
      acknowledged: 2,
      unanswered: 1,
      toAcknowledgeMs: 20,
      toEndMs: 40,
    });
  });

  it('are none of a time without pages', () => {
    expect(figuresOf(PAGES, { from: 2000, until: 3000 })).toEqual([]);
  });
});
