import { spawn } from 'node:child_process';
import { mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { peerBinary } from '../support/peers.ts';
import { SERVER_ENTRY } from '../support/pharos.ts';

const promtool = await peerBinary('promtool');
if (promtool.path === null) console.log(`skipped: ${promtool.reason}`);

const RULES: Readonly<Record<string, string>> = {
  'rules.yml': `groups:
- name: first
  rules:
  - {record: 'job:up:sum', expr: sum by (job) (up)}
  - alert: Down
    expr: up == 0
    for: 5m
    labels: {severity: page}
    annotations:
      summary: '{{ $labels.instance }} of {{ $externalLabels.site }} is down'
      link: '{{ $externalURL }}/{{ $value | humanize }}'
  - alert: Keeps
    expr: up == 0
    keep_firing_for: 3m
  - alert: Counts
    expr: count(up) > 1
    annotations: {all: '{{ query "sum(up)" | first | value }}'}
  - {alert: Same, expr: up == 0, labels: {of: first}}
- name: second
  rules:
  - {record: twice, expr: 'job:up:sum * 2'}
  - {alert: Same, expr: up == 0, labels: {of: second}}
`,
  'order.yml': `groups:
- {name: b, rules: [{record: late, expr: early}]}
- {name: a, rules: [{record: early, expr: up}]}
`,
  'fails.yml': `groups: [{name: a, rules: [{record: x, expr: 'label_replace(up, "instance", "x", "", "")'}]}]\n`,
  'broken.yml': 'groups: [{name: a, rules: [{record: x, expr: sum(}]}]\n',
};

const UP = `input_series:
  - {series: 'up{job="a",instance="1"}', values: '1x2 0x10'}
  - {series: 'up{job="a",instance="2"}', values: '1x20'}`;

/** A file with one test over two series, of which one is down from the third minute on. */
function over(
  tests: string,
  more: { readonly file?: string; readonly test?: string; readonly rules?: string } = {},
): string {
  const indent = (text: string): string => text.replaceAll('\n', '\n  ');
  return `rule_files: [${more.rules ?? 'rules.yml'}]
${more.file ?? 'evaluation_interval: 1m'}
tests:
- interval: 1m
  ${indent(`${UP}\n${more.test === undefined ? '' : `${more.test}\n`}${tests}`)}
`;
}

const alert = (name: string, at: string, ...expected: string[]): string =>
  `alert_rule_test:\n  - {eval_time: ${at}, alertname: ${name}, exp_alerts: [${expected.join(', ')}]}`;
const expression = (expr: string, at: string, ...expected: string[]): string =>
  `promql_expr_test:\n  - {expr: '${expr}', eval_time: ${at}, exp_samples: [${expected.join(', ')}]}`;
/** A test over series of its own. */
const series = (lines: readonly string[], tests: string): string =>
  `tests:\n- interval: 1m\n  input_series: [${lines.join(', ')}]\n  ${tests.replaceAll('\n', '\n  ')}\n`;

const DOWN = `{exp_labels: {severity: page, job: a, instance: '1'}, exp_annotations: {summary: '1 of  is down', link: '/0'}}`;
const KEEPS = `{exp_labels: {job: a, instance: '1'}}`;

/** What promtool says of each, Pharos says too. Debian's 2.42 knows no native histograms, \`fuzzy_compare\` and \`start_timestamp\`; unit tests hold those. */
const FILES: Readonly<Record<string, string>> = {
  'an alert that fires': over(alert('Down', '8m', DOWN)),
  'an alert that is pending': over(alert('Down', '7m')),
  'an alert expected too early': over(alert('Down', '7m', DOWN)),
  'an alert not expected': over(alert('Down', '8m')),
  'another label': over(alert('Down', '8m', DOWN.replace('job: a', 'job: b'))),
  'another annotation': over(alert('Down', '8m', DOWN.replace('is down', 'is up'))),
  'an annotation left out': over(alert('Down', '8m', DOWN.replace(", link: '/0'", ''))),
  'an empty label expected': over(alert('Down', '8m', DOWN.replace('job: a', "job: a, zone: ''"))),
  'the name of the alert expected': over(
    alert('Down', '8m', DOWN.replace('job: a', 'job: a, alertname: Other')),
  ),
  'external labels and an address': over(
    alert('Down', '8m', DOWN.replace('1 of  is', '1 of here is').replace("'/0'", "'http://x/0'")),
    { test: 'external_labels: {site: here}\nexternal_url: http://x' },
  ),
  'a time between evaluations': over(alert('Down', '8m59s', DOWN)),
  'an alert nobody has': over(alert('Nobody', '8m')),
  'an alert nobody has, expected': over(alert('Nobody', '8m', KEEPS)),
  'an alert that keeps firing': over(alert('Keeps', '15m', KEEPS), { test: '' }),
  'an alert that has kept firing': over(alert('Keeps', '17m')),
  'an alert of two rules': over(
    alert(
      'Same',
      '4m',
      `{exp_labels: {job: a, instance: '1', of: second}}`,
      `{exp_labels: {job: a, instance: '1', of: first}}`,
    ),
  ),
  'an alert of two rules, one expected': over(
    alert('Same', '4m', `{exp_labels: {job: a, instance: '1', of: second}}`),
  ),
  'a query in a template': over(alert('Counts', '1m', "{exp_annotations: {all: '2'}}")),
  'no name of an alert': over('alert_rule_test:\n  - {eval_time: 1m}'),
  'a recording rule': over(expression('job:up:sum', '4m', `{labels: 'job:up:sum{job="a"}', value: 1}`)),
  'another value': over(expression('job:up:sum', '4m', `{labels: 'job:up:sum{job="a"}', value: 2}`)),
  'a value that is a text': over(
    expression('job:up:sum', '4m', `{labels: 'job:up:sum{job="a"}', value: '1'}`),
  ),
  'a sample too much': over(expression('up', '1m', `{labels: 'up{job="a",instance="1"}', value: 1}`)),
  'a sample too little': over(
    expression('job:up:sum', '4m', `{labels: 'job:up:sum{job="a"}', value: 1}`, `{labels: 'x', value: 1}`),
  ),
  'nothing expected and nothing there': over(expression('nothing', '4m')),
  'labels in another order': over(
    expression('up{instance="2"}', '4m', `{labels: 'up{ instance="2", job="a" }', value: 1}`),
  ),
  'labels that are none': over(expression('up', '4m', `{labels: 'up{job=a}', value: 1}`)),
  'a number alone': over(expression('1 + 1', '4m', `{value: 2}`)),
  'NaN, which equals nothing': over(expression('vector(NaN)', '4m', `{labels: '{}', value: .nan}`)),
  infinity: over(expression('vector(-Inf)', '4m', `{labels: '{}', value: -.inf}`)),
  'a range': over(expression('up[5m]', '4m')),
  'a broken expression': over(expression('sum(', '4m')),
  'the time': over(expression('time()', '4m30s', '{value: 270}')),
  ALERTS: over(
    expression(
      'ALERTS{alertname="Down"}',
      '4m',
      `{labels: 'ALERTS{alertname="Down",alertstate="pending",instance="1",job="a",severity="page"}', value: 1}`,
    ),
  ),
  'a subquery without a step': over(expression('count_over_time(vector(1)[290s:])', '10m', '{value: 10}'), {
    file: 'evaluation_interval: 30s',
  }),
  'a look ahead of the last evaluation': over(expression('up{instance="1"} offset -1m', '2m')),
  'a look ahead before the last evaluation': over(
    `promql_expr_test:\n  - {expr: 'up{instance="1"} offset -1m', eval_time: 2m, exp_samples: [{labels: 'up{job="a",instance="1"}', value: 0}]}\n  - {expr: nothing, eval_time: 5m}`,
  ),
  'groups in the wrong order': over(expression('late', '0m'), {
    rules: 'order.yml',
    file: 'group_eval_order: [b, a]',
  }),
  'groups in order': over(expression('count(late)', '0m', `{labels: '{}', value: 2}`), {
    rules: 'order.yml',
    file: 'group_eval_order: [a, b]',
  }),
  'a group twice in the order': over(expression('x', '0m'), { file: 'group_eval_order: [a, b, a]' }),
  'rule files by pattern': over(alert('Down', '8m', DOWN), { rules: "'r*.yml'" }),
  'rule files that are not there': over(expression('sum(up)', '0m', `{labels: '{}', value: 2}`), {
    rules: 'none.yml',
  }),
  'a rule that fails': over(expression('nothing', '2m'), { rules: 'fails.yml' }),
  'broken rules': over(expression('nothing', '2m'), { rules: 'broken.yml' }),
  'gaps and stale markers': series(
    [`{series: x, values: '1 _x2 stale 2+1x2'}`],
    `promql_expr_test:
- {expr: x, eval_time: 2m, exp_samples: [{labels: x, value: 1}]}
- {expr: x, eval_time: 3m}
- {expr: x, eval_time: 6m, exp_samples: [{labels: x, value: 4}]}`,
  ),
  'sums of steps': series(
    [`{series: 'x{a="b"}', values: '0-1.5x3 Inf NaN 1e3'}`],
    `promql_expr_test:
- {expr: x, eval_time: 3m, exp_samples: [{labels: 'x{a="b"}', value: -4.5}]}
- {expr: x, eval_time: 4m, exp_samples: [{labels: 'x{a="b"}', value: .inf}]}
- {expr: x, eval_time: 6m, exp_samples: [{labels: 'x{a="b"}', value: 1000}]}`,
  ),
  rates: series(
    [`{series: 'x_total', values: '0+60x10 0+60x10'}`],
    expression('rate(x_total[5m])', '20m', '{value: 1}'),
  ),
  'a series twice': series(
    [`{series: 'x', values: '1 2'}`, `{series: 'x', values: '3 4'}`],
    expression('x', '1m', '{labels: x, value: 4}'),
  ),
  'a label twice': series([`{series: 'x{a="1",a="2"}', values: '1'}`], expression('x', '0m')),
  'a broken series': series([`{series: 'x{', values: '1'}`], expression('x', '0m')),
  'values that are none': series([`{series: x, values: 'one'}`], expression('x', '0m')),
  'two tests, the second fails': `tests:
- {name: one, interval: 1m, promql_expr_test: [{expr: '1', exp_samples: [{value: 1}]}]}
- {name: two, interval: 1m, promql_expr_test: [{expr: '2', exp_samples: [{value: 1}]}, {expr: '1', exp_samples: [{value: 1}]}, {expr: '3', eval_time: 90m}]}
`,
  'no tests': 'rule_files: []\n',
  'an empty file': '',
  'an unknown field': `${over(alert('Down', '8m', DOWN))}  more: 1\n`,
  'an unknown field of the file': 'evaluation_intervall: 1m\n',
  'a broken duration': over(alert('Down', '8 minutes', DOWN)),
  'a number as a duration': over(alert('Down', '8', DOWN)),
  'no YAML': 'tests: [\n',
  'a list for a text': over(alert('[Down]', '8m')),
};

interface Verdict {
  readonly ok: boolean;
  /** What failed: alerts, expressions and rules, with the time of each. */
  readonly failed: readonly string[];
}

/** What a program says of each file; both streams go to one file, so that they stay in order. */
async function verdicts(
  program: string,
  args: readonly string[],
  files: readonly string[],
): Promise<readonly (Verdict | undefined)[]> {
  const path = join(folder, 'output.txt');
  const output = await open(`${path}.${args.length}`, 'w');
  await new Promise<void>((resolve, reject) => {
    const child = spawn(program, [...args, 'test', 'rules', ...files], {
      stdio: ['ignore', output.fd, output.fd],
    });
    child.once('error', reject).once('close', () => resolve());
  });
  await output.close();
  const text = await readFile(`${path}.${args.length}`, 'utf8');
  const said = new Map(
    text
      .split('Unit Testing:  ')
      .slice(1)
      .map((part): [string, Verdict] => {
        const [file = ''] = part.split('\n', 1);
        const failed = [
          ...part.matchAll(
            /^ *(?:alertname: (\S+), time: (\w+)|expr: "(.*)", time: (\w+)|rule: (\S+), time)/gm,
          ),
        ];
        return [
          file,
          {
            ok: part.includes('  SUCCESS'),
            failed: failed.map(([, ...parts]) => parts.filter(Boolean).join(' ')).sort(),
          },
        ];
      }),
  );
  return files.map((file) => said.get(file));
}

let folder = '';

describe.skipIf(promtool.path === null)('promtool and Pharos agree on a file of unit tests with', () => {
  const names = Object.keys(FILES);
  let theirs: readonly (Verdict | undefined)[] = [];
  let ours: readonly (Verdict | undefined)[] = [];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'pharos-rule-unit-tests-'));
    for (const [name, text] of Object.entries(RULES)) await writeFile(join(folder, name), text);
    const files = names.map((_, i) => join(folder, `test-${i}.yml`));
    await Promise.all(names.map((name, i) => writeFile(files[i] ?? '', FILES[name] ?? '')));
    [theirs, ours] = await Promise.all([
      verdicts(promtool.path ?? '', [], files),
      verdicts(process.execPath, [SERVER_ENTRY], files),
    ]);
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it.each(names.map((name, i) => [name, i] as const))('%s', (_, i) => {
    expect(theirs[i]).toBeDefined();
    expect(ours[i]).toEqual(theirs[i]);
  });

  it('of which some pass and some fail', () => {
    expect(theirs.filter((verdict) => verdict?.ok === true).length).toBeGreaterThan(20);
    expect(theirs.filter((verdict) => verdict?.ok === false).length).toBeGreaterThan(20);
  });
});
