import { describe, expect, it } from 'vitest';
import { loadAlertmanagerConfig } from '../config/load.ts';
import { labelSet } from '../labels/label-set.ts';
import { arrive } from '../pipeline/pipeline.ts';
import { type Alert, alertOf } from '../received/alert.ts';
import { routeTree } from '../routes/tree.ts';
import type { AlertStanding } from './alerts.ts';
import { ALL_STATES, parseFilters, receiverFilter } from './filters.ts';
import { type AlertQuery, type AlertsNow, type GroupNow, queryAlerts, queryGroups } from './query.ts';

/** Noon of a Thursday. */
const NOW = Date.UTC(2026, 0, 1, 12);
const loaded = loadAlertmanagerConfig({
  name: 'am.yml',
  text: `
route:
  receiver: all
  group_by: [team]
  routes:
    - { matchers: [team=a], receiver: a, continue: true }
    - { matchers: [team=a], receiver: pager, mute_time_intervals: [noon] }
    - { matchers: [team=b], receiver: b, active_time_intervals: [weekend] }
time_intervals:
  - { name: noon, time_intervals: [ { times: [ { start_time: '11:00', end_time: '13:00' } ] } ] }
  - { name: weekend, time_intervals: [ { weekdays: ['saturday'] } ] }
receivers: [ { name: all }, { name: a }, { name: pager }, { name: b } ]
`,
  directory: null,
});
if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
const { config } = loaded;
const root = routeTree(config.route);

const alert = (labels: Record<string, string>, endsAt = NOW + 1000): Alert =>
  alertOf({
    labels: labelSet(Object.entries(labels)),
    annotations: new Map(),
    startsAt: 0,
    endsAt,
    updatedAt: 0,
    isTimeout: false,
    generatorUrl: '',
  });
const ALERTS = [
  alert({ team: 'a', i: '1' }),
  alert({ team: 'a', i: '2' }),
  alert({ team: 'b', i: '3' }),
  alert({ i: '4' }),
  alert({ i: '5' }, NOW - 1),
];
const standing = (more: Partial<AlertStanding> = {}): AlertStanding => ({
  silencedBy: [],
  inhibitedBy: [],
  mutedBy: [],
  isProcessed: true,
  ...more,
});
const now: AlertsNow = {
  at: NOW,
  root,
  intervals: config.intervals,
  standingOf: ({ labels }) => standing(labels.get('i') === '2' ? { silencedBy: ['s1'] } : {}),
};
const query = (more: Partial<AlertQuery> = {}): AlertQuery => ({
  filters: [],
  wanted: ALL_STATES,
  isReceiver: receiverFilter(undefined),
  ...more,
});

describe('queryAlerts', () => {
  const ids = (more: Partial<AlertQuery>) =>
    queryAlerts(ALERTS, query(more), now)
      .map(({ labels }) => labels.i)
      .sort();

  it.each<readonly [string, Partial<AlertQuery>, readonly string[]]>([
    ['all that fire', {}, ['1', '2', '3', '4']],
    ['of labels', { filters: parseFilters(['team=a']) }, ['1', '2']],
    ['without a label', { filters: parseFilters(['team=""']) }, ['4']],
    ['of a receiver', { isReceiver: receiverFilter('page.*') }, ['1', '2']],
    ['that nobody silenced', { wanted: { ...ALL_STATES, silenced: false } }, ['1', '3', '4']],
    ['that are quiet', { wanted: { ...ALL_STATES, active: false } }, ['2']],
  ])('%s', (_name, more, expected) => {
    expect(ids(more)).toEqual(expected);
  });

  it('names all receivers, in the order of routes', () => {
    const [first] = queryAlerts([ALERTS[0]!], query(), now);
    expect(first?.receivers).toEqual([{ name: 'a' }, { name: 'pager' }]);
  });

  it('sorts by fingerprint', () => {
    const found = queryAlerts(ALERTS, query(), now).map(({ fingerprint }) => fingerprint);
    expect(found).toEqual([...found].sort());
  });
});

describe('queryGroups', () => {
  const groups = new Map<string, { ref: GroupNow['ref']; alerts: Alert[] }>();
  for (const one of ALERTS)
    for (const ref of arrive(one, root, NOW).groups) {
      const known = groups.get(ref.route.id);
      if (known === undefined) groups.set(ref.route.id, { ref, alerts: [one] });
      else known.alerts.push(one);
    }
  const found = (more: Partial<AlertQuery> = {}, isMutedWanted = true) =>
    queryGroups([...groups.values()], { ...query(more), isMutedWanted }, now).map(({ receiver, alerts }) => [
      receiver.name,
      alerts.map(({ labels, status }) => `${labels.i ?? ''} ${status.state} ${status.mutedBy.join()}`),
    ]);

  it('says of each group what keeps it quiet', () => {
    expect(found()).toEqual([
      ['all', ['4 active ']],
      ['a', ['1 active ', '2 suppressed ']],
      ['pager', ['1 suppressed noon', '2 suppressed noon']],
      ['b', ['3 suppressed weekend']],
    ]);
  });

  it('leaves out what is not asked for', () => {
    expect(found({}, false).map(([name]) => name)).toEqual(['all', 'a']);
    expect(found({ isReceiver: receiverFilter('a') }).map(([name]) => name)).toEqual(['a']);
    expect(found({ filters: parseFilters(['i=2']) }).map(([name]) => name)).toEqual(['a', 'pager']);
  });
});
