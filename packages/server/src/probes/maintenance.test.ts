import { describe, expect, it } from 'vitest';
import { concerns, isOpen, maintenanceWindow } from './maintenance.ts';

const open = (window: object, at: string) =>
  isOpen(maintenanceWindow.parse({ title: 'x', ...window }), Date.parse(at));

describe('maintenance', () => {
  it('once', () => {
    const window = { from: '2026-01-31T22:00:00Z', to: '2026-02-01T02:00:00Z' };
    expect(
      ['2026-01-31T21:59:59Z', '2026-01-31T22:00:00Z', '2026-02-01T02:00:00Z'].map((at) => open(window, at)),
    ).toEqual([false, true, false]);
  });

  it('every week, by the clock on the wall, over midnight and summer time', () => {
    const window = { days: ['sat'], at: '23:00', duration: '2h', time_zone: 'Europe/Berlin' };
    // 2026-01-31 is a Saturday; Berlin is an hour ahead in winter, two in summer.
    expect(
      ['2026-01-31T21:59:00Z', '2026-01-31T22:00:00Z', '2026-01-31T23:59:00Z', '2026-02-01T00:00:00Z'].map(
        (at) => open(window, at),
      ),
    ).toEqual([false, true, true, false]);
    expect(
      ['2026-07-04T20:59:00Z', '2026-07-04T21:00:00Z', '2026-07-04T22:59:00Z'].map((at) => open(window, at)),
    ).toEqual([false, true, true]);
    expect(open({ ...window, days: ['sun'] }, '2026-01-31T22:30:00Z')).toBe(false);
  });

  it('is for the probes it names', () => {
    const parse = (window: object) =>
      maintenanceWindow.parse({ title: 'x', at: '01:00', duration: '1h', ...window });
    const probe = { name: 'order', tags: ['shop'] };
    expect(
      [{}, { probes: ['order'] }, { tags: ['shop'] }, { probes: ['auth'] }].map((window) =>
        concerns(parse(window), probe),
      ),
    ).toEqual([true, true, true, false]);
  });

  it('is refused by name when it is none', () => {
    for (const window of [
      { at: '25:00', duration: '1h' },
      { at: '01:00', duration: '2d' },
      { at: '01:00', duration: '1h', time_zone: 'Berlin' },
      { from: 'x', to: 'y' },
    ])
      expect(maintenanceWindow.safeParse({ title: 'x', ...window }).success).toBe(false);
  });
});
