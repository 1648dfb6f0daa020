import { Labels } from '@pharos/promql';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openTestApp } from '../../http/testing/test-app.ts';
import type { HttpApp } from '../../http/types.ts';
import { renderPrometheusError } from './prometheus-errors.ts';
import {
  type AlertingRuleView,
  type RecordingRuleView,
  type RuleGroupView,
  registerRuleRoutes,
} from './prometheus-rules.ts';

const AT = Date.UTC(2026, 0, 2, 3, 4, 5);

const RECORDING: RecordingRuleView = {
  type: 'recording',
  name: 'job:up:sum',
  query: 'sum by (job) (up)',
  labels: new Map(),
  health: 'ok',
  lastError: null,
  evaluationMs: 1.5,
  lastEvaluation: AT + 120,
};
const ALERTING: AlertingRuleView = {
  type: 'alerting',
  name: 'Down',
  query: 'up == 0',
  labels: new Map([['severity', 'critical']]),
  annotations: new Map([['summary', '{{ $labels.job }} is down']]),
  health: 'err',
  lastError: 'query timed out',
  evaluationMs: 2,
  lastEvaluation: AT,
  state: 'firing',
  forMs: 300_000,
  keepFiringForMs: 0,
  alerts: () => [
    {
      labels: Labels.fromRecord({ alertname: 'Down', job: 'a' }),
      annotations: new Map([['summary', 'a is down']]),
      state: 'firing',
      activeAt: AT,
      keepFiringSince: AT + 60_000,
      value: 1,
    },
    {
      labels: Labels.fromRecord({ alertname: 'Down', job: 'b' }),
      annotations: new Map(),
      state: 'pending',
      activeAt: AT,
      keepFiringSince: null,
      value: 1.25e-7,
    },
  ],
};

const group = (file: string, name: string, rules: RuleGroupView['rules']): RuleGroupView => ({
  file,
  name,
  language: 'promql',
  intervalMs: 15_000,
  limit: 0,
  evaluationMs: 3.5,
  lastEvaluation: AT + 200,
  rules,
});

const GROUPS = [
  group('a.yml', 'first', [RECORDING, ALERTING]),
  group('a.yml', 'second', [{ ...RECORDING, name: 'other', lastEvaluation: null, health: 'unknown' }]),
  group('b.yml', 'first', [{ ...ALERTING, name: 'Late', state: 'inactive', alerts: () => [] }]),
  group('b.yml', 'empty', []),
];
const OF_LINES: RuleGroupView = {
  ...group('c.yml', 'lines', [{ ...ALERTING, name: 'Failing', query: 'sum(rate({app="a"}[5m])) > 1' }]),
  language: 'logql',
};
let groups: readonly RuleGroupView[] = GROUPS;

let app: HttpApp;
afterEach(() => app.close());

async function ask(path: string, base = '/api/v1') {
  app = await openTestApp([
    {
      name: 'rules',
      renderError: renderPrometheusError,
      register: (http) =>
        registerRuleRoutes(http, {
          groups: () => groups,
          alertmanagers: () => ['http://am:9093/api/v2/alerts'],
        }),
    },
  ]);
  return (await app.inject({ url: `${base}/${path}` })).json();
}

/** Groups with the names of their rules. */
async function names(query: string): Promise<string[]> {
  const { data } = await ask(`rules?${query}`);
  return data.groups.map(
    ({ file, name, rules }: { file: string; name: string; rules: { name: string }[] }) =>
      `${file} ${name}: ${rules.map((rule) => rule.name).join(' ')}`,
  );
}

describe('GET /api/v1/rules', () => {
  it('answers in the shape of Prometheus', async () => {
    const { status, data } = await ask('rules?rule_group[]=first&file[]=a.yml');
    expect([status, data]).toEqual([
      'success',
      {
        groups: [
          {
            name: 'first',
            file: 'a.yml',
            interval: 15,
            limit: 0,
            evaluationTime: 0.0035,
            lastEvaluation: '2026-01-02T03:04:05.2Z',
            rules: [
              {
                name: 'job:up:sum',
                query: 'sum by (job) (up)',
                health: 'ok',
                evaluationTime: 0.0015,
                lastEvaluation: '2026-01-02T03:04:05.12Z',
                type: 'recording',
              },
              {
                state: 'firing',
                name: 'Down',
                query: 'up == 0',
                duration: 300,
                keepFiringFor: 0,
                labels: { severity: 'critical' },
                annotations: { summary: '{{ $labels.job }} is down' },
                alerts: [
                  {
                    labels: { alertname: 'Down', job: 'a' },
                    annotations: { summary: 'a is down' },
                    state: 'firing',
                    activeAt: '2026-01-02T03:04:05Z',
                    keepFiringSince: '2026-01-02T03:05:05Z',
                    value: '1e+00',
                  },
                  {
                    labels: { alertname: 'Down', job: 'b' },
                    annotations: {},
                    state: 'pending',
                    activeAt: '2026-01-02T03:04:05Z',
                    value: '1.25e-07',
                  },
                ],
                health: 'err',
                lastError: 'query timed out',
                evaluationTime: 0.002,
                lastEvaluation: '2026-01-02T03:04:05Z',
                type: 'alerting',
              },
            ],
          },
        ],
      },
    ]);
  });

  it('says of a rule that was not evaluated yet when Go was born', async () => {
    const { data } = await ask('rules?rule_name[]=other');
    expect(data.groups[0].rules[0]).toMatchObject({
      health: 'unknown',
      lastEvaluation: '0001-01-01T00:00:00Z',
    });
  });

  it.each([
    ['', ['a.yml first: job:up:sum Down', 'a.yml second: other', 'b.yml first: Late']],
    ['type=alert', ['a.yml first: Down', 'b.yml first: Late']],
    ['type=RECORD', ['a.yml first: job:up:sum', 'a.yml second: other']],
    ['rule_name[]=Down&rule_name[]=other', ['a.yml first: Down', 'a.yml second: other']],
    ['rule_group[]=second', ['a.yml second: other']],
    ['file[]=b.yml', ['b.yml first: Late']],
    ['match[]={severity="critical"}', ['a.yml first: Down', 'b.yml first: Late']],
    [
      'match[]={severity="info"}&match[]={severity=~"crit.*"}&type=alert',
      ['a.yml first: Down', 'b.yml first: Late'],
    ],
    ['match[]={severity="info"}', []],
    ['group_limit=2', ['a.yml first: job:up:sum Down', 'a.yml second: other']],
  ])('%s', async (query, expected) => {
    expect(await names(query)).toEqual(expected);
  });

  it('leaves alerts out where it is asked to', async () => {
    const { data } = await ask('rules?exclude_alerts=true&type=alert');
    expect(data.groups[0].rules[0].alerts).toBeNull();
  });

  it('goes through all groups page by page', async () => {
    const seen: string[] = [];
    let query = 'group_limit=1';
    for (let i = 0; i < 10 && query !== ''; i++) {
      const { data } = await ask(`rules?${query}`);
      seen.push(...data.groups.map(({ file, name }: { file: string; name: string }) => `${file} ${name}`));
      query =
        data.groupNextToken === undefined ? '' : `group_limit=1&group_next_token=${data.groupNextToken}`;
      if (query !== '') await app.close();
    }
    expect(seen).toEqual(['a.yml first', 'a.yml second', 'b.yml first']);
  });

  it('names the page that is gone', async () => {
    expect(await ask('rules?group_limit=1&group_next_token=abc')).toEqual({
      status: 'error',
      errorType: 'bad_data',
      error: `invalid parameter "group_next_token": invalid group_next_token 'abc'. were rule groups changed?`,
    });
  });
});

it('GET /api/v1/alerts has the active alerts of all rules', async () => {
  const { data } = await ask('alerts');
  expect(data.alerts.map(({ state, value }: { state: string; value: string }) => [state, value])).toEqual([
    ['firing', '1e+00'],
    ['pending', '1.25e-07'],
  ]);
});

describe('rules over log lines', () => {
  beforeEach(() => void (groups = [...GROUPS, OF_LINES]));
  afterEach(() => void (groups = GROUPS));

  it("say that they are, beside Prometheus' own fields", async () => {
    const { data } = await ask('rules?rule_group[]=lines');
    expect(data.groups).toMatchObject([
      { name: 'lines', language: 'logql', interval: 15, rules: [{ name: 'Failing', state: 'firing' }] },
    ]);
  });

  it("are what Loki's data source is told of", async () => {
    const { data } = await ask('rules', '/prometheus/api/v1');
    expect(data.groups.map(({ name }: { name: string }) => name)).toEqual(['lines']);
    await app.close();
    expect((await ask('alerts', '/prometheus/api/v1')).data.alerts).toHaveLength(2);
  });
});
