import { describe, expect, it } from 'vitest';
import { freshTimes } from '../../../ui/forms/opening-times.ts';
import type { KnownWindow } from './contracts.ts';
import { type Draft, inOrder, missingOf, rhythmOf, windowOf } from './draft.ts';

const EMPTY: Draft = { ...freshTimes(0), title: '', matchers: '', from: '', until: '', timeZone: 'UTC' };
const WEEKLY = { ...EMPTY, title: 'patches ', matchers: 'team="a"\n\nhost=~"db.*"', kind: 'weekly' } as const;

describe('a maintenance window in the form', () => {
  it('says what is missing', () => {
    expect(missingOf(EMPTY)).toEqual(['a name', 'which alerts', 'an end after its beginning']);
    expect(missingOf({ ...WEEKLY, days: [], at: '', duration: ' ' })).toEqual([
      'a day',
      'a time of day',
      'how long',
    ]);
    expect(missingOf(WEEKLY)).toEqual([]);
    const once = { ...WEEKLY, kind: 'once', from: '2026-01-05T10:00' } as const;
    expect(missingOf({ ...once, until: '2026-01-05T09:00' })).toEqual(['an end after its beginning']);
    expect(missingOf({ ...once, until: '2026-01-05T11:00' })).toEqual([]);
  });

  it('becomes what the API takes', () => {
    expect(windowOf(WEEKLY)).toEqual({
      name: 'patches',
      matchers: ['team="a"', 'host=~"db.*"'],
      at: '02:00',
      duration: '2h',
      time_zone: 'UTC',
    });
    expect(windowOf({ ...WEEKLY, days: ['sun', 'mon'] })).toMatchObject({ days: ['mon', 'sun'] });
    const from = new Date('2026-01-05T10:00').toISOString();
    expect(
      windowOf({ ...WEEKLY, kind: 'once', from: '2026-01-05T10:00', until: '2026-01-05T11:00' }),
    ).toMatchObject({ from });
  });
});

describe('windows', () => {
  const window = (id: string, open: number | null, opens: number | null): KnownWindow => ({
    id,
    configured: false,
    open_until: open,
    opens_at: opens,
    window: { name: id, matchers: [], at: '02:00', duration: '2h', days: ['mon'] },
  });

  it('stand as they concern the reader: open, to come, over', () => {
    const all = [
      window('over', null, null),
      window('late', null, 9),
      window('soon', null, 5),
      window('open', 3, 9),
    ];
    expect(inOrder(all).map(({ id }) => id)).toEqual(['open', 'soon', 'late', 'over']);
  });

  it('tell their rhythm', () => {
    expect(rhythmOf(window('a', null, null))).toBe('Mon at 02:00 for 2h, UTC');
  });
});
