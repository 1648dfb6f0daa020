import { describe, expect, it } from 'vitest';
import { type AlertmanagerConfig, loadAlertmanagerConfig } from '../config/load.ts';
import type { Decision } from '../decisions/decision.ts';
import { explain } from '../decisions/explain.ts';
import { Inhibitor } from '../inhibition/inhibitor.ts';
import { labelSet } from '../labels/label-set.ts';
import { type Alert, alertOf, type FlushedAlert } from '../received/alert.ts';
import { routeTree } from '../routes/tree.ts';
import { SilenceBook } from '../silences/book.ts';
import type { LogEntry } from './notification-log.ts';
import { integrationName, type World } from './parcel.ts';
import { arrive, flush } from './pipeline.ts';

/** A Thursday. */
const NOW = Date.UTC(2026, 0, 1, 12);

function configOf(text: string): AlertmanagerConfig {
  const loaded = loadAlertmanagerConfig({ name: 'am.yml', text, directory: null });
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  return loaded.config;
}

const config = configOf(`
route:
  receiver: team
  group_by: [alertname]
  routes:
    - { matchers: [dest=night], mute_time_intervals: [noon] }
    - { matchers: [dest=weekend], active_time_intervals: [weekend] }
    - { matchers: [dest=void], receiver: void }
    - { matchers: [dest=unsent], receiver: unsent }
    - { matchers: [dest=both], receiver: void, continue: true }
    - { matchers: [dest=both] }
time_intervals:
  - { name: noon, time_intervals: [ { times: [ { start_time: '11:00', end_time: '13:00' } ] } ] }
  - { name: weekend, time_intervals: [ { weekdays: ['saturday', 'sunday'] } ] }
inhibit_rules:
  - { name: crit, source_matchers: [severity=critical], target_matchers: [severity=warning] }
receivers:
  - name: team
    webhook_configs: [ { url: 'http://127.0.0.1:1/' }, { url: 'http://127.0.0.1:2/', send_resolved: false } ]
  - name: void
  - { name: unsent, sns_configs: [ { topic_arn: x } ] }
`);
const root = routeTree(config.route);

const alert = (labels: Record<string, string>): Alert =>
  alertOf({
    labels: labelSet(Object.entries({ alertname: 'Down', ...labels })),
    annotations: new Map(),
    startsAt: NOW - 60_000,
    endsAt: NOW + 60_000,
    updatedAt: NOW,
    isTimeout: false,
    generatorUrl: '',
  });

interface Setting {
  readonly silences?: SilenceBook;
  readonly inhibitor?: Inhibitor;
  readonly log?: readonly LogEntry[];
}

function worldOf({ silences = new SilenceBook(), inhibitor = new Inhibitor([]), log = [] }: Setting): World {
  return {
    inhibiting: (labels, at) => inhibitor.inhibiting(labels, at),
    silencing: (one, at) => silences.silencing(one, at),
    intervals: config.intervals,
    lastNotice: (key) =>
      log.find((entry) => entry.group === key.group && entry.integration === key.integration),
  };
}

/** Flushes the first group of alerts that belong to one. */
function run(alerts: readonly Alert[], setting: Setting = {}, resolved: readonly Alert[] = []) {
  const { groups } = arrive(alerts[0] ?? resolved[0]!, root, NOW);
  const group = groups.at(-1)!;
  const receiver = config.receivers.find(({ name }) => name === group.route.options.receiver)!;
  const flushed: readonly FlushedAlert[] = [
    ...alerts.map((one) => ({ ...one, isResolved: false })),
    ...resolved.map((one) => ({ ...one, isResolved: true })),
  ];
  return flush({ group, at: NOW, alerts: flushed }, receiver, worldOf(setting));
}

const said = (decisions: readonly Decision[]) =>
  decisions.map(({ outcome, integration, reason }) => [outcome, integration, reason]);
const kinds = (result: ReturnType<typeof flush>) =>
  result.deliveries.map(({ integration, alerts, reason }) => [
    integrationName(integration),
    alerts.length,
    reason,
  ]);

describe('arrive', () => {
  it('says which groups an alert belongs to, and why', () => {
    const { groups, decisions } = arrive(alert({ dest: 'both' }), root, NOW);
    expect(groups.map(({ key, route }) => [key, route.options.receiver])).toEqual([
      ['{}/{dest="both"}:{alertname="Down"}', 'void'],
      ['{}/{dest="both"}:{alertname="Down"}', 'team'],
    ]);
    expect(said(decisions)).toEqual([
      ['routed', '', 'route {}/{dest="both"}/4 leads to "void"'],
      ['grouped', '', 'grouped by {alertname="Down"}'],
      ['routed', '', 'route {}/{dest="both"}/5 leads to "team"'],
      ['grouped', '', 'grouped by {alertname="Down"}'],
    ]);
  });
});

describe('flush', () => {
  it('tells every integration what it has not heard', () => {
    const result = run([alert({ i: '1' }), alert({ i: '2' })]);
    expect([kinds(result), result.decisions]).toEqual([
      [
        ['webhook[0]', 2, 'first'],
        ['webhook[1]', 2, 'first'],
      ],
      [],
    ]);
  });

  it('keeps inhibited alerts quiet', () => {
    const inhibitor = new Inhibitor(config.inhibitRules);
    const source = alert({ severity: 'critical' });
    inhibitor.observe(source);
    const result = run([source, alert({ severity: 'warning' })], { inhibitor });
    expect(kinds(result).map(([, alerts]) => alerts)).toEqual([1, 1]);
    expect(said(result.decisions)).toEqual([['inhibited', '', 'inhibited by rule "crit"']]);
    expect(result.decisions[0]?.by).toEqual([source.fingerprint]);
  });

  it.each([
    ['night', 'muted', 'the route is muted in noon', ['noon']],
    ['weekend', 'inactive', 'the route is active in weekend only', ['weekend']],
    ['void', 'dropped', 'receiver "void" has nobody to tell', []],
  ])('keeps %s quiet: %s', (dest, outcome, reason, by) => {
    const result = run([alert({ dest })]);
    expect([result.deliveries, said(result.decisions), result.decisions[0]?.by]).toEqual([
      [],
      [[outcome, '', reason]],
      by,
    ]);
  });

  it('keeps silenced alerts quiet', () => {
    const silences = new SilenceBook();
    silences.put({
      id: 's1',
      matchers: [{ name: 'i', op: '=', value: '1' }],
      startsAt: NOW - 1,
      endsAt: NOW + 1,
      updatedAt: NOW,
      createdBy: '',
      comment: '',
      annotations: new Map(),
    });
    const result = run([alert({ i: '1' }), alert({ i: '2' })], { silences });
    expect(kinds(result).map(([, alerts]) => alerts)).toEqual([1, 1]);
    expect(said(result.decisions)).toEqual([['silenced', '', 'silenced by s1']]);
    expect(run([alert({ i: '1' })], { silences }).deliveries).toEqual([]);
  });

  it('says so where Pharos does not send', () => {
    expect(said(run([alert({ dest: 'unsent' })]).decisions)).toEqual([
      ['skipped', 'sns[0]', 'Pharos does not send to sns'],
    ]);
  });

  it('does not tell an integration what it knows', () => {
    const one = alert({});
    const log: readonly LogEntry[] = [
      {
        group: '{}:{alertname="Down"}',
        receiver: 'team',
        integration: 'webhook[0]',
        firing: [one.fingerprint],
        resolved: [],
        at: NOW - 1,
        expiresAt: NOW + 1,
      },
    ];
    const result = run([one], { log });
    expect(kinds(result)).toEqual([['webhook[1]', 1, 'first']]);
    expect(said(result.decisions)).toEqual([
      ['deduplicated', 'webhook[0]', 'the receiver knows of it, and the repeat interval is not over'],
    ]);
  });

  it('tells of ends those who want to know, and remembers for the others', () => {
    const one = alert({});
    const known = (integration: string): LogEntry => ({
      group: '{}:{alertname="Down"}',
      receiver: 'team',
      integration,
      firing: [one.fingerprint],
      resolved: [],
      at: NOW - 1,
      expiresAt: NOW + 1,
    });
    const result = run([], { log: [known('webhook[0]'), known('webhook[1]')] }, [one]);
    expect(kinds(result)).toEqual([
      ['webhook[0]', 1, 'all_resolved'],
      ['webhook[1]', 0, 'all_resolved'],
    ]);
    expect(result.deliveries.map(({ firing, resolved }) => [firing, resolved])).toEqual([
      [[], [one.fingerprint]],
      [[], [one.fingerprint]],
    ]);
    expect(said(result.decisions)).toEqual([
      ['skipped', 'webhook[1]', 'the receiver wants no end of alerts (send_resolved is false)'],
    ]);
  });
});

describe('order', () => {
  it('is that of Alertmanager: who is stopped by several is stopped by the first', () => {
    const inhibitor = new Inhibitor(config.inhibitRules);
    inhibitor.observe(alert({ severity: 'critical' }));
    const silences = new SilenceBook();
    silences.put({
      id: 's1',
      matchers: [{ name: 'alertname', op: '=', value: 'Down' }],
      startsAt: NOW,
      endsAt: NOW,
      updatedAt: NOW,
      createdBy: '',
      comment: '',
      annotations: new Map(),
    });
    const outcomesOf = (labels: Record<string, string>) =>
      run([alert(labels)], { silences, inhibitor }).decisions.map(({ outcome }) => outcome);
    expect(outcomesOf({ severity: 'warning', dest: 'night' })).toEqual(['inhibited']);
    expect(outcomesOf({ dest: 'night' })).toEqual(['muted']);
    expect(outcomesOf({ dest: 'weekend' })).toEqual(['inactive']);
    expect(outcomesOf({})).toEqual(['silenced']);
  });
});

describe('explain', () => {
  const decision = (more: Partial<Decision>): Decision => ({
    at: NOW,
    outcome: 'routed',
    fingerprint: 'f',
    route: '{}',
    group: 'g',
    receiver: 'team',
    integration: '',
    reason: '',
    by: [],
    ...more,
  });

  it('puts together who was told, who was not, and the last reason', () => {
    const explained = explain([
      decision({}),
      decision({ outcome: 'grouped' }),
      decision({ at: NOW + 1, outcome: 'queued', integration: 'slack[0]' }),
      decision({ at: NOW + 2, outcome: 'sent', integration: 'slack[0]' }),
      decision({ at: NOW + 3, outcome: 'deduplicated', integration: 'slack[0]' }),
      decision({ at: NOW + 1, outcome: 'failed', integration: 'webhook[0]' }),
      decision({ at: NOW + 9, outcome: 'silenced', group: 'h' }),
    ]);
    expect(explained.isTold).toBe(true);
    expect(
      explained.threads.map(({ group, integration, isTold, verdict, decisions }) => [
        group,
        integration,
        isTold,
        verdict.outcome,
        decisions.length,
      ]),
    ).toEqual([
      ['g', 'slack[0]', true, 'deduplicated', 3],
      ['h', '', false, 'silenced', 1],
      ['g', 'webhook[0]', false, 'failed', 1],
      ['g', '', false, 'grouped', 2],
    ]);
  });

  it('says that nobody was', () => {
    expect(explain([decision({ outcome: 'inhibited' })]).isTold).toBe(false);
    expect(explain([])).toEqual({ isTold: false, title: '', threads: [] });
  });
});
