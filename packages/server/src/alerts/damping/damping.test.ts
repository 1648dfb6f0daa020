import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { ManualClock } from '../../kernel/clock.ts';
import { labelSet } from '../labels/label-set.ts';
import { alertMatcher } from '../matchers/matcher.ts';
import { type Alert, alertOf } from '../received/alert.ts';
import { openTestAlertmanager } from '../testing/open.ts';
import { type DampingRule, damped, type Flapping } from './damping.ts';

const MINUTE = 60_000;
const RULE: DampingRule = {
  matchers: [alertMatcher('team', '=', 'a')],
  holdMs: 5 * MINUTE,
  mostMs: 60 * MINUTE,
};

const alert = (endsAt: number): Alert =>
  alertOf({
    labels: labelSet([['team', 'a']]),
    annotations: labelSet([]),
    startsAt: 0,
    endsAt,
    updatedAt: 0,
    isTimeout: false,
    generatorUrl: '',
  });

describe('an alert that is damped', () => {
  interface Case {
    readonly known?: Flapping;
    readonly endsAt: number;
    readonly now: number;
    readonly kept: Flapping;
    readonly heldUntil?: number;
  }
  const fires = (times: number): Flapping => ({ times, endedAt: null });
  const over = (times: number, endedAt: number): Flapping => ({ times, endedAt: endedAt * MINUTE });

  // Times are in minutes.
  it.each<readonly [string, Case]>([
    ['fires the first time', { endsAt: 9, now: 1, kept: fires(0) }],
    ['ends the first time', { endsAt: 1, now: 1, kept: over(0, 1), heldUntil: 6 }],
    ['is told again to have ended', { known: over(0, 1), endsAt: 1, now: 3, kept: over(0, 1), heldUntil: 6 }],
    ['has ended for long enough', { known: over(0, 1), endsAt: 1, now: 6, kept: over(0, 1) }],
    ['fires again soon', { known: over(0, 1), endsAt: 9, now: 2, kept: fires(1) }],
    ['ends again: twice as long', { known: fires(1), endsAt: 3, now: 3, kept: over(1, 3), heldUntil: 13 }],
    [
      'ends often: not longer than the most',
      { known: fires(9), endsAt: 3, now: 3, kept: over(9, 3), heldUntil: 63 },
    ],
    [
      'fires again after the most: it begins anew',
      { known: over(9, 3), endsAt: 99, now: 64, kept: fires(0) },
    ],
    ['fires on', { known: fires(2), endsAt: 9, now: 2, kept: fires(2) }],
  ])('%s', (_name, { known, endsAt, now, kept, heldUntil = null }) => {
    const result = damped(known, alert(endsAt * MINUTE), RULE, now * MINUTE);
    const until = heldUntil === null ? null : heldUntil * MINUTE;
    expect([result.flapping, result.heldUntil]).toEqual([kept, until]);
    expect(result.alert.endsAt).toBe((heldUntil ?? endsAt) * MINUTE);
  });
});

const CONFIG = `
route: { receiver: all, group_by: [alertname], group_wait: 10s, group_interval: 1m, repeat_interval: 4h }
receivers: [ { name: all, webhook_configs: [ { url: 'http://all/' } ] } ]
`;
const message = z.object({ status: z.string() });

async function settle(): Promise<void> {
  for (let i = 0; i < 30; i++) await new Promise((resolve) => setImmediate(resolve));
}

/** What is told of an alert that fires in every even minute of an hour, and of the two hours after. */
async function flap(
  damping: readonly DampingRule[],
): Promise<{ readonly told: readonly string[]; readonly why: string }> {
  const clock = new ManualClock();
  const start = clock.now();
  const told: string[] = [];
  const take = (request: { readonly body: unknown }) => {
    const { status } = message.parse(JSON.parse(String(request.body)));
    told.push(`${Math.floor((clock.now() - start) / MINUTE)} ${status}`);
    return Promise.resolve({ status: 200, headers: {}, body: Buffer.alloc(0) });
  };
  const connect = () => Promise.reject(new Error('no network'));
  const http = { send: take, connect, readText: () => Promise.reject(new Error('no files')) };
  const { alertmanager, stop } = await openTestAlertmanager(CONFIG, {
    clock,
    http,
    quiet: { maintenance: [], damping },
  });
  let fingerprint = '';
  for (let minute = 0; minute < 180; minute++) {
    const now = clock.now();
    const isOver = minute % 2 === 1 || minute >= 60;
    const endsAt = minute >= 60 ? start + 59 * MINUTE : isOver ? now : now + 4 * MINUTE;
    const startsAt = start + Math.min(58, minute - (minute % 2)) * MINUTE;
    // Who sends says for a quarter of an hour that it is over.
    if (minute < 75)
      await alertmanager.receive([
        {
          labels: new Map([
            ['alertname', 'Flaps'],
            ['team', 'a'],
          ]),
          annotations: new Map(),
          startsAt,
          endsAt,
          generatorUrl: '',
        },
      ]);
    fingerprint ||= alertmanager.alerts(EVERYTHING)[0]?.fingerprint ?? '';
    for (let second = 0; second < 60; second += 15) {
      await clock.advance(15_000);
      await settle();
    }
  }
  const { threads } = await alertmanager.why(fingerprint);
  await stop();
  const reasons = threads.flatMap(({ decisions }) => decisions).filter(({ outcome }) => outcome === 'damped');
  return { told, why: reasons.at(-1)?.reason ?? '' };
}

const EVERYTHING = {
  filters: [],
  wanted: { active: true, silenced: true, inhibited: true, unprocessed: true },
  isReceiver: () => true,
};

describe('a series that crosses its limit every minute for an hour', () => {
  it('is told of twice: that it fires, and that it is over', async () => {
    const { told, why } = await flap([RULE]);
    expect(told.map((one) => one.split(' ')[1])).toEqual(['firing', 'resolved']);
    expect(told[0]).toBe('0 firing');
    expect(Number(told[1]?.split(' ')[0])).toBeGreaterThanOrEqual(119);
    expect(why).toBe('it ended; that is told unless it fires again within 1h (it came back 29 times)');
  });

  it('is told of all the time where nothing is damped, as by Alertmanager', async () => {
    expect((await flap([])).told.length).toBeGreaterThan(10);
  });
});
