import { describe, expect, it } from 'vitest';
import { labelSet } from '../labels/label-set.ts';
import { alertOf, type FlushedAlert } from '../received/alert.ts';
import { KV, templateData } from './data.ts';
import { goTime } from './go-time.ts';
import { webhookBody } from './webhook-body.ts';

const START = Date.UTC(2026, 0, 1);
const alert = (
  labels: Record<string, string>,
  annotations: Record<string, string>,
  isResolved: boolean,
): FlushedAlert => ({
  ...alertOf({
    labels: labelSet(Object.entries(labels)),
    annotations: labelSet(Object.entries(annotations)),
    startsAt: START,
    endsAt: START + 60_500,
    updatedAt: START,
    isTimeout: false,
    generatorUrl: 'http://p/graph',
  }),
  isResolved,
});

const ALERTS = [
  alert({ alertname: 'Down', job: 'api', instance: '1' }, { summary: 'a', runbook: 'r' }, false),
  alert({ alertname: 'Down', job: 'api', instance: '2' }, { summary: 'b', runbook: 'r' }, true),
];
const NOTIFICATION = {
  receiver: 'team-x (ops)',
  groupLabels: labelSet([['alertname', 'Down']]),
  alerts: ALERTS,
  externalUrl: 'http://pharos:8000',
};
const data = templateData(NOTIFICATION);

describe('goTime', () => {
  it.each([
    [null, '0001-01-01T00:00:00Z'],
    [START, '2026-01-01T00:00:00Z'],
    [START + 500, '2026-01-01T00:00:00.5Z'],
    [START + 123, '2026-01-01T00:00:00.123Z'],
    [START + 10_000, '2026-01-01T00:00:10Z'],
    [START + 600_010, '2026-01-01T00:10:00.01Z'],
  ])('%s', (ms, expected) => {
    expect(goTime(ms)).toBe(expected);
  });
});

describe('KV', () => {
  const kv = new KV(
    labelSet([
      ['z', '1'],
      ['alertname', 'Down'],
      ['a', '2'],
      ['__proto__', 'x'],
    ]),
  );

  it('has the name of the alert first', () => {
    expect(kv.String()).toBe('alertname=Down, __proto__=x, a=2, z=1');
    expect(kv.Names()).toEqual(['alertname', '__proto__', 'a', 'z']);
    expect(kv.Values()).toEqual(['Down', 'x', '2', '1']);
  });

  it('goes without some', () => {
    expect(kv.Remove(['z', 'alertname']).String()).toBe('__proto__=x, a=2');
    expect([kv.get('a'), kv.get('toString')]).toEqual(['2', '']);
  });
});

describe('templateData', () => {
  it('has what alerts have in common', () => {
    expect(data.CommonLabels.String()).toBe('alertname=Down, job=api');
    expect(data.CommonAnnotations.String()).toBe('runbook=r');
    expect([data.Status, data.Receiver]).toEqual(['firing', 'team-x \\(ops\\)']);
    expect([data.Alerts.Firing().length, data.Alerts.Resolved().length]).toEqual([1, 1]);
  });

  it('is resolved when all are', () => {
    const of = (alerts: readonly FlushedAlert[]) =>
      templateData({ receiver: '', groupLabels: new Map(), alerts, externalUrl: '' }).Status;
    expect([of(ALERTS.slice(1)), of(ALERTS)]).toEqual(['resolved', 'firing']);
  });
});

describe('webhookBody', () => {
  it("is Alertmanager's", () => {
    expect(webhookBody(NOTIFICATION, '{}:{alertname="Down"}', 0)).toEqual({
      receiver: 'team-x \\(ops\\)',
      status: 'firing',
      alerts: [
        {
          status: 'firing',
          labels: { alertname: 'Down', instance: '1', job: 'api' },
          annotations: { runbook: 'r', summary: 'a' },
          startsAt: '2026-01-01T00:00:00Z',
          endsAt: '0001-01-01T00:00:00Z',
          generatorURL: 'http://p/graph',
          fingerprint: ALERTS[0]?.fingerprint,
        },
        {
          status: 'resolved',
          labels: { alertname: 'Down', instance: '2', job: 'api' },
          annotations: { runbook: 'r', summary: 'b' },
          startsAt: '2026-01-01T00:00:00Z',
          endsAt: '2026-01-01T00:01:00.5Z',
          generatorURL: 'http://p/graph',
          fingerprint: ALERTS[1]?.fingerprint,
        },
      ],
      groupLabels: { alertname: 'Down' },
      commonLabels: { alertname: 'Down', job: 'api' },
      commonAnnotations: { runbook: 'r' },
      externalURL: 'http://pharos:8000',
      version: '4',
      groupKey: '{}:{alertname="Down"}',
      truncatedAlerts: 0,
    });
  });

  it('counts what it leaves out', () => {
    const body = webhookBody(NOTIFICATION, 'k', 1);
    expect([body.alerts.length, body.truncatedAlerts]).toEqual([1, 1]);
  });
});
