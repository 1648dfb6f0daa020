import { afterEach, describe, expect, it } from 'vitest';
import { groupKey } from './definition.ts';
import { slotsOf } from './schedule.ts';
import type { OutgoingAlert } from './state/sending.ts';
import { RulesBench } from './testing/bench.ts';
import { ruleViews } from './views.ts';

const MINUTE = 60_000;
let bench: RulesBench;
afterEach(() => bench.close());

const DOWN = (how: string): string => `
groups:
- name: g
  rules:
  - alert: Down
    expr: up == 0
    ${how}
    labels: {severity: "{{ if eq $labels.job \\"a\\" }}critical{{ end }}"}
    annotations: {summary: "{{ $labels.job }} at {{ $externalLabels.site }}: {{ $value }}"}
`;

/** State and summary of each alert. */
const alerts = (): string[] =>
  bench.manager
    .groups()
    .flatMap(({ state }) => state.rules)
    .flatMap((rule) => [...rule.alerts.values()])
    .map(({ state, annotations }) => `${state} ${annotations.get('summary')}`);

const views = () => ruleViews(bench.manager.groups());

describe('recording rules', () => {
  it('read what those before them in the group have just written', async () => {
    bench = await RulesBench.start({
      'a.yml': 'groups: [{name: g, rules: [{record: x, expr: up * 2}, {record: y, expr: sum(x) + 1}]}]',
    });
    await bench.sample('up', 3, { job: 'a' });
    await bench.pass(MINUTE);
    expect([bench.newest('x'), bench.newest('y')]).toEqual([['{job="a"} 6'], ['{} 7']]);
  });

  it('end the series they do not have any more', async () => {
    bench = await RulesBench.start({ 'a.yml': 'groups: [{name: g, rules: [{record: x, expr: up > 0}]}]' });
    await bench.sample('up', 1);
    await bench.pass(MINUTE);
    await bench.sample('up', 0);
    await bench.pass(MINUTE);
    expect(bench.sink.of('x').map((line) => line.replace(/@.*/, ''))).toEqual(['1', 'stale']);
  });

  it('take numbers, and fail in words for what is neither vector nor number', async () => {
    bench = await RulesBench.start({
      'a.yml':
        'groups: [{name: g, rules: [{record: n, expr: 1 + 1}, {record: t, expr: \'"text"\'}, {record: d, expr: \'label_replace(up, "job", "", "", "")\'}]}]',
    });
    await bench.sample('up', 1, { job: 'a' });
    await bench.sample('up', 1, { job: 'b' });
    await bench.pass(MINUTE);
    expect(bench.newest('n')).toEqual(['{} 2']);
    expect(views()[0]?.rules.map(({ health, lastError }) => [health, lastError])).toEqual([
      ['ok', null],
      ['err', 'rule result is not a vector or scalar'],
      ['err', expect.stringContaining('same labelset')],
    ]);
  });

  it('write at the time of their queries, which an offset puts back', async () => {
    bench = await RulesBench.start({
      'a.yml': 'groups: [{name: g, query_offset: 30s, rules: [{record: x, expr: up}]}]',
    });
    await bench.sample('up', 1);
    await bench.pass(3 * MINUTE);
    const [group] = bench.manager.groups();
    const { offsetMs } = slotsOf(groupKey(group?.group ?? { file: '', name: '' }), MINUTE);
    const times = bench.sink.samples
      .filter(({ labels }) => labels.metricName === 'x')
      .map(({ timestamp }) => timestamp);
    expect(times.length).toBeGreaterThanOrEqual(2);
    for (const time of times) expect((time + 30_000 - offsetMs) % MINUTE).toBe(0);
  });
});

describe('alerting rules', () => {
  it('go from pending to firing to over, tell of it, and write it down', async () => {
    bench = await RulesBench.start({ 'a.yml': DOWN('for: 2m') }, { externalLabels: { site: 's1' } });
    await bench.sample('up', 0, { job: 'a' });
    await bench.pass(MINUTE);
    expect([alerts(), bench.sent, bench.newest('ALERTS')]).toEqual([['pending a at s1: 0'], [], []]);
    await bench.pass(2 * MINUTE);
    expect([alerts(), bench.newest('ALERTS')]).toEqual([
      ['firing a at s1: 0'],
      ['{alertname="Down", alertstate="firing", job="a", severity="critical"} 1'],
    ]);
    expect(bench.newest('ALERTS_FOR_STATE')).toEqual([
      expect.stringMatching(/^\{alertname="Down", job="a", severity="critical"\} \d{10}$/),
    ]);
    const [told] = bench.sent;
    expect(told).toMatchObject({ isResolved: false, annotations: new Map([['summary', 'a at s1: 0']]) });
    expect(told?.labels).toEqual(
      new Map([
        ['site', 's1'],
        ['alertname', 'Down'],
        ['job', 'a'],
        ['severity', 'critical'],
      ]),
    );
    expect(told?.generatorUrl).toBe('http://pharos.example/base/graph?g0.expr=up+%3D%3D+0&g0.tab=1');
    await bench.sample('up', 1, { job: 'a' });
    await bench.pass(MINUTE);
    expect([alerts(), bench.newest('ALERTS'), bench.newest('ALERTS_FOR_STATE')]).toEqual([
      ['inactive a at s1: 0'],
      [],
      [],
    ]);
    expect(bench.sent.at(-1)).toMatchObject({ isResolved: true, startsAt: told?.startsAt });
    await bench.pass(17 * MINUTE);
    expect(alerts()).toEqual([]);
  });

  it('go on being told of when their labels become equal to others, which is no end', async () => {
    bench = await RulesBench.start({
      'a.yml': 'groups: [{name: g, rules: [{alert: Down, expr: up == 0, labels: {job: same}}]}]',
    });
    await bench.sample('up', 0, { job: 'a' });
    await bench.pass(MINUTE);
    await bench.sample('up', 0, { job: 'a' });
    await bench.sample('up', 0, { job: 'b' });
    await bench.pass(MINUTE);
    const told = bench.sent.length;
    expect(views()[0]?.rules[0]).toMatchObject({ health: 'err', state: 'firing' });
    await bench.pass(3 * MINUTE);
    expect(bench.sent.length).toBeGreaterThan(told);
    expect(bench.sent.filter(({ isResolved }) => isResolved)).toEqual([]);
  });

  it('keep firing for as long as they are told to', async () => {
    bench = await RulesBench.start({ 'a.yml': DOWN('keep_firing_for: 2m') });
    await bench.sample('up', 0, { job: 'a' });
    await bench.pass(3 * MINUTE);
    await bench.sample('up', 1, { job: 'a' });
    await bench.pass(2 * MINUTE);
    expect(views()[0]?.rules[0]).toMatchObject({ type: 'alerting', state: 'firing' });
    await bench.pass(MINUTE);
    expect(alerts()).toEqual(['inactive a at : 0']);
  });

  it('that come to more alerts than the limit fail, and fire none', async () => {
    bench = await RulesBench.start({
      'a.yml': DOWN('for: 0s').replace('- name: g', '- name: g\n  limit: 1'),
    });
    await bench.sample('up', 0, { job: 'a' });
    await bench.sample('up', 0, { job: 'b' });
    await bench.pass(MINUTE);
    expect([alerts(), bench.sent]).toEqual([[], []]);
    expect(views()[0]?.rules[0]).toMatchObject({
      health: 'err',
      lastError: 'exceeded limit of 1 with 2 alerts',
    });
  });

  it('may ask queries in their templates', async () => {
    bench = await RulesBench.start({
      'a.yml': `groups: [{name: g, rules: [{record: x, expr: sum(up)}, {alert: A, expr: up == 0, annotations: {summary: '{{ query "x" | first | value }} of {{ query "count(up)" | first | value }} up'}}]}]`,
    });
    await bench.sample('up', 0, { job: 'a' });
    await bench.sample('up', 1, { job: 'b' });
    await bench.pass(MINUTE);
    expect(alerts()).toEqual(['firing 1 of 2 up']);
  });

  it('goes on where an earlier process was, without the time nobody looked', async () => {
    bench = await RulesBench.start({ 'a.yml': DOWN('for: 30m') });
    const earlier = bench;
    for (let i = 0; i < 12; i++) {
      await bench.sample('up', 0, { job: 'a' });
      await bench.pass(MINUTE);
    }
    const activeBefore =
      [...(bench.manager.groups()[0]?.state.rules[0]?.alerts.values() ?? [])][0]?.activeAt ?? 0;
    const written = bench.sink.samples
      .filter(({ labels }) => labels.metricName === 'ALERTS_FOR_STATE')
      .at(-1);
    const { sink } = bench;
    await earlier.close();
    bench = await RulesBench.start({ 'a.yml': DOWN('for: 30m') }, {}, { sink, aheadMs: 20 * MINUTE });
    await bench.sample('up', 0, { job: 'a' });
    await bench.pass(2 * MINUTE);
    const alert = [...(bench.manager.groups()[0]?.state.rules[0]?.alerts.values() ?? [])][0];
    const gap = bench.clock.now() - (written?.timestamp ?? 0);
    // Written in whole seconds; taken over up to a step of this test, and up to an interval, before now.
    expect(alert?.activeAt).toBeLessThanOrEqual(activeBefore + gap);
    expect(alert?.activeAt).toBeGreaterThan(activeBefore + gap - MINUTE - 16_000);
    expect(alert?.state).toBe('pending');
  });
});

it('what fired before a restart goes on firing where it still holds, however short its `for` is', async () => {
  bench = await RulesBench.start({ 'a.yml': DOWN('for: 3m') });
  const earlier = bench;
  for (let i = 0; i < 6; i++) {
    await bench.sample('up', 0, { job: 'a' });
    await bench.pass(MINUTE);
  }
  const [fired] = earlier.sent.slice(-1);
  await earlier.close();
  const { sink } = earlier;
  bench = await RulesBench.start(
    { 'a.yml': DOWN('for: 3m') },
    {},
    { sink, aheadMs: 8 * MINUTE, told: [fired] },
  );
  await bench.sample('up', 0, { job: 'a' });
  await bench.pass(MINUTE);
  expect(bench.sent.at(-1)).toMatchObject({
    labels: fired?.labels,
    startsAt: fired?.startsAt,
    isResolved: false,
  });
  expect(bench.sent.at(-1)?.endsAt).toBeGreaterThan(bench.clock.now());
});

it('what fired before a restart is told of at once, however long the first evaluation is in coming', async () => {
  const daily = DOWN('for: 0s').replace('- name: g', '- name: g\n  interval: 12h');
  const fired: OutgoingAlert = {
    labels: new Map([
      ['alertname', 'Down'],
      ['job', 'b'],
    ]),
    annotations: new Map([['summary', 's']]),
    startsAt: 0,
    endsAt: Number.MAX_SAFE_INTEGER,
    isResolved: false,
    generatorUrl: 'http://old.example/graph?g0.expr=up+%3D%3D+0&g0.tab=1',
  };
  const over = { ...fired, labels: new Map([...fired.labels, ['job', 'c']]), endsAt: 1 };
  bench = await RulesBench.start({ 'a.yml': daily }, {}, { told: [fired, over] });
  await bench.settle();
  expect(bench.sent).toMatchObject([{ labels: fired.labels, annotations: fired.annotations, startsAt: 0 }]);
  expect(bench.sent[0]?.endsAt).toBe(bench.clock.now() + 48 * 60 * MINUTE);
  expect(views()[0]?.rules[0]?.lastEvaluation).toBeNull();
});

describe('rule files that change', () => {
  it('a broken one changes nothing, and says what is wrong', async () => {
    bench = await RulesBench.start({ 'a.yml': DOWN('for: 2m') });
    await bench.write({ 'b.yml': 'groups: [{name: g, rules: [{alert: X, expr: up ==}]}]' });
    expect(await bench.reload()).toEqual([
      expect.stringMatching(/b\.yml: 1:\d+: group "g", rule 1, "X": could not parse expression: /),
    ]);
    await bench.sample('up', 0, { job: 'a' });
    await bench.pass(MINUTE);
    expect(alerts()).toEqual(['pending a at : 0']);
  });

  it('a broken one at the start is refused', async () => {
    bench = await RulesBench.start({});
    await bench.write({ 'b.yml': 'groups: {' });
    expect(await bench.reload()).toHaveLength(1);
    await expect(RulesBench.start({ 'b.yml': 'groups: {' })).rejects.toMatchObject({ code: 'rules.refused' });
  });

  it('an alert goes on through a change of everything but its name and labels', async () => {
    bench = await RulesBench.start({ 'a.yml': DOWN('for: 10m') });
    await bench.sample('up', 0, { job: 'a' });
    await bench.pass(3 * MINUTE);
    await bench.write({ 'a.yml': DOWN('for: 2m').replace('summary: "', 'summary: "new: ') });
    expect(await bench.reload()).toEqual([]);
    await bench.pass(MINUTE);
    expect(alerts()).toEqual(['firing new: a at : 0']);
  });

  it('a group that did not change is not touched', async () => {
    bench = await RulesBench.start({ 'a.yml': DOWN('for: 10m') });
    const [before] = bench.manager.groups();
    await bench.write({ 'b.yml': 'groups: [{name: other}]' });
    expect(await bench.reload({ externalLabels: { site: 'new' } })).toEqual([]);
    expect(bench.manager.groups()[0]).toBe(before);
    await bench.sample('up', 0, { job: 'a' });
    await bench.pass(MINUTE);
    expect(alerts()).toEqual(['pending a at new: 0']);
  });

  it('the series of a group that is gone end after two intervals', async () => {
    bench = await RulesBench.start({ 'a.yml': 'groups: [{name: g, rules: [{record: x, expr: up}]}]' });
    await bench.sample('up', 1);
    await bench.pass(MINUTE);
    await bench.remove('a.yml');
    await bench.reload();
    expect([bench.manager.groups(), bench.newest('x')]).toEqual([[], ['{} 1']]);
    await bench.pass(2 * MINUTE);
    expect(bench.newest('x')).toEqual([]);
    expect(await bench.telemetry.expose()).not.toContain('a.yml;g');
  });

  it('the series of a rule that is gone end with the next evaluation', async () => {
    const file = (rules: string): string => `groups: [{name: g, rules: [${rules}]}]`;
    bench = await RulesBench.start({ 'a.yml': file('{record: x, expr: up}, {record: y, expr: up}') });
    await bench.sample('up', 1);
    await bench.pass(MINUTE);
    await bench.write({ 'a.yml': file('{record: y, expr: up}') });
    await bench.reload();
    await bench.pass(MINUTE);
    expect([bench.newest('x'), bench.newest('y')]).toEqual([[], ['{} 1']]);
  });

  it('takes an interval for the groups that name none', async () => {
    bench = await RulesBench.start({ 'a.yml': 'groups: [{name: a}, {name: b, interval: 10s}]' });
    await bench.reload({ intervalMs: 30_000 });
    expect(views().map(({ name, intervalMs }) => [name, intervalMs])).toEqual([
      ['a', 30_000],
      ['b', 10_000],
    ]);
  });
});

it('what cannot be stored makes a rule fail, and the next evaluation is as good as ever', async () => {
  bench = await RulesBench.start({ 'a.yml': 'groups: [{name: g, rules: [{record: x, expr: up}]}]' });
  await bench.sample('up', 1);
  bench.sink.failWith = new Error('the disk is full');
  await bench.pass(MINUTE);
  expect(views()[0]?.rules[0]).toMatchObject({ health: 'err', lastError: 'the disk is full' });
  bench.sink.failWith = null;
  await bench.pass(MINUTE);
  expect(views()[0]?.rules[0]).toMatchObject({ health: 'ok', lastError: null });
  expect(bench.newest('x')).toEqual(['{} 1']);
});

it('a rule is unknown before its first evaluation', async () => {
  bench = await RulesBench.start({ 'a.yml': DOWN('for: 1m') });
  expect(views()[0]?.rules[0]).toMatchObject({ state: 'unknown', health: 'unknown', lastEvaluation: null });
});

describe('rule files that are made and not read', () => {
  const file = (expr: string) => ({ groups: [{ name: 'g', rules: [{ record: 'made', expr }] }] });

  it('stand beside the others, under their own name, and change with a reload', async () => {
    bench = await RulesBench.start(
      { 'a.yml': 'groups: [{name: g, rules: [{record: x, expr: up}]}]' },
      { made: { own: file('up + 1') } },
    );
    await bench.sample('up', 1);
    await bench.pass(MINUTE);
    expect([bench.newest('x'), bench.newest('made')]).toEqual([['{} 1'], ['{} 2']]);
    expect(views().map(({ file: of }) => of)).toContain('own');
    await bench.reload({ made: { own: file('up + 2') } });
    await bench.sample('up', 1);
    await bench.pass(MINUTE);
    expect(bench.newest('made')).toEqual(['{} 3']);
  });

  it('are refused with their name when they are none', async () => {
    bench = await RulesBench.start({ 'a.yml': 'groups: [{name: g}]' });
    expect(await bench.reload({ made: { own: file('up +') } })).toEqual([
      expect.stringMatching(/^own: .*could not parse expression/),
    ]);
  });
});
