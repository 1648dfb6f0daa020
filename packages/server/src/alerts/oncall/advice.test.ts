import { describe, expect, it } from 'vitest';
import { labelSet } from '../labels/label-set.ts';
import { adviceOn } from './advice.ts';
import type { Page, PageEvent } from './page/page.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const WEEK = 7 * 24 * HOUR;

interface Said {
  readonly openedAt: number;
  readonly lasts: number | null;
  /** After the first telling. */
  readonly acknowledged?: number;
  readonly exhausted?: true;
  readonly group?: string;
  readonly tellings?: number;
}

function page({ openedAt, lasts, acknowledged, exhausted, group = 'g', tellings = 1 }: Said): Page {
  const event = (at: number, what: PageEvent['what']): PageEvent => ({ at, what, by: '', text: '' });
  return {
    id: `${group}-${openedAt}`,
    receiver: 'pager',
    group,
    route: 'r',
    groupLabels: labelSet([]),
    policy: 'p',
    rule: 'critical',
    openedAt,
    phase: lasts === null ? { kind: 'exhausted' } : { kind: 'ended', at: openedAt + lasts },
    tellings,
    reach: { since: openedAt, isReached: tellings > 0, vain: 0 },
    told: [],
    fingerprints: [],
    firing: 1,
    labels: labelSet([['alertname', 'A']]),
    annotations: labelSet([]),
    events: [
      ...(tellings > 0 ? [event(openedAt, 'told')] : []),
      ...(acknowledged === undefined ? [] : [event(openedAt + acknowledged, 'acknowledged')]),
      ...(exhausted === undefined ? [] : [event(openedAt + HOUR, 'exhausted')]),
    ],
  };
}

/** One every six hours. */
const pages = (count: number, said: Omit<Said, 'openedAt'>, from = 0): readonly Page[] =>
  Array.from({ length: count }, (_, i) => page({ openedAt: from + i * 6 * HOUR, ...said }));
const advised = (of: readonly Page[]): readonly string[] => adviceOn(of, WEEK).map(({ what }) => what);

describe('what is advised of an alert', () => {
  it('is nothing of few pages, nor of those that nobody was told of', () => {
    expect(adviceOn(pages(2, { lasts: MINUTE }), WEEK)).toEqual([]);
    expect(adviceOn(pages(20, { lasts: MINUTE, tellings: 0 }), WEEK)).toEqual([]);
    expect(adviceOn([], WEEK)).toEqual([]);
  });

  it('is nothing while it is rare, long and answered', () => {
    expect(adviceOn(pages(4, { lasts: HOUR, acknowledged: 2 * MINUTE }), WEEK)).toEqual([]);
  });

  it('is a longer "for", the shortest that spares half of its pages', () => {
    const brief = [
      ...pages(4, { lasts: 4 * MINUTE }),
      ...pages(3, { lasts: 3 * HOUR, acknowledged: MINUTE }, HOUR),
    ];
    expect(adviceOn(brief, WEEK)).toEqual([
      {
        what: 'longer_for',
        text: '4 of 7 pages were over within 5m and nobody had acted: let it hold 5m longer (for) before it fires',
        spares: 4,
        durationMs: 5 * MINUTE,
      },
    ]);
  });

  it('is no longer "for" where people made them short', () => {
    expect(advised(pages(4, { lasts: 4 * MINUTE, acknowledged: MINUTE }))).toEqual([]);
  });

  it('is to hold its end back where it comes again at once; other groups are other troubles', () => {
    const again = (group: (i: number) => string): readonly Page[] =>
      Array.from({ length: 4 }, (_, i) =>
        page({ openedAt: i * 50 * MINUTE, lasts: 42 * MINUTE, acknowledged: MINUTE, group: group(i) }),
      );
    expect(
      adviceOn(
        again(() => 'g'),
        WEEK,
      ),
    ).toMatchObject([{ what: 'hold_down', spares: 3, durationMs: 10 * MINUTE }]);
    expect(advised(again((i) => `g${i}`))).toEqual([]);
  });

  it('is to delete what nobody ever acknowledged', () => {
    expect(advised(pages(5, { lasts: 3 * HOUR }))).toEqual(['delete']);
    expect(advised(pages(5, { lasts: null }))).toEqual([]);
  });

  it('is to raise the limit of what comes often and is seldom answered', () => {
    const often = [
      ...pages(9, { lasts: 3 * HOUR }),
      ...pages(2, { lasts: HOUR, acknowledged: MINUTE }, 4 * HOUR),
    ];
    expect(advised(often)).toEqual(['raise_limit']);
    expect(adviceOn(often, 30 * WEEK)).toEqual([]);
  });

  it('is to look at those on call where levels pass by unanswered', () => {
    const lost = [
      ...pages(3, { lasts: 3 * HOUR, exhausted: true }),
      ...pages(2, { lasts: HOUR, acknowledged: MINUTE }, HOUR),
    ];
    expect(advised(lost)).toEqual(['reach_people']);
  });

  it('is to ask sooner where answers are slow, and to remove a cause that always needs somebody', () => {
    expect(advised(pages(6, { lasts: 3 * HOUR, acknowledged: 20 * MINUTE }))).toEqual([
      'answer_sooner',
      'remove_cause',
    ]);
  });
});
