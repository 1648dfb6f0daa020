import { describe, expect, it } from 'vitest';
import { ApiError } from '../../api/client.ts';
import { freshTimes, isoOf, missingTimes, weeklyInWords, weeklyOf } from './opening-times.ts';
import { fieldsBy, problemsOf } from './problems.ts';

it('what the server refuses stands at the field that shows it, the rest below', () => {
  const fieldOf = fieldsBy(new Map([['to', 'until']]));
  const error = new ApiError('refused', 'p', 400, 'all of it', [
    { field: 'body.to', problem: 'too early' },
    { field: 'body/to/0', problem: 'too late' },
    { field: 'body', problem: 'odd' },
    { field: 'bodyless', problem: 'odd too' },
  ]);
  expect(problemsOf(error, fieldOf)).toEqual({
    at: new Map([['until', 'too early; too late']]),
    rest: ['body: odd', 'bodyless: odd too'],
  });
  expect(problemsOf(new Error('gone'), fieldOf).rest).toEqual(['gone']);
  expect(problemsOf(null, fieldOf)).toEqual({ at: new Map(), rest: [] });
});

describe('when a maintenance window is open', () => {
  const weekly = { ...freshTimes(0), kind: 'weekly', timeZone: 'UTC' } as const;

  it('begins as two hours from now', () => {
    const { from, until } = freshTimes(Date.UTC(2026, 0, 5, 10, 30, 20));
    expect([isoOf(from), isoOf(until)]).toEqual(['2026-01-05T10:30:00.000Z', '2026-01-05T12:30:00.000Z']);
    expect(isoOf('')).toBe('');
  });

  it('says what is missing of either kind', () => {
    expect(missingTimes({ ...weekly, kind: 'once', from: '', until: '' })).toEqual([
      'an end after its beginning',
    ]);
    expect(missingTimes({ ...weekly, from: '', days: [] })).toEqual(['a day']);
  });

  it('is told and sent without what goes without saying', () => {
    expect(weeklyOf(weekly)).toEqual({ at: '02:00', duration: '2h', time_zone: 'UTC' });
    expect(weeklyOf({ ...weekly, days: ['sun', 'mon'], timeZone: ' ' })).toEqual({
      days: ['mon', 'sun'],
      at: '02:00',
      duration: '2h',
    });
    expect(weeklyInWords({ at: '02:00', duration: '2h' })).toBe('Every day at 02:00 for 2h, UTC');
    expect(
      weeklyInWords({ days: ['sun', 'mon'], at: '02:00', duration: '2h', time_zone: 'Asia/Tokyo' }),
    ).toBe('Mon, Sun at 02:00 for 2h, Asia/Tokyo');
  });
});
