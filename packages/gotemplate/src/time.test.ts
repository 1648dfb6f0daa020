import { expect, it } from 'vitest';
import { fieldsOf, formatTime } from './time.ts';
import { timeMethod } from './time-methods.ts';

const FAR = { ns: 10n ** 13n * 1_000_000_000n + 7n, zone: 'UTC' };

it('has a year, a day and an hour for every time', () => {
  const names = ['Year', 'YearDay', 'Day', 'Hour', 'Minute', 'Second', 'Nanosecond'];
  expect(names.map((name) => timeMethod(FAR, name, []))).toEqual([318_857n, 140n, 20n, 17n, 46n, 40n, 7n]);
  expect(formatTime(FAR, '2006-01-02T15:04:05.000000000Z07:00')).toBe('318857-05-20T17:46:40.000000007Z');
  // Seconds have 64 bits, and go round.
  for (const ns of [10n ** 40n, -(10n ** 40n)])
    for (const name of names)
      expect(timeMethod({ ns, zone: 'Europe/Berlin' }, name, [])).toBeTypeOf('bigint');
});

it('has the fields of its zone', () => {
  expect(fieldsOf({ ns: 1_719_784_800_000_000_001n, zone: 'Europe/Berlin' })).toEqual({
    year: 2024,
    month: 7,
    day: 1,
    hour: 0,
    minute: 0,
    second: 0,
    nanosecond: 1,
    weekday: 1,
    yearDay: 183,
    offsetSeconds: 7200,
    zoneName: 'GMT+2',
  });
});
