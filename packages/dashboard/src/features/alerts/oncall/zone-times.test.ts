import { describe, expect, it } from 'vitest';
import { bothTimes, clockIn, spanIn } from './zone-times.ts';

const WINTER = Date.parse('2026-11-30T08:00:00Z');
const SUMMER = Date.parse('2026-06-29T07:00:00Z');

describe('times of a schedule', () => {
  it('are by its own clocks, summer and winter', () => {
    expect(clockIn('Europe/Berlin', WINTER)).toBe('09:00');
    expect(clockIn('Europe/Berlin', SUMMER)).toBe('09:00');
    expect(spanIn('Europe/Berlin', SUMMER, WINTER)).toBe('Mon 29 Jun, 09:00 to Mon 30 Nov, 09:00');
  });

  it("say the reader's too, where they differ", () => {
    expect(bothTimes(WINTER, 'Europe/Berlin', 'utc')).toBe(
      'Mon 30 Nov, 09:00 in Europe/Berlin, 08:00 for you',
    );
    expect(bothTimes(WINTER, 'Pacific/Kiritimati', 'utc')).toBe(
      'Mon 30 Nov, 22:00 in Pacific/Kiritimati, 08:00 for you',
    );
    expect(bothTimes(WINTER, 'Pacific/Pago_Pago', 'utc')).toBe(
      'Sun 29 Nov, 21:00 in Pacific/Pago_Pago, Mon 30 Nov, 08:00 for you',
    );
    expect(bothTimes(WINTER, 'UTC', 'utc')).toBe('Mon 30 Nov, 08:00');
  });
});
