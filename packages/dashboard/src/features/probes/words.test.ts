import { describe, expect, it } from 'vitest';
import { draftOf, windowOf } from './maintenance-draft.ts';
import { validateProbesSearch } from './search.ts';
import { certificateDays, recentInWords, verdict, whenInWords, whomInWords } from './words.ts';

const NONE = { all: 0, healthy: 0, degraded: 0, unhealthy: 0, unknown: 0, paused: 0 };

describe('probes in words', () => {
  it.each([
    [{ ...NONE, all: 12, healthy: 9, unhealthy: 2, degraded: 1 }, '2 of 12 fail; 1 warn'],
    [{ ...NONE, all: 3, healthy: 3 }, 'all 3 are well'],
    [{ ...NONE, all: 4, healthy: 3, paused: 1 }, 'all 3 others are well; 1 paused'],
    [{ ...NONE, all: 2, unknown: 2 }, '2 not known yet'],
  ])('%#: all together', (counts, words) => expect(verdict(counts)).toBe(words));

  it('the last looks, and the days of a certificate', () => {
    expect([recentInWords([]), recentInWords([1, 2]), recentInWords([1, null])]).toEqual([
      'no look yet',
      'all of the last 2 looks succeeded',
      '1 of the last 2 looks failed',
    ]);
    expect([
      certificateDays({ certificateExpiry: 2.5 * 86_400_000 }, 0),
      certificateDays({ certificateExpiry: null }, 0),
    ]).toEqual([2, null]);
  });

  it('when a window is open, and for whom', () => {
    const weekly = { title: 'x', probes: ['a'], tags: ['t'], at: '02:00', duration: '1h', time_zone: 'UTC' };
    expect([
      whenInWords({ ...weekly, days: ['sun', 'mon'] }, 0, 'utc'),
      whenInWords({ ...weekly, days: ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] }, 0, 'utc'),
      whenInWords(
        {
          title: 'x',
          probes: [],
          tags: [],
          from: '2026-11-22T23:30:28.386Z',
          to: '2026-11-23T02:00:00+01:00',
        },
        Date.UTC(2026, 10, 22, 20),
        'utc',
      ),
      whenInWords({ title: 'x', probes: [], tags: [], from: 'never', to: '' }, 0, 'utc'),
      whomInWords({ ...weekly, days: [] }),
      whomInWords({ title: 'x', probes: [], tags: [], from: '', to: '' }),
    ]).toEqual([
      'Mon, Sun at 02:00 for 1h, UTC',
      'Every day at 02:00 for 1h, UTC',
      '23:30 to 23 Nov, 01:00',
      'never to ',
      'a, tagged t',
      'all probes',
    ]);
  });

  it('a bad link still opens', () => {
    expect(validateProbesSearch({ q: 7, is: 'broken', probe: '../x', view: 'x' })).toEqual({});
    const good = { q: 'a', is: 'paused', probe: 'file-a_1', view: 'maintenance' };
    expect(validateProbesSearch(good)).toEqual(good);
  });

  it('a window in its form is sent as it came', () => {
    const whom = { title: 'x', probes: ['a'], tags: ['t'] };
    const weekly = { ...whom, days: ['sun'], at: '02:00', duration: '1h', time_zone: 'UTC' };
    const once = {
      title: 'x',
      probes: [],
      tags: [],
      from: '2026-01-01T10:00:00.000Z',
      to: '2026-01-01T12:30:00.000Z',
    };
    expect([windowOf(draftOf(weekly, 0)), windowOf(draftOf(once, 0))]).toEqual([weekly, once]);
    expect(windowOf(draftOf({ ...once, from: 'never' }, 0))).toMatchObject({ from: '' });
  });
});
