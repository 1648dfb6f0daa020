import { Labels } from '@pharos/promql';
import { describe, expect, it } from 'vitest';
import type { Sliced } from '../../../kernel/sliced.ts';
import type { Alert, SeenAlert } from './alert.ts';
import {
  type AlertingInput,
  evaluateAlerts as evaluating,
  recordedSamples as recording,
} from './evaluate.ts';

function whole<T>(work: Sliced<T>): T {
  for (;;) {
    const step = work.next();
    if (step.done === true) return step.value;
  }
}
const evaluateAlerts = (given: AlertingInput) => whole(evaluating(given));
const recordedSamples = (...given: Parameters<typeof recording>) => whole(recording(...given));

const seen = (labels: Record<string, string>, value = 1): SeenAlert => ({
  labels: Labels.fromRecord({ alertname: 'Down', ...labels }),
  annotations: new Map(),
  value,
});
const input = (change: Partial<AlertingInput>): AlertingInput => ({
  alerts: new Map(),
  seen: [],
  times: { forMs: 60_000, keepFiringForMs: 0 },
  at: 90_500,
  limit: 0,
  restored: true,
  ...change,
});
const lines = (samples: readonly { labels: Labels; value: number }[]): string[] =>
  samples.map(({ labels, value }) => `${labels.toString()} ${value}`);

describe('evaluateAlerts', () => {
  it('writes ALERTS and, in whole seconds, since when', () => {
    const outcome = evaluateAlerts(input({ seen: [seen({ job: 'a' })] }));
    expect(outcome.ok && lines(outcome.samples)).toEqual([
      'ALERTS{alertname="Down", alertstate="pending", job="a"} 1',
      'ALERTS_FOR_STATE{alertname="Down", job="a"} 90',
    ]);
  });

  it('writes nothing before the state of an earlier process was taken over', () => {
    const outcome = evaluateAlerts(input({ seen: [seen({})], restored: false }));
    expect(outcome.ok && [outcome.samples, outcome.alerts.size]).toEqual([[], 1]);
  });

  it('writes nothing of what was taken over and is not seen, which is no alert too many either', () => {
    const fired = evaluateAlerts(input({ seen: [seen({})], times: { forMs: 0, keepFiringForMs: 0 } }));
    const alerts = new Map(
      [...fired.alerts].map(([key, alert]): [string, Alert] => [
        key,
        { ...alert, isTakenOver: true, validUntil: 200_000 },
      ]),
    );
    const outcome = evaluateAlerts(input({ alerts, seen: [seen({ job: 'b' })], limit: 1 }));
    expect(outcome.ok && [outcome.samples.length, outcome.alerts.size]).toEqual([2, 2]);
  });

  it('writes nothing of alerts that are over', () => {
    const first = evaluateAlerts(input({ seen: [seen({})], times: { forMs: 0, keepFiringForMs: 0 } }));
    const second = evaluateAlerts(input({ alerts: first.alerts, at: 150_500 }));
    expect(second.ok && [second.samples, [...second.alerts.values()].map(({ state }) => state)]).toEqual([
      [],
      ['inactive'],
    ]);
  });

  it('fails where two elements come to the same labels, and keeps what it knew', () => {
    const known = new Map<string, Alert>();
    const outcome = evaluateAlerts(input({ alerts: known, seen: [seen({}), seen({}, 2)] }));
    expect(outcome).toEqual({
      ok: false,
      alerts: known,
      reason: 'vector contains metrics with the same labelset after applying alert labels',
    });
  });

  it('fails beyond the limit, and forgets', () => {
    const two = [seen({ job: 'a' }), seen({ job: 'b' })];
    expect(evaluateAlerts(input({ seen: two, limit: 2 })).ok).toBe(true);
    expect(evaluateAlerts(input({ seen: [...two, seen({ job: 'c' })], limit: 2 }))).toEqual({
      ok: false,
      alerts: new Map(),
      reason: 'exceeded limit of 2 with 3 alerts',
    });
  });
});

it('many alerts are made in slices', () => {
  const many = Array.from({ length: 2500 }, (_, i) => seen({ job: `${i}` }));
  const work = evaluating(input({ seen: many }));
  let slices = 1;
  while (work.next().done !== true) slices++;
  expect(slices).toBeGreaterThan(6);
});

describe('recordedSamples', () => {
  const answer = [
    { labels: Labels.fromRecord({ __name__: 'up', job: 'a', zone: 'x' }), value: 1 },
    { labels: Labels.fromRecord({ job: 'b' }), value: 2 },
  ];
  const rule = (labels: Record<string, string>) => ({
    name: 'job:up',
    labels: new Map(Object.entries(labels)),
  });

  it('have the name and the labels of the rule, which win; an empty one takes a label away', () => {
    const outcome = recordedSamples(rule({ zone: '', team: 't' }), answer, 0);
    expect(outcome.ok && lines(outcome.samples)).toEqual([
      'job:up{job="a", team="t"} 1',
      'job:up{job="b", team="t"} 2',
    ]);
  });

  it('are refused where two come to the same labels, or beyond the limit', () => {
    expect(recordedSamples(rule({ job: 'same', zone: '' }), answer, 0)).toEqual({
      ok: false,
      reason: 'vector contains metrics with the same labelset after applying rule labels',
    });
    expect(recordedSamples(rule({}), answer, 1)).toEqual({
      ok: false,
      reason: 'exceeded limit of 1 with 2 series',
    });
  });
});
