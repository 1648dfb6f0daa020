import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { peerBinary } from '../support/peers.ts';
import { runPharos } from '../support/pharos.ts';

const promtool = await peerBinary('promtool');
if (promtool.path === null) console.log(`skipped: ${promtool.reason}`);

/**
 * Good and bad rule files, by what is special in them: what promtool says of each, Pharos says too. Debian's promtool 2.42 refuses names
 * that Prometheus 3 takes (`"x y"`, `a-b`) and has no `query_offset` and no labels of groups; unit tests hold those.
 */
const FILES: Readonly<Record<string, string>> = {
  good: `groups:
- name: shop
  rules:
  - {record: 'job:level:sum', expr: sum by (job) (level)}
  - alert: Empty
    expr: job:level:sum == 0
    for: 2s
    labels: {severity: critical}
    annotations: {summary: '{{ $labels.job }} at {{ $externalLabels.site }}: {{ query "count(level)" | first | value }}'}
`,
  empty: '',
  'no groups': 'groups: []\n',
  'no rules': 'groups: [{name: a}]\n',
  'two groups of one name': 'groups: [{name: a}, {name: a}]\n',
  'a group without a name': 'groups: [{rules: []}]\n',
  'an unknown field': 'groups: [{name: a, rules: [{alert: x, expr: up, severity: page}]}]\n',
  'no expression': 'groups: [{name: a, rules: [{alert: x}]}]\n',
  'a broken expression': 'groups: [{name: a, rules: [{alert: x, expr: up ==}]}]\n',
  'both kinds at once': 'groups: [{name: a, rules: [{alert: x, record: y, expr: up}]}]\n',
  'neither kind': 'groups: [{name: a, rules: [{expr: up}]}]\n',
  'annotations of a recording rule':
    'groups: [{name: a, rules: [{record: x, expr: up, annotations: {a: b}}]}]\n',
  'for of a recording rule': 'groups: [{name: a, rules: [{record: x, expr: up, for: 1m}]}]\n',
  'for of no duration': 'groups: [{name: a, rules: [{alert: x, expr: up, for: 5 minutes}]}]\n',
  'a number for a duration': 'groups: [{name: a, rules: [{alert: x, expr: up, for: 5}]}]\n',
  'zero for a duration': 'groups: [{name: a, rules: [{alert: x, expr: up, for: 0}]}]\n',
  'the name of metrics as a label':
    'groups: [{name: a, rules: [{alert: x, expr: up, labels: {__name__: b}}]}]\n',
  'a broken template': `groups: [{name: a, rules: [{alert: x, expr: up, labels: {a: '{{ .x'}}]}]\n`,
  'a function that is not there': `groups: [{name: a, rules: [{alert: x, expr: up, annotations: {a: '{{ nope 1 }}'}}]}]\n`,
  'a variable that is not there': `groups: [{name: a, rules: [{alert: x, expr: up, annotations: {a: '{{ $nope }}'}}]}]\n`,
  'templates within templates': `groups: [{name: a, rules: [{alert: x, expr: up, annotations: {a: '{{ define "x" }}y{{ end }}{{ template "x" . }}'}}]}]\n`,
  'a number for a text': 'groups: [{name: a, rules: [{alert: x, expr: 1, labels: {a: 2}}]}]\n',
  'a list for a text': 'groups: [{name: a, rules: [{alert: x, expr: [up]}]}]\n',
  'no YAML': 'groups: [{name: a\n',
  'the same key twice': 'groups: []\ngroups: []\n',
  anchors: 'groups:\n- name: a\n  rules:\n  - &b {alert: x, expr: up}\n  - {<<: *b, alert: y}\n',
  'a limit': 'groups: [{name: a, limit: 5, interval: 1m, rules: [{record: x, expr: up}]}]\n',
  'a limit that is a text': 'groups: [{name: a, limit: many}]\n',
  'no mapping': 'just a text\n',
  'groups that are no list': 'groups: {name: a}\n',
  'an unknown field of the file': 'groups: []\nrules: []\n',
  'an unknown field of a group': 'groups: [{name: a, every: 1m}]\n',
  'a group that is nothing': 'groups: [null]\n',
  'two documents': 'groups: []\n---\ngroups: nothing\n',
  'a comment alone': '# nothing yet\n',
  'an interval of no duration': 'groups: [{name: a, interval: often}]\n',
  'an interval below zero': 'groups: [{name: a, interval: -1m}]\n',
  'a limit below zero': 'groups: [{name: a, limit: -1, rules: [{record: x, expr: up}]}]\n',
  keep_firing_for: 'groups: [{name: a, rules: [{alert: x, expr: up, for: 1m, keep_firing_for: 1h30m}]}]\n',
  'keep_firing_for of a recording rule':
    'groups: [{name: a, rules: [{record: x, expr: up, keep_firing_for: 1m}]}]\n',
  'units out of order': 'groups: [{name: a, rules: [{alert: x, expr: up, for: 5m1h}]}]\n',
  'a recording rule named by a selector': `groups: [{name: a, rules: [{record: 'x{a="b"}', expr: up}]}]\n`,
  'an alert with a space in its name': 'groups: [{name: a, rules: [{alert: "x y", expr: up}]}]\n',
  'an empty label': 'groups: [{name: a, rules: [{alert: x, expr: up, labels: {a: ""}}]}]\n',
  'a range as expression': 'groups: [{name: a, rules: [{record: x, expr: "up[5m]"}]}]\n',
  'a text as expression': `groups: [{name: a, rules: [{record: x, expr: '"up"'}]}]\n`,
  'an empty selector': 'groups: [{name: a, rules: [{record: x, expr: "{}"}]}]\n',
  'an unknown function': 'groups: [{name: a, rules: [{record: x, expr: "nope(up)"}]}]\n',
  'a template that fails only when it runs': `groups: [{name: a, rules: [{alert: x, expr: up, annotations: {a: '{{ humanize "x" }}'}}]}]\n`,
  'an end too much': `groups: [{name: a, rules: [{alert: x, expr: up, annotations: {a: '{{ end }}'}}]}]\n`,
  'a template of every function': `groups: [{name: a, rules: [{alert: x, expr: up, annotations: {a: '{{ range query "up" | sortByLabel "job" }}{{ .Labels.job | title | toUpper }} {{ .Value | humanize1024 }}{{ end }}{{ with $labels.job }}{{ . }}{{ else }}{{ $value | humanizeDuration }}{{ end }}'}}]}]\n`,
  'templates of a recording rule': `groups: [{name: a, rules: [{record: x, expr: up, labels: {a: '{{ .x'}}]}]\n`,
  'tabs in YAML': 'groups:\n\t- name: a\n',
};

/** How many rules each file has, or that it is refused, from what `check rules` writes of all of them. */
function verdicts(output: string, files: readonly string[]): (string | undefined)[] {
  const said = new Map<string, string>();
  for (const part of output.split('Checking ').slice(1)) {
    const [file = '', ...lines] = part.split('\n');
    const success = lines.map((line) => /SUCCESS: (\d+) rules found/.exec(line)?.[1]).find(Boolean);
    said.set(file, success ?? 'refused');
  }
  return files.map((file) => said.get(file));
}

function stdoutOf(program: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'ignore'] });
    let text = '';
    child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
    child.once('error', reject).once('close', () => resolve(text));
  });
}

describe.skipIf(promtool.path === null)('promtool agrees about a file with', () => {
  const names = Object.keys(FILES);
  let folder = '';
  let theirs: readonly (string | undefined)[] = [];
  let ours: readonly (string | undefined)[] = [];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'pharos-rule-files-'));
    const files = names.map((name) => join(folder, `${name.replaceAll(' ', '-')}.yml`));
    await Promise.all(names.map((name, i) => writeFile(files[i] ?? '', FILES[name] ?? '')));
    const args = ['check', 'rules', ...files];
    const [said, { output }] = await Promise.all([stdoutOf(promtool.path ?? '', args), runPharos(args)]);
    theirs = verdicts(said, files);
    ours = verdicts(output, files);
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it.each(names.map((name, i) => [name, i] as const))('%s', (_, i) => {
    expect(theirs[i]).toBeDefined();
    expect(ours[i]).toBe(theirs[i]);
  });
});
