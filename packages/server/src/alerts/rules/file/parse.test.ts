import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseRuleFile } from './parse.ts';
import { ruleProblemLine } from './problem.ts';

const problemsOf = (text: string): string[] => {
  const result = parseRuleFile('r.yml', text);
  return result.ok ? [] : result.problems.map(ruleProblemLine);
};

function groupsOf(text: string) {
  const result = parseRuleFile('r.yml', text);
  if (!result.ok) throw new Error(result.problems.map(ruleProblemLine).join('\n'));
  return result.groups;
}

const GOOD = `
groups:
  - name: all
    interval: 30s
    query_offset: 5s
    limit: 10
    labels: {team: shop, severity: info}
    rules:
      - record: job:up:sum
        expr: sum by(job)   (up)
        labels: {level: 1}
      - alert: Down
        expr: up == 0
        for: 5m
        keep_firing_for: 1m30s
        labels: {severity: critical}
        annotations:
          summary: "{{ $labels.job }} is down"
          runbook: http://x/y
`;

describe('groups over log lines', () => {
  const group = (rules: string): string => `groups:\n- name: g\n  language: logql\n  rules:\n${rules}`;

  it('have rules of the same shape, with expressions in LogQL', () => {
    const [read] = groupsOf(
      group(`  - alert: Failing
    expr: sum(rate({app="shop"} |= "error" [5m])) by (job) > 0.05
    for: 10m
    keep_firing_for: 5m
    labels: {severity: page}
    annotations: {summary: '{{ $labels.job }}: {{ $value }}'}
  - record: shop:errors:rate5m
    expr: sum(rate({app="shop"} |= "error" [5m]))
`),
    );
    expect(read?.language).toBe('logql');
    expect(read?.rules.map(({ kind, query, parsed }) => [kind, query, parsed.language])).toEqual([
      ['alerting', 'sum by (job) (rate({app="shop"} |= "error" [5m])) > 0.05', 'logql'],
      ['recording', 'sum(rate({app="shop"} |= "error" [5m]))', 'logql'],
    ]);
    expect(read?.rules[0]).toMatchObject({ forMs: 600_000, keepFiringForMs: 300_000 });
  });

  it("are all groups of a file of Loki's that do not say otherwise", () => {
    const file = (language: string): string =>
      `groups: [{name: g, ${language} rules: [{record: x, expr: 'count_over_time({a="b"} |= "c" [1m])'}]}]`;
    expect(parseRuleFile('l.yml', file(''), { language: 'logql' }).ok).toBe(true);
    expect(parseRuleFile('l.yml', file('language: promql,'), { language: 'logql' }).ok).toBe(false);
  });

  it.each([
    [
      'lines that nobody counts',
      group(`  - {alert: A, expr: '{app="shop"} |= "error"'}\n`),
      /^r\.yml: 5:22: group "g", rule 1, "A": could not parse expression: it selects log lines, /,
    ],
    [
      'what is no LogQL, with the place in it',
      group(`  - alert: A\n    expr: rate({app="shop"}[5m]) >\n`),
      /^r\.yml: 6:11: group "g", rule 1, "A": could not parse expression: parse error at line 1, col \d+: /,
    ],
    [
      'PromQL',
      group(`  - {alert: A, expr: 'up == 0'}\n`),
      /^r\.yml: 5:22: group "g", rule 1, "A": could not parse expression: parse error at line 1, col 1: /,
    ],
    [
      'a language that nobody speaks',
      'groups:\n- name: g\n  language: loqql\n',
      /^r\.yml: 3:13: group "g": unknown language "loqql"; did you mean "logql"\?$/,
    ],
  ])('refuse %s', (_, text, problem) => {
    expect(problemsOf(text)[0]).toMatch(problem);
  });

  it('PromQL groups refuse LogQL', () => {
    expect(
      problemsOf(`groups: [{name: g, rules: [{alert: A, expr: 'rate({app="a"} |= "x" [5m]) > 1'}]}]`),
    ).toHaveLength(1);
  });
});

describe('parseRuleFile', () => {
  it('reads groups, recording and alerting rules', () => {
    const [group] = groupsOf(GOOD);
    expect(group).toMatchObject({
      file: 'r.yml',
      name: 'all',
      intervalMs: 30_000,
      queryOffsetMs: 5000,
      limit: 10,
    });
    const [record, alert] = group?.rules ?? [];
    expect(record).toMatchObject({ kind: 'recording', name: 'job:up:sum', query: 'sum by (job) (up)' });
    expect([...(record?.labels ?? [])]).toEqual([
      ['level', '1'],
      ['severity', 'info'],
      ['team', 'shop'],
    ]);
    expect(alert).toMatchObject({
      kind: 'alerting',
      name: 'Down',
      query: 'up == 0',
      forMs: 300_000,
      keepFiringForMs: 90_000,
    });
    expect([...(alert?.labels ?? [])]).toEqual([
      ['severity', 'critical'],
      ['team', 'shop'],
    ]);
    if (alert?.kind !== 'alerting') throw new Error('no alert');
    expect([...alert.annotations]).toEqual([
      ['runbook', 'http://x/y'],
      ['summary', '{{ $labels.job }} is down'],
    ]);
    expect([...alert.annotationTemplates].map(([name, { isConstant }]) => [name, isConstant])).toEqual([
      ['runbook', true],
      ['summary', false],
    ]);
  });

  it.each([
    ['an empty file', ''],
    ['nothing but comments', '# rules\n'],
    ['no groups', 'groups:\n'],
    ['an empty list', 'groups: []'],
    ['a group without rules', 'groups: [{name: a}]'],
    ['an expression that is a number', 'groups: [{name: a, rules: [{record: x, expr: 1}]}]'],
    ['names in UTF-8', 'groups: [{name: a, rules: [{record: "größe.x", expr: up, labels: {"a.b": c}}]}]'],
    [
      'empty fields',
      'groups: [{name: a, interval: , rules: [{alert: A, expr: up, for: , labels: , annotations: }]}]',
    ],
    ['zero durations', 'groups: [{name: a, interval: 0s, rules: [{alert: A, expr: up, for: 0s}]}]'],
    ['a negative limit', 'groups: [{name: a, limit: -1}]'],
    [
      'anchors and merged mappings',
      'groups:\n- name: a\n  rules:\n  - &base {alert: A, expr: up, labels: &l {x: y}}\n  - {<<: *base, alert: B, labels: *l}\n',
    ],
  ])('takes %s', (_, text) => {
    expect(problemsOf(text)).toEqual([]);
  });

  it('merges what is merged below what is written', () => {
    const [group] = groupsOf(
      'groups:\n- name: a\n  rules:\n  - &base {alert: A, expr: up, for: 1m}\n  - {<<: *base, alert: B}\n',
    );
    expect(group?.rules.map((rule) => [rule.name, rule.kind === 'alerting' && rule.forMs])).toEqual([
      ['A', 60_000],
      ['B', 60_000],
    ]);
  });

  it.each([
    ['groups: [{name: ""}]', 'r.yml: 1:10: Groupname must not be empty'],
    ['groups:\n- name: a\n- name: a\n', 'r.yml: 3:3: groupname: "a" is repeated in the same file'],
    ['groups: [{nane: a, name: b}]', 'r.yml: 1:11: unknown field "nane"; did you mean "name"?'],
    [
      'groups:\n- name: a\n  rules:\n  - alert: A\n    expr: up\n    four: 5m\n',
      'r.yml: 6:5: group "a", rule 1, "A": unknown field "four"; did you mean "for"?',
    ],
    ['group: []', 'r.yml: 1:1: unknown field "group"; did you mean "groups"?'],
    ['- a', 'r.yml: 1:1: expected a mapping with groups'],
    ['groups: {a: b}', 'r.yml: 1:9: expected a list'],
    [
      'groups:\n- name: a\n  rules:\n  - {record: x, alert: y, expr: up}\n',
      `r.yml: 4:14: group "a", rule 1, "y": only one of 'record' and 'alert' must be set`,
    ],
    [
      'groups:\n- name: a\n  rules:\n  - expr: up\n',
      `r.yml: 4:5: group "a", rule 1, "": one of 'record' or 'alert' must be set`,
    ],
    [
      'groups:\n- name: a\n  rules:\n  - alert: x\n',
      `r.yml: 4:5: group "a", rule 1, "x": field 'expr' must be set in rule`,
    ],
    [
      'groups:\n- name: a\n  rules:\n  - alert: x\n    expr: up ==\n',
      'r.yml: 5:11: group "a", rule 1, "x": could not parse expression: 1:6: parse error: unexpected end of input',
    ],
    [
      'groups:\n- name: a\n  rules:\n  - record: x\n    expr: up\n    annotations: {a: b}\n',
      `r.yml: 4:13: group "a", rule 1, "x": invalid field 'annotations' in recording rule`,
    ],
    [
      'groups:\n- name: a\n  rules:\n  - record: x\n    expr: up\n    for: 1m\n',
      `r.yml: 4:13: group "a", rule 1, "x": invalid field 'for' in recording rule`,
    ],
    [
      'groups:\n- name: a\n  rules:\n  - record: x\n    expr: up\n    keep_firing_for: 1m\n',
      `r.yml: 4:13: group "a", rule 1, "x": invalid field 'keep_firing_for' in recording rule`,
    ],
    [
      'groups:\n- name: a\n  rules:\n  - record: sum(x{a="b"})\n    expr: up\n',
      'r.yml: 4:13: group "a", rule 1, "sum(x{a=\\"b\\"})": braces present in the recording rule name; should it be in expr?: sum(x{a="b"})',
    ],
    [
      'groups:\n- name: a\n  rules:\n  - alert: x\n    expr: up\n    labels: {__name__: b}\n',
      'r.yml: 6:14: group "a", rule 1, "x": invalid label name: __name__',
    ],
    [
      'groups:\n- name: a\n  rules:\n  - alert: x\n    expr: up\n    annotations: {"": b}\n',
      'r.yml: 6:19: group "a", rule 1, "x": invalid annotation name: ',
    ],
    [
      'groups:\n- name: a\n  rules:\n  - alert: x\n    expr: up\n    for: 5 minutes\n',
      'r.yml: 6:10: group "a", rule 1, "x": not a valid duration string: "5 minutes"',
    ],
    [
      'groups:\n- name: a\n  rules:\n  - alert: x\n    expr: up\n    for: ""\n',
      'r.yml: 6:10: group "a", rule 1, "x": empty duration string',
    ],
    ['groups: [{name: a, limit: many}]', 'r.yml: 1:27: group "a": "many" is not a whole number'],
    [
      'groups:\n- name: a\n  rules:\n  - alert: x\n    expr: up\n    labels: [b]\n',
      'r.yml: 6:13: group "a", rule 1, "x": expected a mapping of names to texts',
    ],
    [
      'groups:\n- name: a\n  rules:\n  - alert: x\n    expr: [up]\n',
      'r.yml: 5:11: group "a", rule 1, "x": expected a text',
    ],
    [
      'groups:\n- name: a\n  rules:\n  - alert: x\n    expr: up\n    annotations:\n      s: "{{ $label.job }}"\n',
      'r.yml: 7:10: group "a", rule 1, "x": annotation "s": template: __alert_x:1: undefined variable "$label"',
    ],
    [
      'groups:\n- name: a\n  rules:\n  - alert: x\n    expr: up\n    labels: {s: "{{ nope }}"}\n',
      'r.yml: 6:17: group "a", rule 1, "x": label "s": template: __alert_x:1: function "nope" not defined',
    ],
    ['groups: [{name: *nope}]', 'r.yml: 1:17: unknown anchor "nope"'],
  ])('refuses %j', (text, problem) => {
    expect(problemsOf(text)).toContain(problem);
  });

  it('refuses what is no YAML, with its place', () => {
    expect(problemsOf('groups:\n  - name: "a\n')[0]).toMatch(/^r\.yml: \d+:\d+: /);
    expect(problemsOf('groups: []\ngroups: []\n')[0]).toMatch(/^r\.yml: 2:1: /);
  });

  it('says everything that is wrong', () => {
    expect(
      problemsOf('groups:\n- name: a\n  rules:\n  - alert: x\n    expr: up ==\n  - record: y\n    expr: (\n'),
    ).toHaveLength(2);
  });

  it('bounds what aliases of aliases come to', () => {
    const levels = Array.from({ length: 8 }, (_, i) =>
      i === 0
        ? '  - &a0 {alert: x, expr: up}'
        : `  - &a${i} {<<: [${Array.from({ length: 12 }, () => `*a${i - 1}`).join(', ')}]}`,
    );
    expect(problemsOf(`groups:\n- name: a\n  rules:\n${levels.join('\n')}\n`)[0]).toContain(
      'more than 1000000 values',
    );
  });

  it('reads the rules of system C as they are', () => {
    const text = readFileSync(new URL('../testdata/system-c.yml', import.meta.url), 'utf8');
    expect(groupsOf(text)[0]?.rules.map(({ name, query }) => [name, query])).toEqual([
      ['ServiceDown', 'service_health_status == 0'],
      ['HighErrorRate', 'rate(http_requests_total{status=~"5.."}[5m]) > 0.05'],
    ]);
  });
});
