const ROUTE = 'route: { receiver: a }\n';
const NOBODY = 'receivers: [ { name: a } ]\n';
const routes = (child: string): string => `route: { receiver: a, routes: [ ${child} ] }\n${NOBODY}`;
const receiver = (entry: string): string => `${ROUTE}receivers: [ { name: a, ${entry} } ]\n`;
const intervals = (one: string): string =>
  `${ROUTE}${NOBODY}time_intervals: [ { name: n, time_intervals: [ ${one} ] } ]\n`;

/** Kinds of configuration, good and bad, by what they are about; written by us after Alertmanager's documentation. */
export const FILES: Readonly<Record<string, string>> = {
  smallest: ROUTE + NOBODY,
  'no route': NOBODY,
  'no receiver of the root': `route: {}\n${NOBODY}`,
  'an unknown receiver': `route: { receiver: b }\n${NOBODY}`,
  'an unknown receiver of a child': routes('{ receiver: b }'),
  'two receivers of one name': `${ROUTE}receivers: [ { name: a }, { name: a } ]\n`,
  'a receiver without a name': `${ROUTE}receivers: [ { name: a }, { webhook_configs: [ { url: 'http://h/' } ] } ]\n`,
  'an unknown key': `${ROUTE}${NOBODY}recievers: []\n`,
  'an unknown key of a route': routes('{ group: x }'),
  'no YAML': 'route: [ {',
  'a root that matches': `route: { receiver: a, match: { x: y } }\n${NOBODY}`,
  'a root that continues': `route: { receiver: a, continue: true }\n${NOBODY}`,
  'a root with a mute time': `route: { receiver: a, mute_time_intervals: [ n ] }\n${NOBODY}time_intervals: [ { name: n } ]\n`,
  timers: `route: { receiver: a, group_wait: 1s, group_interval: 1m30s, repeat_interval: 1d }\n${NOBODY}`,
  'a zero interval': `route: { receiver: a, group_interval: 0s }\n${NOBODY}`,
  'a zero repetition': `route: { receiver: a, repeat_interval: 0s }\n${NOBODY}`,
  'a wrong duration': `route: { receiver: a, group_wait: soon }\n${NOBODY}`,
  'grouping by all': `route: { receiver: a, group_by: [ '...' ] }\n${NOBODY}`,
  'grouping by all and more': `route: { receiver: a, group_by: [ '...', x ] }\n${NOBODY}`,
  'grouping by one label twice': `route: { receiver: a, group_by: [ x, x ] }\n${NOBODY}`,
  'classic matches': routes("{ match: { a: b }, match_re: { c: 'd|e.*' } }"),
  'a broken pattern': routes("{ match_re: { a: '[' } }"),
  'a name that is none': routes('{ match: { a-b: x } }'),
  matchers: routes(`{ matchers: [ 'a="b"', 'c=~d.*', 'e!=f', 'g!~h' ] }`),
  'several matchers of one text': routes(`{ matchers: [ '{a="b",c=~"d"}' ] }`),
  'matchers that are none': routes(`{ matchers: [ 'a' ] }`),
  'matchers with a broken pattern': routes(`{ matchers: [ 'a=~"("' ] }`),
  'an unknown time interval': routes('{ mute_time_intervals: [ n ] }'),
  'nested routes': routes(
    '{ match: { a: b }, routes: [ { match: { c: d }, continue: true, receiver: a } ] }',
  ),
  inhibition: `${ROUTE}${NOBODY}inhibit_rules: [ { source_match: { s: '1' }, target_match_re: { s: '2|3' }, equal: [ a ] } ]\n`,
  'inhibition by matchers': `${ROUTE}${NOBODY}inhibit_rules: [ { source_matchers: [ s=1 ], target_matchers: [ 's=~"2"' ] } ]\n`,
  'inhibition with an unknown key': `${ROUTE}${NOBODY}inhibit_rules: [ { source: { s: '1' } } ]\n`,
  'a time interval': intervals(
    "{ times: [ { start_time: '09:00', end_time: '17:30' } ], weekdays: ['monday:friday'] }",
  ),
  'days, months and years': intervals(
    "{ days_of_month: ['1:5', '-3:-1'], months: ['january:march', '12'], years: ['2020:2022'] }",
  ),
  'a zone': intervals("{ weekdays: [sunday], location: 'Europe/Berlin' }"),
  'an unknown zone': intervals("{ weekdays: [sunday], location: 'Moon/Crater' }"),
  'a time that ends before it begins': intervals("{ times: [ { start_time: '17:00', end_time: '09:00' } ] }"),
  'a time that is none': intervals("{ times: [ { start_time: '9', end_time: '10:00' } ] }"),
  'an unknown weekday': intervals('{ weekdays: [someday] }'),
  'a day that no month has': intervals("{ days_of_month: ['32'] }"),
  'months the wrong way round': intervals("{ months: ['may:april'] }"),
  'two intervals of one name': `${ROUTE}${NOBODY}time_intervals: [ { name: n }, { name: n } ]\n`,
  'a webhook': receiver("webhook_configs: [ { url: 'https://example.org/hook', max_alerts: 5 } ]"),
  'a webhook without an address': receiver('webhook_configs: [ {} ]'),
  'a webhook at no address of HTTP': receiver("webhook_configs: [ { url: 'ftp://example.org/' } ]"),
  'a webhook with two logins': receiver(
    "webhook_configs: [ { url: 'http://h/', http_config: { bearer_token: t, basic_auth: { username: u } } } ]",
  ),
  Slack: receiver("slack_configs: [ { api_url: 'https://example.org/x', channel: '#a' } ]"),
  'Slack without an address': receiver("slack_configs: [ { channel: '#a' } ]"),
  'Slack by the global address': `global: { slack_api_url: 'https://example.org/x' }\n${receiver("slack_configs: [ { channel: '#a' } ]")}`,
  mail: `global: { smtp_smarthost: 'localhost:25', smtp_from: 'a@example.org' }\n${receiver("email_configs: [ { to: 'b@example.org' } ]")}`,
  'mail without a host': receiver("email_configs: [ { to: 'b@example.org' } ]"),
  PagerDuty: receiver('pagerduty_configs: [ { routing_key: k } ]'),
  'PagerDuty without a key': receiver('pagerduty_configs: [ {} ]'),
  Opsgenie: receiver('opsgenie_configs: [ { api_key: k } ]'),
  'Opsgenie without a key': receiver('opsgenie_configs: [ {} ]'),
  Telegram: receiver('telegram_configs: [ { bot_token: t, chat_id: 1, api_url: "https://example.org" } ]'),
  'Telegram without a chat': receiver(
    'telegram_configs: [ { bot_token: t, api_url: "https://example.org" } ]',
  ),
  Discord: receiver("discord_configs: [ { webhook_url: 'https://example.org/x' } ]"),
  'Pushover without a token': receiver('pushover_configs: [ { user_key: u } ]'),
  'SNS without a target': receiver('sns_configs: [ { subject: x } ]'),
};

/** Trees with labels that find their way through them. */
export const TREES: readonly {
  readonly config: string;
  readonly labels: readonly Readonly<Record<string, string>>[];
}[] = [
  {
    config: `route:
  receiver: all
  routes:
    - { receiver: page, matchers: [ 'severity="page"' ], continue: true }
    - { receiver: team, match_re: { team: 'x|y.*' }, routes: [ { receiver: x, match: { team: x } }, { receiver: night, matchers: [ 'time!="day"' ] } ] }
    - { receiver: rest, matchers: [ 'team=~".+"' ] }
receivers: [ { name: all }, { name: page }, { name: team }, { name: x }, { name: night }, { name: rest } ]
`,
    labels: [
      { a: 'b' },
      { severity: 'page' },
      { severity: 'page', team: 'x' },
      { team: 'x', time: 'day' },
      { team: 'y1', time: 'day' },
      { team: 'y1' },
      { team: 'z', severity: 'page' },
      { team: 'ax' },
    ],
  },
  {
    config: `route:
  receiver: all
  routes:
    - { matchers: [ 'a=~"1|2"', 'b!~"x.*"' ], receiver: first, continue: true }
    - { matchers: [ 'c=""' ], receiver: second }
    - { matchers: [ 'c!=""' ], receiver: third }
receivers: [ { name: all }, { name: first }, { name: second }, { name: third } ]
`,
    labels: [{ a: '1' }, { a: '2', b: 'xy' }, { a: '1', c: '1' }, { c: 'ü' }, { a: '12' }],
  },
];
