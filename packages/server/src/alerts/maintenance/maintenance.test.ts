import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { ManualClock } from '../../kernel/clock.ts';
import { openTestAlertmanager } from '../testing/open.ts';
import { maintenanceSchema, type WrittenWindow, windowOf } from './schema.ts';
import { opensAt, openUntil } from './window.ts';

const MINUTE = 60_000;
const utc = (text: string): number => Date.parse(`${text}Z`);
const HEAD = { name: 'patches', matchers: ['team="a"'] };
const nights = (more: object): WrittenWindow =>
  maintenanceSchema.parse({ ...HEAD, at: '23:00', duration: '4h', time_zone: 'Europe/Berlin', ...more });

describe('a window', () => {
  it.each([
    ['before', {}, '2026-01-05T21:59', null],
    ['at its beginning', {}, '2026-01-05T22:00', '2026-01-06T02:00'],
    ['beyond midnight', {}, '2026-01-06T01:59', '2026-01-06T02:00'],
    ['at its end', {}, '2026-01-06T02:00', null],
    ['in summer by the clock there', {}, '2026-07-05T21:00', '2026-07-06T01:00'],
    ['lasts as long as it says while clocks go forward', {}, '2026-03-29T01:30', '2026-03-29T02:00'],
    ['on its day', { days: ['mon'] }, '2026-01-05T22:30', '2026-01-06T02:00'],
    ['that began on its day', { days: ['mon'] }, '2026-01-06T01:30', '2026-01-06T02:00'],
    ['on another day', { days: ['mon'] }, '2026-01-06T22:30', null],
    ['of days', { days: ['fri'], duration: '60h' }, '2026-01-12T09:59', '2026-01-12T10:00'],
    ['of days, over', { days: ['fri'], duration: '60h' }, '2026-01-12T10:00', null],
  ])('%s', (_name, more, at, until) => {
    const { times } = windowOf(nights(more));
    expect(openUntil(times, utc(at))).toBe(until === null ? null : utc(until));
  });

  it.each([
    ['later today', {}, '2026-01-05T21:59', '2026-01-05T22:00'],
    ['tomorrow, when it is open already', {}, '2026-01-05T22:00', '2026-01-06T22:00'],
    ['in summer by the clock there', {}, '2026-07-05T20:00', '2026-07-05T21:00'],
    ['on its day', { days: ['mon'] }, '2026-01-05T22:00', '2026-01-12T22:00'],
  ])('opens next %s', (_name, more, at, from) => {
    expect(opensAt(windowOf(nights(more)).times, utc(at))).toBe(utc(from));
  });

  it('opens once, and never again', () => {
    const { times } = windowOf(
      maintenanceSchema.parse({ ...HEAD, from: '2026-01-05T22:00:00Z', until: '2026-01-05T23:00:00Z' }),
    );
    expect([opensAt(times, utc('2026-01-05T21:00')), opensAt(times, utc('2026-01-05T22:00'))]).toEqual([
      utc('2026-01-05T22:00'),
      null,
    ]);
  });

  it('once', () => {
    const { times } = windowOf(
      maintenanceSchema.parse({ ...HEAD, from: '2026-01-05T22:00:00Z', until: '2026-01-05T23:00:00+00:00' }),
    );
    expect(
      ['2026-01-05T21:59', '2026-01-05T22:00', '2026-01-05T23:00'].map((at) => openUntil(times, utc(at))),
    ).toEqual([null, utc('2026-01-05T23:00'), null]);
  });

  it.each([
    ['no matchers', { ...HEAD, matchers: [], at: '23:00', duration: '1h' }],
    ['a broken matcher', { ...HEAD, matchers: ['team='], at: '23:00', duration: '1h', zone: 1 }],
    ['no time of day', { ...HEAD, at: '24:30', duration: '1h' }],
    ['a length beyond a week', { ...HEAD, at: '23:00', duration: '8d' }],
    ['a zone that is none', { ...HEAD, at: '23:00', duration: '1h', time_zone: 'Mars' }],
    ['a time without a zone', { ...HEAD, from: '2026-01-01T00:00', until: '2026-01-02T00:00:00Z' }],
    ['a time that is none', { ...HEAD, from: '1', until: '2026-01-02T00:00:00Z' }],
    ['an end before its beginning', { ...HEAD, from: '2026-01-02T00:00:00Z', until: '2026-01-01T00:00:00Z' }],
  ])('with %s is refused', (_name, written) => {
    expect(maintenanceSchema.safeParse(written).success).toBe(false);
  });
});

const CONFIG = `
route: { receiver: all, group_wait: 0s, group_interval: 1m }
receivers: [ { name: all, webhook_configs: [ { url: 'http://all/' } ] } ]
`;

describe('alerts in a window', () => {
  it('are told of when it is over, and the history says why not before; windows of the API outlive a restart', async () => {
    const clock = new ManualClock(utc('2026-01-05T12:00'));
    let told = 0;
    const take = () => {
      told++;
      return Promise.resolve({ status: 200, headers: {}, body: Buffer.alloc(0) });
    };
    const connect = () => Promise.reject(new Error('no network'));
    const http = { send: take, connect, readText: () => Promise.reject(new Error('no files')) };
    const first = await openTestAlertmanager(CONFIG, { clock, http });
    const headers = { host: 'localhost' };
    const made = await first.app.inject({
      method: 'POST',
      url: '/api/v1/alerting/maintenance',
      headers,
      payload: { ...HEAD, at: '11:30', duration: '1h' },
    });
    expect([made.statusCode, made.json()]).toMatchObject([
      201,
      { configured: false, open_until: utc('2026-01-05T12:30'), opens_at: utc('2026-01-06T11:30') },
    ]);
    await first.stop();
    const { alertmanager, app, stop } = await openTestAlertmanager(CONFIG, { ...first, clock, http });
    const fire = async (): Promise<void> => {
      const endsAt = clock.now() + 1000 * MINUTE;
      const labels = new Map([['team', 'a']]);
      await alertmanager.receive([
        { labels, annotations: new Map(), startsAt: clock.now(), endsAt, generatorUrl: '' },
      ]);
    };
    await fire();
    for (let minute = 0; minute < 29; minute++) await pass(clock, MINUTE);
    expect(told).toBe(0);
    const fingerprint = alertmanager.alerts({ filters: [], wanted: ALL, isReceiver: () => true })[0]
      ?.fingerprint;
    const { threads } = await alertmanager.why(fingerprint ?? '');
    expect(threads.map(({ verdict }) => [verdict.outcome, verdict.reason])).toEqual([
      ['muted', 'in maintenance: patches'],
    ]);
    for (let minute = 0; minute < 3; minute++) await pass(clock, MINUTE);
    expect(told).toBe(1);
    const { id } = z.object({ id: z.string() }).parse(made.json());
    const isQuiet = () => alertmanager.maintenance.maintaining(new Map([['team', 'a']]), opened).length > 0;
    const opened = utc('2026-01-05T12:00');
    expect([isQuiet(), isQuiet()]).toEqual([true, true]);
    const remove = async (): Promise<number> =>
      (await app.inject({ method: 'DELETE', url: `/api/v1/alerting/maintenance/${id}`, headers })).statusCode;
    expect([await remove(), await remove()]).toEqual([204, 404]);
    expect(isQuiet()).toBe(false);
    expect((await app.inject({ url: '/api/v1/alerting/maintenance', headers })).json()).toEqual({
      windows: [],
    });
    await stop();
  });
});

const ALL = { active: true, silenced: true, inhibited: true, unprocessed: true };

async function pass(clock: ManualClock, ms: number): Promise<void> {
  await clock.advance(ms);
  for (let i = 0; i < 40; i++) await new Promise((resolve) => setImmediate(resolve));
}
