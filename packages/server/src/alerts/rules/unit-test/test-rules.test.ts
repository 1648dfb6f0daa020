import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { testRules } from './test-rules.ts';

const RULES = `groups:
- name: shop
  rules:
  - alert: Down
    expr: up == 0
    for: 5m
    labels: {severity: page}
    annotations: {summary: '{{ $labels.instance }} is down', more: 'since {{ $value }}'}
  - {record: 'up:sum', expr: sum(up)}
`;

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pharos-rule-tests-'));
  await writeFile(join(folder, 'rules.yml'), RULES);
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** The failures, each as one text. */
async function failures(text: string): Promise<readonly string[]> {
  const path = join(folder, 'test.yml');
  await writeFile(path, text);
  const report = await testRules(path);
  return report.failures.map((lines) => lines.join('\n').replaceAll(folder, ''));
}

const UP = `  input_series:
  - {series: 'up{instance="a"}', values: '0x20'}
  - {series: 'up{instance="b"}', values: '1x20'}
`;

describe('unit tests of rules', () => {
  it('leaves rules over log lines out, and says so where one is tested', async () => {
    await writeFile(
      join(folder, 'lines.yml'),
      `groups: [{name: l, language: logql, rules: [{alert: Failing, expr: 'count_over_time({app="a"}[5m]) > 1'}, {record: errors, expr: 'rate({app="a"}[5m])'}]}, {name: p, rules: [{alert: Many, expr: errors > 5}]}]`,
    );
    const file = (name: string, alerts: string): string => `rule_files: [lines.yml]
tests:
  - input_series: [{series: 'errors{app="a"}', values: '9'}]
    alert_rule_test: [{eval_time: 0, alertname: ${name}, exp_alerts: [${alerts}]}]
`;
    await writeFile(join(folder, 'test.yml'), file('Many', '{exp_labels: {app: a}}'));
    expect(await testRules(join(folder, 'test.yml'))).toEqual({
      failures: [],
      warnings: [expect.stringMatching(/lines\.yml: group "l" is left out: it is LogQL/)],
    });
    await writeFile(join(folder, 'test.yml'), file('Failing', ''));
    const { failures } = await testRules(join(folder, 'test.yml'));
    expect(failures.flat()).toEqual([expect.stringContaining('alertname: Failing: its rule is LogQL')]);
  });

  it('say which alerts are missing, unexpected, pending or different', async () => {
    const alerts = (at: string, expected: string): string => `rule_files: [rules.yml]
tests:
- name: outage
${UP}  alert_rule_test: [{eval_time: ${at}, alertname: Down, exp_alerts: [${expected}]}]
`;
    const other = `{exp_labels: {instance: c, severity: page}, exp_annotations: {summary: 'c is down'}}`;
    expect(await failures(alerts('5m', other))).toEqual([
      `name: outage,
alertname: Down, time: 5m
    missing:    {alertname="Down", instance="c", severity="page"} annotations {summary="c is down"}
    unexpected: {alertname="Down", instance="a", severity="page"} annotations {more="since 0", summary="a is down"}`,
    ]);
    expect(await failures(alerts('4m', '{exp_labels: {instance: a, severity: page}}'))).toEqual([
      `name: outage,
alertname: Down, time: 4m
    missing:    {alertname="Down", instance="a", severity="page"}
    pending:    {alertname="Down", instance="a", severity="page"} for 4m`,
    ]);
    const summary = `{exp_labels: {instance: a, severity: page}, exp_annotations: {summary: 'a is up', runbook: x}}`;
    expect(await failures(alerts('5m', summary))).toEqual([
      `name: outage,
alertname: Down, time: 5m
    differs:    {alertname="Down", instance="a", severity="page"}
      annotation more
        expected none
        got      "since 0"
      annotation runbook
        expected "x"
        got      none
      annotation summary
        expected "a is up"
        got      "a is down"`,
    ]);
    expect(await failures(alerts('5m', '{}').replace('Down', 'Dwon'))).toEqual([
      `name: outage,
alertname: Dwon, time: 5m
    missing:    {alertname="Dwon"}
    no rule of the files has an alert called Dwon`,
    ]);
  });

  it('say which samples are missing, unexpected or different', async () => {
    expect(
      await failures(`rule_files: [rules.yml]
tests:
- input_series: [{series: x, values: '7'}, {series: 'up{a="b"}', values: '1'}]
  promql_expr_test:
  - {expr: '{__name__=~"x|up:sum"}', exp_samples: [{labels: 'up:sum', value: 2}, {labels: 'y', value: .inf}]}
  - {expr: 'sum(', eval_time: 1m}
`),
    ).toEqual([
      `expr: "{__name__=~\\"x|up:sum\\"}", time: 0s
    differs:    up:sum
        expected 2
        got      1
    missing:    y +Inf
    unexpected: x 7`,
      expect.stringMatching(/^expr: "sum\(", time: 1m, err: 1:5: parse error: /),
    ]);
  });

  it('begin at the time they say', async () => {
    const test = (start: string): string => `tests:
- start_timestamp: ${start}
  input_series: [{series: x, values: '1 2 3'}]
  promql_expr_test:
  - {expr: time(), eval_time: 5m, exp_samples: [{value: 1704067500}]}
  - {expr: 'x @ 1704067260', eval_time: 5m, exp_samples: [{labels: x, value: 2}]}
`;
    expect(await failures(test('2024-01-01T00:00:00Z'))).toEqual([]);
    expect(await failures(test('1704067200'))).toEqual([]);
    expect(await failures(test('"2024-01-01T01:00:00+01:00"'))).toEqual([]);
    expect(await failures(test('yesterday'))).toEqual([
      '/test.yml: 2:20: neither a Unix time in seconds nor one as 2024-01-01T00:00:00Z: yesterday',
    ]);
  });

  it('take native histograms', async () => {
    const test = (expected: string): string => `tests:
- input_series:
  - {series: h, values: '{{schema:1 sum:3 count:3 buckets:[1 2]}}+{{sum:1 count:1 buckets:[1] schema:1}}x3 _ 5'}
  promql_expr_test:
  - {expr: h, eval_time: 2m, exp_samples: [{labels: h, histogram: '${expected}'}]}
  - {expr: histogram_count(h), eval_time: 3m, exp_samples: [{value: 6}]}
  - {expr: h, eval_time: 5m, exp_samples: [{labels: h, value: 5}]}
`;
    expect(await failures(test('{{schema:1 sum:5 count:5 buckets:[3 2]}}'))).toEqual([]);
    expect(
      await failures(test('{{count:5 sum:5 schema:1 buckets:[3 2] counter_reset_hint:not_reset}}')),
    ).toEqual([]);
    expect(
      await failures(test('{{schema:1 sum:5 count:5 buckets:[3 2] counter_reset_hint:gauge}}')),
    ).toHaveLength(1);
    expect(await failures(test('{{schema:1 sum:5 count:5 buckets:[2 3]}}'))).toHaveLength(1);
    expect(await failures(test('{{count}}'))).toEqual([expect.stringContaining('no histogram field')]);
  });

  it('compare numbers exactly, or but for the last bit', async () => {
    const test = (fuzzy: boolean, value: string): string => `fuzzy_compare: ${fuzzy}
tests: [{promql_expr_test: [{expr: '0.1 + 0.2', exp_samples: [{value: ${value}}]}]}]
`;
    expect(await failures(test(false, '0.3'))).toHaveLength(1);
    expect(await failures(test(true, '0.3'))).toEqual([]);
    expect(await failures(test(true, '0.31'))).toHaveLength(1);
  });

  it('take samples at the interval of evaluation where they name none', async () => {
    expect(
      await failures(`evaluation_interval: 30s
tests:
- input_series: [{series: x, values: '1 2 3'}]
  promql_expr_test: [{expr: timestamp(x), eval_time: 5m, exp_samples: [{value: 60}]}]
`),
    ).toEqual([]);
  });

  it('go over a year of minutes', async () => {
    expect(
      await failures(`rule_files: [rules.yml]
evaluation_interval: 12h
tests:
- interval: 1m
  input_series: [{series: 'up{instance="a"}', values: '0x525600'}]
  promql_expr_test: [{expr: 'count_over_time(up:sum[1y])', eval_time: 365d, exp_samples: [{value: 730}]}]
`),
    ).toEqual([]);
  });

  it('are refused with the place of what is wrong', async () => {
    expect(
      await failures(`rule_files: rules.yml
evaluation_intervall: 1m
group_eval_order: [a, a]
tests:
- interval: often
  alert_rule_test: [{eval_time: 1m, alert: x}]
  promql_expr_test: [{expr: x, exp_samples: [{value: much}]}]
`),
    ).toEqual([
      '/test.yml: 2:1: unknown field "evaluation_intervall"; did you mean "evaluation_interval"?',
      '/test.yml: 1:13: expected a list',
      '/test.yml: 3:19: group name repeated in evaluation order: a',
      '/test.yml: 5:13: not a valid duration string: "often"',
      '/test.yml: 6:37: unknown field "alert"; known here: eval_time, alertname, exp_alerts',
      '/test.yml: 7:54: expected a number',
    ]);
    expect(await failures('tests: [')).toEqual([expect.stringMatching(/^\/test\.yml: 1:\d+: /)]);
    const path = join(folder, 'nowhere.yml');
    expect((await testRules(path)).failures).toEqual([[expect.stringContaining('no such file')]]);
  });

  it('name a series that cannot be read, and rule files that are not there', async () => {
    expect(await failures("tests:\n- input_series: [{series: x, values: 'one'}]\n")).toEqual([
      '/test.yml:2: series "x": no value: "one"',
    ]);
    await writeFile(join(folder, 'test.yml'), 'rule_files: [none*.yml]\n');
    expect(await testRules(join(folder, 'test.yml'))).toEqual({
      failures: [],
      warnings: [`no file is named by ${join(folder, 'none*.yml')}`],
    });
  });
});
