import { describe, expect, it } from 'vitest';
import { type AlertmanagerConfig, loadAlertmanagerConfig } from './load.ts';

function load(text: string, directory: string | null = null): AlertmanagerConfig {
  const loaded = loadAlertmanagerConfig({ name: 'am.yml', text, directory });
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  return loaded.config;
}

/** `line:column path: message` of each problem. */
function problems(text: string): readonly string[] {
  const loaded = loadAlertmanagerConfig({ name: 'am.yml', text, directory: null });
  if (loaded.ok) throw new Error('it was loaded');
  return loaded.problems.map(
    ({ where, path, message }) => `${where.replace('am.yml:', '')} ${path}: ${message}`,
  );
}

const ROUTE = 'route: { receiver: a }\n';
const NOBODY = 'receivers: [{ name: a }]\n';
const withEntry = (kind: string, entry: string) =>
  `${ROUTE}receivers:\n  - name: a\n    ${kind}_configs:\n      - ${entry}\n`;

describe('a whole file', () => {
  const config = load(`
global:
  resolve_timeout: 3m
  smtp_smarthost: 'mail.example:587'
  smtp_from: am@example.org
  smtp_auth_username: am
  smtp_auth_password: geheim
  slack_api_url: https://hooks.slack.com/services/T/B/X
  http_config: { follow_redirects: false }
templates: [ '/etc/am/*.tmpl' ]
route:
  receiver: team
  group_by: [alertname, cluster]
  group_wait: 10s
  routes:
    - matchers: [ 'severity = "page"', team=~"a|b" ]
      receiver: pager
      continue: true
      mute_time_intervals: [night]
    - match: { code: 500 }
      match_re: { job: 'api.*' }
      group_by: ['...']
      active_time_intervals: [office]
      repeat_interval: 1d
inhibit_rules:
  - source_matchers: [ severity="critical" ]
    target_match: { severity: warning }
    equal: [alertname, alertname]
mute_time_intervals:
  - name: night
    time_intervals: [ { times: [ { start_time: '22:00', end_time: '24:00' } ] } ]
time_intervals:
  - name: office
    time_intervals: [ { weekdays: ['monday:friday'], location: Europe/Berlin } ]
receivers:
  - name: team
    slack_configs: [ { channel: '#ops', send_resolved: yes } ]
    email_configs: [ { to: team@example.org, headers: { reply-to: x@example.org } } ]
  - name: pager
    pagerduty_configs: [ { routing_key: 0123, details: { extra: 'x' } } ]
    webhook_configs:
      - url: http://127.0.0.1:5001/
      - { url: 'http://127.0.0.1:5002/', max_alerts: 5, timeout: 1m30s, http_config: { bearer_token: t } }
`);

  it('has its route', () => {
    const { route } = config;
    expect([route.receiver, route.grouping, route.groupWaitMs, route.groupIntervalMs]).toEqual([
      'team',
      { names: ['alertname', 'cluster'], isByAll: false },
      10_000,
      undefined,
    ]);
    expect(
      route.routes.map(({ matchers }) => matchers.map(({ name, op, value }) => `${name}${op}${value}`)),
    ).toEqual([
      ['severity=page', 'team=~a|b'],
      ['code=500', 'job=~^(?:api.*)$'],
    ]);
    expect(route.routes[1]).toMatchObject({
      grouping: { names: [], isByAll: true },
      activeTimeIntervals: ['office'],
      repeatIntervalMs: 86_400_000,
    });
  });

  it('has its receivers, with what is global', () => {
    expect(
      config.receivers.map(({ name, integrations }) => [
        name,
        integrations.map(({ entry, index }) => `${entry.kind}[${index}]`),
      ]),
    ).toEqual([
      ['team', ['email[0]', 'slack[0]']],
      ['pager', ['pagerduty[0]', 'webhook[0]', 'webhook[1]']],
    ]);
    const [email, slack] = config.receivers[0]?.integrations ?? [];
    expect(email?.entry).toMatchObject({
      sendResolved: false,
      settings: {
        to: 'team@example.org',
        from: 'am@example.org',
        smarthost: { host: 'mail.example', port: '587' },
        username: 'am',
        password: { value: 'geheim' },
        requireTls: true,
        hello: 'localhost',
      },
    });
    if (email?.entry.kind === 'email')
      expect([...email.entry.settings.headers]).toEqual([
        ['Reply-To', 'x@example.org'],
        ['Subject', '{{ template "email.default.subject" . }}'],
      ]);
    expect(slack?.entry).toMatchObject({
      sendResolved: true,
      http: { follow_redirects: false },
      settings: { url: { value: 'https://hooks.slack.com/services/T/B/X' }, templates: { channel: '#ops' } },
    });
    const [pagerduty, first, second] = config.receivers[1]?.integrations ?? [];
    expect(pagerduty?.entry).toMatchObject({
      sendResolved: true,
      settings: { routingKey: { value: '0123' }, url: 'https://events.pagerduty.com/v2/enqueue' },
    });
    expect(first?.entry).toMatchObject({
      http: { follow_redirects: false },
      settings: { maxAlerts: 0, timeoutMs: 0 },
    });
    expect(second?.entry).toMatchObject({
      http: { bearer_token: 't' },
      settings: { maxAlerts: 5, timeoutMs: 90_000 },
    });
  });

  it('has the rest', () => {
    expect([config.resolveTimeoutMs, config.templates, config.warnings]).toEqual([
      180_000,
      ['/etc/am/*.tmpl'],
      [],
    ]);
    expect(config.inhibitRules[0]).toMatchObject({ equal: ['alertname'], name: '' });
    expect([...config.intervals]).toMatchObject([
      ['night', [{ times: [{ start: 1320, end: 1440 }] }]],
      ['office', [{ weekdays: [{ begin: 1, end: 5 }], zone: 'Europe/Berlin' }]],
    ]);
  });

  it('is shown without its secrets', () => {
    for (const hidden of ['geheim', 'hooks.slack.com', '0123', '5001', 'bearer_token: t'])
      expect(config.shown).not.toContain(hidden);
    expect(config.shown).toContain('smtp_auth_password: <secret>');
    expect(config.shown).toContain('repeat_interval: 1d');
    // What is shown can be read again, as amtool does.
    expect(load(config.shown).receivers.map(({ name }) => name)).toEqual(['team', 'pager']);
  });
});

describe('YAML', () => {
  it('is read as Go reads it', () => {
    const { route } = load(`
route:
  receiver: a
  routes:
    - &first { receiver: a, match: { n: 1.0, b: yes, e: , t: 2026-01-01 }, continue: on }
    - <<: *first
      continue: off
    - *first
receivers: [{ name: a }]
`);
    const words = (i: number) =>
      route.routes[i]?.matchers.map(({ name, value }) => `${name}=${value}`).sort();
    expect(words(0)).toEqual(['b=yes', 'e=', 'n=1.0', 't=2026-01-01']);
    expect([words(1), words(2)]).toEqual([words(0), words(0)]);
    expect(route.routes.map((one) => one.continue)).toEqual([true, false, true]);
  });

  it('that bites its tail ends', () => {
    expect(problems(`route: &r\n  receiver: a\n  routes: [ *r ]\n${NOBODY}`).length).toBeGreaterThan(0);
    expect(problems(`route: &r\n  receiver: a\n  <<: *r\n  x: 1\n${NOBODY}`).length).toBeGreaterThan(0);
  });

  it.each([
    ['', 'no route provided in config'],
    ['- a', 'expected a mapping'],
    ['route: [', 'Flow sequence'],
    ['route: {}\nroute: {}', 'Map keys must be unique'],
    ['route: *nothing', 'unknown anchor "nothing" referenced'],
  ])('%j: %s', (text, expected) => {
    expect(problems(text).join('\n')).toContain(expected);
  });

  it('keeps paths beside the file', () => {
    const config = load(
      `${ROUTE}templates: [a.tmpl, /b.tmpl]\nreceivers:\n  - name: a\n    webhook_configs: [{ url_file: hook }]`,
      '/etc/am',
    );
    expect(config.templates).toEqual(['/etc/am/a.tmpl', '/b.tmpl']);
    expect(config.receivers[0]?.integrations[0]?.entry).toMatchObject({
      settings: { url: { file: '/etc/am/hook' } },
    });
  });
});

describe('what Alertmanager refuses', () => {
  it.each([
    // The whole.
    [`${NOBODY}`, '1:1 : no route provided in config'],
    [`rout: {}\n${ROUTE}${NOBODY}`, '1:7 rout: unknown field "rout"; did you mean "route"?'],
    [
      `route: { reciever: a }\n${NOBODY}`,
      '1:20 route.reciever: unknown field "reciever"; did you mean "receiver"?',
    ],
    [`global: { resolve_timeout: soon }\n${ROUTE}${NOBODY}`, 'not a valid duration string: "soon"'],
    [
      `global: { slack_api_url: x, slack_api_url_file: y }\n${ROUTE}${NOBODY}`,
      'unsupported scheme "" for URL',
    ],
    [
      `global: { opsgenie_api_key: x, opsgenie_api_key_file: y }\n${ROUTE}${NOBODY}`,
      '1:9 global: at most one of opsgenie_api_key & opsgenie_api_key_file must be configured',
    ],
    [`global: { smtp_smarthost: mail }\n${ROUTE}${NOBODY}`, 'address mail: missing port in address'],
    [`global: { smtp_smarthost: 'mail:' }\n${ROUTE}${NOBODY}`, 'address "mail:": port cannot be empty'],
    [`global: { smtp_require_tls: "true" }\n${ROUTE}${NOBODY}`, '"true" is not true or false'],
    // Receivers.
    [
      `${ROUTE}receivers: [{ name: a }, { name: a }]`,
      '2:26 receivers.1: notification config name "a" is not unique',
    ],
    [`${ROUTE}receivers: [{ name: a }, {}]`, 'missing name in receiver'],
    [
      `${ROUTE}receivers: [{ name: a, mail_configs: [] }]`,
      'unknown field "mail_configs"; did you mean "email_configs"?',
    ],
    // The root.
    [`route: {}\n${NOBODY}`, '1:8 route: root route must specify a default receiver'],
    [`route: { receiver: a, match: { x: y } }\n${NOBODY}`, 'root route must not have any matchers'],
    [`route: { receiver: a, matchers: [x=y] }\n${NOBODY}`, 'root route must not have any matchers'],
    [
      `route: { receiver: a, continue: true }\n${NOBODY}`,
      '1:33 route.continue: cannot have continue in root route',
    ],
    [
      `route: { receiver: a, mute_time_intervals: [n] }\ntime_intervals: [{ name: n }]\n${NOBODY}`,
      'root route must not have any mute time intervals',
    ],
    [
      `route: { receiver: a, active_time_intervals: [n] }\ntime_intervals: [{ name: n }]\n${NOBODY}`,
      'root route must not have any active time intervals',
    ],
    // Routes.
    [`route: { receiver: b }\n${NOBODY}`, '1:20 route.receiver: undefined receiver "b" used in route'],
    [
      `route: { receiver: a, routes: [{ receiver: b }] }\n${NOBODY}`,
      '1:44 route.routes.0.receiver: undefined receiver "b" used in route',
    ],
    [
      `route: { receiver: a, routes: [{ mute_time_intervals: [x] }] }\n${NOBODY}`,
      'undefined time interval "x" used in route',
    ],
    [
      `route: { receiver: a, routes: [{ active_time_intervals: [x] }] }\n${NOBODY}`,
      'undefined time interval "x" used in route',
    ],
    [`route: { receiver: a, group_by: [x, x] }\n${NOBODY}`, 'duplicated label "x" in group_by'],
    [
      `route: { receiver: a, group_by: [x, '...'] }\n${NOBODY}`,
      'cannot have wildcard group_by (`...`) and other labels at the same time',
    ],
    [`route: { receiver: a, group_by: [''] }\n${NOBODY}`, 'invalid label name "" in group_by list'],
    [`route: { receiver: a, group_interval: 0s }\n${NOBODY}`, 'group_interval cannot be zero'],
    [`route: { receiver: a, repeat_interval: 0s }\n${NOBODY}`, 'repeat_interval cannot be zero'],
    [`route: { receiver: a, group_wait: '' }\n${NOBODY}`, 'empty duration string'],
    [`route: { receiver: a, routes: [{ match: { a-b: x } }] }\n${NOBODY}`, 'invalid label name "a-b"'],
    [`route: { receiver: a, routes: [{ match_re: { a: '[' } }] }\n${NOBODY}`, 'missing closing ]'],
    [`route: { receiver: a, routes: [{ matchers: ['a'] }] }\n${NOBODY}`, 'bad matcher format: a'],
    [`route: { receiver: a, routes: [{ matchers: a=b }] }\n${NOBODY}`, 'expected a list'],
    // Inhibition.
    [`${ROUTE}${NOBODY}inhibit_rules: [{ equal: [''] }]`, 'invalid label name "" in equal list'],
    [`${ROUTE}${NOBODY}inhibit_rules: [{ source_match: { 1: x } }]`, 'invalid label name "1"'],
    [`${ROUTE}${NOBODY}inhibit_rules: [{ source: x }]`, 'unknown field "source"'],
    // Intervals.
    [`${ROUTE}${NOBODY}time_intervals: [{ time_intervals: [] }]`, 'missing name in time interval'],
    [`${ROUTE}${NOBODY}mute_time_intervals: [{ time_intervals: [] }]`, 'missing name in mute time interval'],
    [`${ROUTE}${NOBODY}time_intervals: [{ name: x }, { name: x }]`, 'time interval "x" is not unique'],
    [
      `${ROUTE}${NOBODY}mute_time_intervals: [{ name: x }]\ntime_intervals: [{ name: x }]`,
      'time interval "x" is not unique',
    ],
  ])('%s', (text, expected) => {
    expect(problems(text).join('\n')).toContain(expected);
  });

  it.each([
    ['webhook', '{}', 'one of url or url_file must be configured'],
    ['webhook', '{ url: "http://a", url_file: b }', 'at most one of url & url_file must be configured'],
    ['webhook', '{ url: ftp://a }', 'unsupported scheme "ftp" for URL'],
    ['webhook', '{ url: "http://" }', 'missing host for URL'],
    ['webhook', '{ url: "http://a", timeout: 5 }', 'invalid duration "5"'],
    ['webhook', '{ url: "http://a", max_alerts: many }', '"many" is not a whole number'],
    ['slack', '{ channel: x }', 'no global Slack API URL set either inline or in a file'],
    [
      'slack',
      '{ api_url: "http://a", api_url_file: b }',
      'at most one of api_url & api_url_file must be configured',
    ],
    ['slack', '{ api_url: "http://a", actions: [{}] }', 'missing type in Slack action configuration'],
    [
      'slack',
      '{ api_url: "http://a", fields: [{ title: x }] }',
      'missing value in Slack field configuration',
    ],
    ['email', '{ to: x, from: y }', 'no global SMTP smarthost set'],
    ['email', '{ to: x, smarthost: "m:25" }', 'no global SMTP from set'],
    ['email', '{ from: y, smarthost: "m:25" }', 'missing to address in email config'],
    [
      'email',
      '{ to: x, from: y, smarthost: "m:25", headers: { subject: a, Subject: b } }',
      'duplicate header "Subject" in email config',
    ],
    ['pagerduty', '{}', 'missing service or routing key in PagerDuty config'],
    [
      'pagerduty',
      '{ routing_key: a, routing_key_file: b }',
      'at most one of routing_key & routing_key_file must be configured',
    ],
    ['opsgenie', '{}', 'no global OpsGenie API Key set either inline or in a file'],
    [
      'opsgenie',
      '{ api_key: k, responders: [{ type: team }] }',
      'at least one of id, username or name specified',
    ],
    ['opsgenie', '{ api_key: k, responders: [{ id: i, type: boss }] }', 'does not match valid options'],
    ['discord', '{}', 'one of webhook_url or webhook_url_file must be configured'],
    ['msteams', '{}', 'one of webhook_url or webhook_url_file must be configured'],
    ['msteamsv2', '{ webhook_url: "http://a", summary: x }', 'unknown field "summary"'],
    ['telegram', '{ chat_id: 1 }', 'missing bot_token or bot_token_file on telegram_config'],
    ['telegram', '{ bot_token: t }', 'missing chat_id or chat_id_file on telegram_config'],
    ['telegram', '{ bot_token: t, chat_id: 1, parse_mode: html }', 'unknown parse_mode on telegram_config'],
    ['pushover', '{ token: t }', 'one of user_key or user_key_file must be configured'],
    ['pushover', '{ user_key: u, token: t, html: true, monospace: true }', 'at most one of monospace & html'],
    ['wechat', '{ api_secret: s, corp_id: c, message_type: html }', 'does not match valid options'],
    ['victorops', '{ api_key: k }', 'missing Routing key in VictorOps config'],
    [
      'victorops',
      '{ api_key: k, routing_key: r, custom_fields: { entity_id: x } }',
      'custom field entity_id',
    ],
    ['sns', '{ subject: x }', 'must provide either a Target ARN, Topic ARN, or Phone Number for SNS config'],
    ['sns', '{ topic_arn: a, phone_number: b }', 'must provide either a Target ARN'],
    ['webex', '{ room_id: r }', 'missing webex_configs.http_config.authorization'],
    ['jira', '{ project: p, issue_type: t }', 'no global Jira Cloud URL set'],
    ['rocketchat', '{ token: t }', 'no global Rocketchat TokenID set'],
    ['mattermost', '{}', 'one of webhook_url or webhook_url_file must be configured'],
    ['incidentio', '{ url: "http://a" }', 'at least one of alert_source_token'],
    [
      'webhook',
      '{ url: "http://a", http_config: { basic_auth: { username: u }, bearer_token: t } }',
      'at most one of basic_auth, oauth2, bearer_token & bearer_token_file must be configured',
    ],
    [
      'webhook',
      '{ url: "http://a", http_config: { authorization: { type: Basic } } }',
      'authorization type cannot be set to "basic", use "basic_auth" instead',
    ],
    [
      'webhook',
      '{ url: "http://a", http_config: { oauth2: { client_id: c } } }',
      'oauth2 token_url must be configured',
    ],
    [
      'webhook',
      '{ url: "http://a", http_config: { tls_config: { cert: c } } }',
      'exactly one of key or key_file',
    ],
    [
      'webhook',
      '{ url: "http://a", http_config: { tls_config: { min_version: SSL3 } } }',
      'unknown TLS version: SSL3',
    ],
    [
      'webhook',
      '{ url: "http://a", http_config: { no_proxy: x } }',
      'if no_proxy is configured, proxy_url must',
    ],
  ])('%s: %s', (kind, entry, expected) => {
    expect(problems(withEntry(kind, entry)).join('\n')).toContain(expected);
  });

  it.each([
    ["times: [{ start_time: '9:00', end_time: '17:00' }]", "couldn't parse timestamp 9:00, invalid format"],
    ["times: [{ start_time: '09:00', end_time: '24:01' }]", "couldn't parse timestamp 24:01, invalid format"],
    ["times: [{ start_time: '09:00' }]", 'both start and end times must be provided'],
    [
      "times: [{ start_time: '09:00', end_time: '09:00' }]",
      'start time cannot be equal or greater than end time',
    ],
    ["weekdays: ['someday']", 'someday is not a valid weekday'],
    ["weekdays: ['friday:monday']", 'start day cannot be before end day'],
    ["weekdays: ['monday:tuesday:friday']", "couldn't parse range monday:tuesday:friday, invalid format"],
    ["days_of_month: ['0']", '0 is not a valid day of the month: out of range'],
    ["days_of_month: ['1:32']", '32 is not a valid day of the month: out of range'],
    ["days_of_month: ['-5:5']", 'end day must be negative if start day is negative'],
    ["days_of_month: ['10:5']", 'end day 5 is always before start day 10'],
    ["days_of_month: ['28:-5']", 'end day -5 is always before start day 28'],
    ["months: ['march:january']", 'end month january is before start month march'],
    ["months: ['mar']", '"mar" is not a valid month'],
    ["years: ['2026:2025']", 'end year 2025 is before start year 2026'],
    ["years: ['soon']", '"soon" is not a valid year'],
    ['location: Mars/Olympus', 'unknown time zone Mars/Olympus'],
    ["location: '+02:00'", 'unknown time zone +02:00'],
  ])('%s', (interval, expected) => {
    const text = `${ROUTE}${NOBODY}time_intervals: [{ name: x, time_intervals: [{ ${interval} }] }]`;
    expect(problems(text).join('\n')).toContain(expected);
  });

  it('is all said at once', () => {
    expect(problems(`route: { receiver: b, group_interval: 0s }\nreceivers: [{}, { nam: x }]`)).toHaveLength(
      5,
    );
  });
});

describe('what Alertmanager takes', () => {
  it.each([
    ['webhook', '{ url: "http://a" }'],
    ['webhook', '{ url: "http://a/{{ .GroupLabels.team }}" }'],
    ['webhook', '{ url: <secret> }'],
    ['sns', '{ topic_arn: a, sigv4: { region: r } }'],
    ['jira', '{ project: p, issue_type: t, api_url: "http://j", fields: { a: [1] } }'],
    ['telegram', '{ bot_token: t, chat_id: -1001234567890, parse_mode: "" }'],
    ['opsgenie', '{ api_key: k, responders: [{ name: "{{ .x }}", type: "{{ .y }}" }] }'],
    ['pagerduty', '{ service_key_file: k }'],
    ['discord', '{ webhook_url: "https://d/x" }'],
    ['msteams', '{ webhook_url: "https://d/x", summary: s }'],
    ['pushover', '{ user_key: u, token: t, retry: 1m, expire: 1h30m }'],
    ['webex', '{ room_id: r, http_config: { authorization: { credentials: c } } }'],
  ])('%s: %s', (kind, entry) => {
    expect(load(withEntry(kind, entry)).receivers[0]?.integrations).toHaveLength(1);
  });

  it.each([
    // Names nobody uses.
    `${ROUTE}receivers: [{ name: a }, { name: unused }]\ntime_intervals: [{ name: unused }]`,
    // An empty part is as if it was not there.
    `global:\n${ROUTE}${NOBODY}inhibit_rules:\ntemplates:\n`,
    `route: { receiver: a, group_by: [] }\n${NOBODY}`,
    `route: { receiver: a, group_wait: 0s, group_by: ['ünïcode', 'with space'] }\n${NOBODY}`,
    `${ROUTE}${NOBODY}time_intervals: [{ name: x, time_intervals: [{ months: ['january:3', '12'], days_of_month: [1, '-1'], years: [2026] }] }]`,
  ])('%s', (text) => {
    expect(load(text).route.receiver).toBe('a');
  });

  it('warns of what is odd', () => {
    const { warnings } = load(`
route: { receiver: a, routes: [ { matchers: [ 'foo=bar baz' ] } ] }
receivers: [ { name: a, pushover_configs: [ { user_key: u, token: t } ] } ]
`);
    expect(warnings).toEqual([
      'foo=bar baz is read by the classic syntax of matchers only; write it as foo="bar baz"',
      'receiver "a": Pharos does not send to pushover; this entry is skipped',
    ]);
  });
});
