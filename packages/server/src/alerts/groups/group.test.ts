import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { labelSet } from '../labels/label-set.ts';
import { type Alert, alertOf } from '../received/alert.ts';
import {
  advanceGroup,
  type GroupEffect,
  type GroupInput,
  type GroupStep,
  type GroupTimers,
  openGroup,
} from './group.ts';

const TIMERS = { groupWaitMs: 30_000, groupIntervalMs: 300_000 };
const START = 1_000_000_000;

const alert = (name: string, more: Partial<Alert> = {}): Alert =>
  alertOf({
    labels: labelSet([['alertname', name]]),
    annotations: labelSet([]),
    startsAt: START,
    endsAt: START + 3_600_000,
    updatedAt: START,
    isTimeout: false,
    generatorUrl: '',
    ...more,
  });

/** A group with its alerts, as its owner keeps them. */
interface Kept extends GroupStep {
  readonly alerts: ReadonlyMap<string, Alert>;
}

function opened(one: Alert, now: number): Kept {
  return { ...openGroup(one, TIMERS, now), alerts: new Map([[one.fingerprint, one]]) };
}

function play(kept: Kept, input: GroupInput, now: number, timers: GroupTimers = TIMERS): Kept {
  const alerts = new Map(kept.alerts);
  if (input.kind === 'alert') alerts.set(input.alert.fingerprint, input.alert);
  const step = advanceGroup(kept.state, input, { alerts, timers, now });
  for (const effect of step.effects)
    if (effect.kind === 'forgotten')
      for (const fingerprint of effect.fingerprints) alerts.delete(fingerprint);
  return { ...step, alerts };
}

/** Names of the alerts of each flush, with `-` before one that ended. */
const flushes = (effects: readonly GroupEffect[]) =>
  effects.flatMap((effect) =>
    effect.kind === 'flush'
      ? [
          effect.alerts
            .map(({ labels, isResolved }) => `${isResolved ? '-' : ''}${labels.get('alertname')}`)
            .join(' '),
        ]
      : [],
  );
const timers = (effects: readonly GroupEffect[]) =>
  effects.flatMap((effect) => (effect.kind === 'timer' ? [effect.afterMs] : []));

describe('openGroup', () => {
  it('waits for group_wait', () => {
    const { state, effects } = openGroup(alert('A'), TIMERS, START + 10);
    expect(effects).toEqual([{ kind: 'timer', timer: 1, afterMs: 30_000 }]);
    expect([state.nextFlushAt, state.hasFlushed]).toEqual([START + 30_010, false]);
  });

  it.each([
    [START + 30_000, [30_000]],
    [START + 30_001, [30_000, 0]],
  ])('flushes at once what fires longer than that (at %s)', (now, expected) => {
    expect(timers(openGroup(alert('A'), TIMERS, now).effects)).toEqual(expected);
  });
});

describe('advanceGroup', () => {
  const begun = opened(alert('B'), START);
  const first = play(begun, { kind: 'timer', timer: 1 }, START + 30_000);

  it('flushes when the timer goes off, and sets it to group_interval', () => {
    expect(flushes(first.effects)).toEqual(['B']);
    expect(timers(first.effects)).toEqual([300_000]);
    expect(first.effects.at(-1)).toMatchObject({ kind: 'flush', at: START + 30_000, timeoutMs: 300_000 });
  });

  it('gives notifications ten seconds at least', () => {
    const quick = { groupWaitMs: 0, groupIntervalMs: 1000 };
    const { effects } = play(begun, { kind: 'timer', timer: 1 }, START, quick);
    expect(effects.at(-1)).toMatchObject({ timeoutMs: 10_000 });
  });

  it('ignores a timer that was set anew', () => {
    expect(play(first, { kind: 'timer', timer: 1 }, START)).toEqual({ ...first, effects: [] });
  });

  it('after the first flush, keeps an old alert for the next one', () => {
    const { effects } = play(first, { kind: 'alert', alert: alert('A', { startsAt: 0 }) }, START + 40_000);
    expect(effects).toEqual([]);
  });

  it('flushes late what was due during a flush, as of when it was due', () => {
    const due = play(first, { kind: 'timer', timer: first.state.timer }, START + 330_000);
    expect(due.effects).toEqual([]);
    const after = play(due, { kind: 'settled', ok: true }, START + 331_000);
    expect(after.effects.at(-1)).toMatchObject({ kind: 'flush', at: START + 330_000 });
    expect(after.state.nextFlushAt).toBe(START + 631_000);
  });

  it('forgets what ended once it was told of, and is removed when it is empty', () => {
    let step = play(first, { kind: 'settled', ok: true }, START + 30_100);
    const ended = alert('B', { endsAt: START + 60_000, updatedAt: START + 60_000 });
    step = play(step, { kind: 'alert', alert: ended }, START + 60_000);
    step = play(step, { kind: 'timer', timer: step.state.timer }, START + 330_000);
    expect(flushes(step.effects)).toEqual(['-B']);
    expect(play(step, { kind: 'maintenance' }, START + 330_000).effects).toEqual([]);
    step = play(step, { kind: 'settled', ok: true }, START + 330_100);
    expect(step.effects).toEqual([{ kind: 'forgotten', fingerprints: [ended.fingerprint] }]);
    expect(play(step, { kind: 'maintenance' }, START + 360_000).effects).toEqual([{ kind: 'remove' }]);
  });

  it('tells again of what ended when a notification failed', () => {
    const ended = alert('B', { endsAt: START + 10, updatedAt: START + 10 });
    let step = play(begun, { kind: 'alert', alert: ended }, START + 10);
    step = play(step, { kind: 'timer', timer: step.state.timer }, START + 30_000);
    step = play(step, { kind: 'settled', ok: false }, START + 31_000);
    expect([step.effects, step.alerts.size]).toEqual([[], 1]);
    step = play(step, { kind: 'timer', timer: step.state.timer }, START + 330_000);
    expect(flushes(step.effects)).toEqual(['-B']);
  });

  it('keeps what fires again while it is told to have ended', () => {
    const ended = alert('B', { endsAt: START + 10, updatedAt: START + 10 });
    let step = play(begun, { kind: 'alert', alert: ended }, START + 10);
    step = play(step, { kind: 'timer', timer: step.state.timer }, START + 30_000);
    step = play(step, { kind: 'alert', alert: alert('B', { updatedAt: START + 30_001 }) }, START + 30_001);
    step = play(step, { kind: 'settled', ok: true }, START + 31_000);
    expect([step.effects, step.alerts.size]).toEqual([[], 1]);
  });

  it('flushes sooner when what it tells may change, and no later than it would have', () => {
    const settled = play(first, { kind: 'settled', ok: true }, START + 30_100);
    const sooner = play(settled, { kind: 'sooner', afterMs: 20_000 }, START + 40_000);
    expect([timers(sooner.effects), sooner.state.nextFlushAt]).toEqual([[20_000], START + 60_000]);
    expect(play(sooner, { kind: 'sooner', afterMs: 30_000 }, START + 40_000).effects).toEqual([]);
    const flushed = play(sooner, { kind: 'timer', timer: sooner.state.timer }, sooner.state.nextFlushAt);
    expect([flushes(flushed.effects), timers(flushed.effects)]).toEqual([['B'], [300_000]]);
  });

  it('goes on with its timer when it is empty, without a flush', () => {
    const empty = { ...first, state: { ...first.state, flush: null }, alerts: new Map() };
    const step = play(empty, { kind: 'timer', timer: empty.state.timer }, START + 330_000);
    expect([flushes(step.effects), timers(step.effects)]).toEqual([[], [300_000]]);
  });

  it('means nothing to be settled without a flush', () => {
    expect(play(begun, { kind: 'settled', ok: true }, START)).toEqual({ ...begun, effects: [] });
  });

  it('never has two flushes at once, nor forgets an alert that fires', () => {
    const input = fc.oneof(
      fc.record({
        kind: fc.constant('alert' as const),
        name: fc.constantFrom('A', 'B', 'C'),
        ended: fc.boolean(),
      }),
      fc.constant({ kind: 'timer' as const }),
      fc.record({ kind: fc.constant('settled' as const), ok: fc.boolean() }),
      fc.constant({ kind: 'maintenance' as const }),
    );
    fc.assert(
      fc.property(fc.array(input, { maxLength: 60 }), (inputs) => {
        let now = START;
        let kept = opened(alert('A'), now);
        let isFlushing = false;
        for (const one of inputs) {
          now += 1000;
          const fed: GroupInput =
            one.kind === 'alert'
              ? {
                  kind: 'alert',
                  alert: alert(one.name, { endsAt: one.ended ? now : now + 1e9, updatedAt: now }),
                }
              : one.kind === 'timer'
                ? { kind: 'timer', timer: kept.state.timer }
                : one;
          if (fed.kind === 'settled') isFlushing = false;
          const before = kept;
          kept = play(before, fed, now);
          for (const effect of kept.effects) {
            if (effect.kind === 'flush') {
              expect(isFlushing).toBe(false);
              isFlushing = true;
            }
            if (effect.kind === 'forgotten')
              for (const fingerprint of effect.fingerprints)
                expect(before.alerts.get(fingerprint)?.endsAt).toBeLessThanOrEqual(now);
            if (effect.kind === 'remove') expect(before.alerts.size).toBe(0);
          }
          expect(kept.state.flush !== null).toBe(isFlushing);
        }
      }),
    );
  });
});
