/** What happens in a case, at some ms after its start. */
export interface Step {
  readonly at: number;
  /** By short name; `-` before it says that it ended now. */
  readonly alerts?: readonly PostedCaseAlert[];
  /** Matchers, as amtool takes them; ends after `forMs`. */
  readonly silence?: { readonly matchers: readonly CaseMatcher[]; readonly forMs: number };
  /** Ends all silences. */
  readonly expireSilences?: true;
}

interface CaseMatcher {
  readonly name: string;
  readonly value: string;
  readonly isRegex: boolean;
  readonly isEqual: boolean;
}

interface PostedCaseAlert {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  /** Ms before now; 0 when absent. */
  readonly startedAgo?: number;
  readonly hasEnded?: true;
}

export interface AlertmanagerCase {
  readonly name: string;
  /** `HOOK` stands for the address of the case's receivers. */
  readonly config: string;
  readonly steps: readonly Step[];
  /** How many notifications there are at least: a case in which nothing happens shows nothing. */
  readonly atLeast: number;
}

const TIMERS = 'group_wait: 500ms, group_interval: 1s, repeat_interval: 1h';
const HOOKS =
  'receivers: [ { name: a, webhook_configs: [ { url: HOOK/a } ] }, { name: b, webhook_configs: [ { url: HOOK/b } ] } ]';
const fires = (name: string, labels: Record<string, string> = {}): PostedCaseAlert => ({
  labels: { alertname: name, ...labels },
  annotations: { summary: `${name} fires`, who: labels['i'] ?? '' },
});
const ended = (name: string, labels: Record<string, string> = {}): PostedCaseAlert => ({
  ...fires(name, labels),
  startedAgo: 2500,
  hasEnded: true,
});
const is = (name: string, value: string): CaseMatcher => ({ name, value, isRegex: false, isEqual: true });

export const CASES: readonly AlertmanagerCase[] = [
  {
    name: 'grouping by name',
    config: `route: { receiver: a, group_by: [alertname], ${TIMERS} }\n${HOOKS}`,
    steps: [{ at: 0, alerts: [fires('A', { i: '1' }), fires('A', { i: '2' }), fires('B', { i: '1' })] }],
    atLeast: 2,
  },
  {
    name: 'each alert a group of its own',
    config: `route: { receiver: a, group_by: ['...'], ${TIMERS} }\n${HOOKS}`,
    steps: [{ at: 0, alerts: [fires('A', { i: '1' }), fires('A', { i: '2' })] }],
    atLeast: 2,
  },
  {
    name: 'no grouping: all in one',
    config: `route: { receiver: a, ${TIMERS} }\n${HOOKS}`,
    steps: [{ at: 0, alerts: [fires('A'), fires('B', { i: 'é"\\' }), fires('C', { severity: 'page' })] }],
    atLeast: 1,
  },
  {
    name: 'grouping by labels that some lack',
    config: `route: { receiver: a, group_by: [cluster, alertname], ${TIMERS} }\n${HOOKS}`,
    steps: [
      { at: 0, alerts: [fires('A', { cluster: 'x' }), fires('A'), fires('A', { cluster: 'x', i: '2' })] },
    ],
    atLeast: 2,
  },
  {
    name: 'child routes, the first that matches',
    config: `route:
  receiver: a
  ${TIMERS.replaceAll(', ', '\n  ')}
  routes:
    - { receiver: b, matchers: ['severity="page"'] }
    - { receiver: a, matchers: ['severity=~"p.*"'], group_by: [alertname] }
${HOOKS}`,
    steps: [
      { at: 0, alerts: [fires('A', { severity: 'page' }), fires('B', { severity: 'pet' }), fires('C')] },
    ],
    atLeast: 3,
  },
  {
    name: 'a route that continues',
    config: `route:
  receiver: a
  ${TIMERS.replaceAll(', ', '\n  ')}
  routes:
    - { receiver: b, match: { team: x }, continue: true, group_by: [alertname] }
    - { receiver: a, match_re: { team: 'x|y' }, group_by: [team] }
${HOOKS}`,
    steps: [
      { at: 0, alerts: [fires('A', { team: 'x' }), fires('B', { team: 'y' }), fires('C', { team: 'z' })] },
    ],
    atLeast: 4,
  },
  {
    name: 'nested routes that say some timers anew',
    config: `route:
  receiver: a
  ${TIMERS.replaceAll(', ', '\n  ')}
  routes:
    - matchers: [ 'team="x"' ]
      group_wait: 1500ms
      routes: [ { receiver: b, matchers: [ 'i!="1"', 'i!~"9+"' ] } ]
${HOOKS}`,
    steps: [
      { at: 0, alerts: [fires('A', { team: 'x', i: '1' }), fires('A', { team: 'x', i: '2' }), fires('C')] },
    ],
    atLeast: 3,
  },
  {
    name: 'an end',
    config: `route: { receiver: a, group_by: [alertname], ${TIMERS} }\n${HOOKS}`,
    steps: [
      { at: 0, alerts: [fires('A', { i: '1' }), fires('A', { i: '2' })] },
      { at: 2500, alerts: [ended('A', { i: '1' })] },
      { at: 4200, alerts: [ended('A', { i: '2' })] },
    ],
    atLeast: 3,
  },
  {
    name: 'ends that nobody wants',
    config: `route: { receiver: a, group_by: [alertname], ${TIMERS} }
receivers: [ { name: a, webhook_configs: [ { url: HOOK/a, send_resolved: false } ] } ]`,
    steps: [
      { at: 0, alerts: [fires('A', { i: '1' }), fires('A', { i: '2' })] },
      { at: 2500, alerts: [ended('A', { i: '1' }), ended('A', { i: '2' })] },
      { at: 4700, alerts: [fires('A', { i: '1' })] },
    ],
    atLeast: 2,
  },
  {
    name: 'inhibition, until the source ends',
    config: `route: { receiver: a, group_by: [alertname], ${TIMERS} }
inhibit_rules: [ { source_matchers: [ 'severity="critical"' ], target_matchers: [ 'severity="warning"' ], equal: [host] } ]
${HOOKS}`,
    steps: [
      {
        at: 0,
        alerts: [
          fires('Down', { severity: 'critical', host: 'x' }),
          fires('Slow', { severity: 'warning', host: 'x' }),
          fires('Slow', { severity: 'warning', host: 'y' }),
        ],
      },
      { at: 2500, alerts: [ended('Down', { severity: 'critical', host: 'x' })] },
    ],
    atLeast: 4,
  },
  {
    name: 'inhibition where the label is missing, and of who matches both sides',
    config: `route: { receiver: a, group_by: ['...'], ${TIMERS} }
inhibit_rules: [ { source_match: { s: '1' }, target_match_re: { alertname: '.+' }, equal: [host] } ]
${HOOKS}`,
    steps: [
      {
        at: 0,
        alerts: [fires('A', { s: '1' }), fires('B'), fires('C', { host: 'x' }), fires('D', { s: '1' })],
      },
    ],
    atLeast: 3,
  },
  {
    name: 'a silence from the beginning',
    config: `route: { receiver: a, group_by: [alertname], ${TIMERS} }\n${HOOKS}`,
    steps: [
      { at: 0, silence: { matchers: [is('i', '1')], forMs: 60_000 } },
      { at: 300, alerts: [fires('A', { i: '1' }), fires('A', { i: '2' }), fires('B', { i: '1' })] },
    ],
    atLeast: 1,
  },
  {
    name: 'a silence that is ended',
    config: `route: { receiver: a, group_by: [alertname], ${TIMERS} }\n${HOOKS}`,
    steps: [
      { at: 0, silence: { matchers: [is('alertname', 'A')], forMs: 60_000 } },
      { at: 300, alerts: [fires('A', { i: '1' })] },
      { at: 2400, expireSilences: true },
    ],
    atLeast: 1,
  },
  {
    name: 'a silence that ends by itself, by patterns',
    config: `route: { receiver: a, group_by: [alertname], ${TIMERS} }\n${HOOKS}`,
    steps: [
      {
        at: 0,
        silence: {
          matchers: [
            { name: 'alertname', value: 'A|B', isRegex: true, isEqual: true },
            { name: 'i', value: '2', isRegex: false, isEqual: false },
          ],
          forMs: 2400,
        },
      },
      { at: 300, alerts: [fires('A', { i: '1' }), fires('B', { i: '2' }), fires('C')] },
    ],
    atLeast: 3,
  },
  {
    name: 'a silence of what was told before, and its end unheard',
    config: `route: { receiver: a, group_by: [alertname], ${TIMERS} }\n${HOOKS}`,
    steps: [
      { at: 0, alerts: [fires('A', { i: '1' }), fires('A', { i: '2' })] },
      { at: 1200, silence: { matchers: [is('i', '1')], forMs: 60_000 } },
      { at: 2700, alerts: [ended('A', { i: '1' })] },
      { at: 4300, alerts: [ended('A', { i: '2' })] },
    ],
    atLeast: 2,
  },
  {
    name: 'a mute time that is now, and one that is not',
    config: `route:
  receiver: a
  ${TIMERS.replaceAll(', ', '\n  ')}
  routes:
    - { receiver: a, matchers: [ 'team="x"' ], mute_time_intervals: [ always ] }
    - { receiver: b, matchers: [ 'team="y"' ], mute_time_intervals: [ long ago ] }
time_intervals:
  - { name: always, time_intervals: [ { weekdays: ['sunday:saturday'] } ] }
  - { name: long ago, time_intervals: [ { years: ['2000:2010'] }, { months: [january], years: ['1999'] } ] }
${HOOKS}`,
    steps: [{ at: 0, alerts: [fires('A', { team: 'x' }), fires('A', { team: 'y' }), fires('A')] }],
    atLeast: 2,
  },
  {
    name: 'active times',
    config: `route:
  receiver: a
  ${TIMERS.replaceAll(', ', '\n  ')}
  routes:
    - { receiver: a, matchers: [ 'team="x"' ], active_time_intervals: [ past ] }
    - { receiver: b, matchers: [ 'team="y"' ], active_time_intervals: [ past, days ] }
time_intervals:
  - { name: past, time_intervals: [ { years: ['2000'] } ] }
  - { name: days, time_intervals: [ { times: [ { start_time: '00:00', end_time: '24:00' } ], days_of_month: ['1:-1'], location: Asia/Tokyo } ] }
${HOOKS}`,
    steps: [{ at: 0, alerts: [fires('A', { team: 'x' }), fires('A', { team: 'y' })] }],
    atLeast: 1,
  },
  {
    name: 'repeats',
    config: `route: { receiver: a, group_by: [alertname], group_wait: 500ms, group_interval: 1s, repeat_interval: 1500ms }\n${HOOKS}`,
    steps: [{ at: 0, alerts: [fires('A', { i: '1' })] }],
    atLeast: 3,
  },
  {
    name: 'alerts that join a group',
    config: `route: { receiver: a, group_by: [alertname], ${TIMERS} }\n${HOOKS}`,
    steps: [
      { at: 0, alerts: [fires('A', { i: '1' })] },
      { at: 1000, alerts: [fires('A', { i: '2' })] },
      { at: 3000, alerts: [fires('A', { i: '3' }), ended('A', { i: '1' })] },
    ],
    atLeast: 3,
  },
  {
    name: 'two hooks of one receiver, one of which takes few alerts',
    config: `route: { receiver: a, group_by: [alertname], ${TIMERS} }
receivers: [ { name: a, webhook_configs: [ { url: HOOK/a }, { url: HOOK/b, max_alerts: 1, send_resolved: false } ] } ]`,
    steps: [
      { at: 0, alerts: [fires('A', { i: '1' }), fires('A', { i: '2' })] },
      { at: 2500, alerts: [ended('A', { i: '1' })] },
    ],
    atLeast: 3,
  },
  {
    name: 'what ends before anybody was told',
    config: `route: { receiver: a, group_by: [alertname], group_wait: 1s, group_interval: 1s, repeat_interval: 1h }\n${HOOKS}`,
    steps: [
      { at: 0, alerts: [fires('A', { i: '1' }), fires('B')] },
      { at: 300, alerts: [ended('A', { i: '1' })] },
    ],
    atLeast: 1,
  },
  {
    name: 'what fires again',
    config: `route: { receiver: a, group_by: [alertname], ${TIMERS} }\n${HOOKS}`,
    steps: [
      { at: 0, alerts: [fires('A', { i: '1' })] },
      { at: 1200, alerts: [ended('A', { i: '1' })] },
      { at: 3300, alerts: [fires('A', { i: '1' })] },
    ],
    atLeast: 3,
  },
  {
    name: 'a receiver with nobody, and one that gets everything',
    config: `route:
  receiver: nobody
  ${TIMERS.replaceAll(', ', '\n  ')}
  routes: [ { receiver: b, matchers: [ 'severity=~"page|ticket"' ] } ]
receivers: [ { name: nobody }, { name: b, webhook_configs: [ { url: HOOK/b } ] } ]`,
    steps: [{ at: 0, alerts: [fires('A'), fires('B', { severity: 'page' })] }],
    atLeast: 1,
  },
  {
    name: 'what has fired for long is told at once',
    config: `route: { receiver: a, group_by: [alertname], group_wait: 30s, group_interval: 1s, repeat_interval: 1h }\n${HOOKS}`,
    steps: [{ at: 0, alerts: [{ ...fires('A', { i: '1' }), startedAgo: 60_000 }, fires('B')] }],
    atLeast: 1,
  },
];
