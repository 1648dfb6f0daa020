import { Labels } from '@pharos/promql';
import { afterEach, describe, expect, it } from 'vitest';
import type { RuleSample } from './state/evaluate.ts';
import type { OutgoingAlert } from './state/sending.ts';
import { RulesBench } from './testing/bench.ts';
import { ruleViews } from './views.ts';

const MINUTE = 60_000;
const ERRORS = 'sum by (job) (count_over_time({app="shop"} |= "error" [5m]))';
const FAILING = `${ERRORS} > 10`;
const FILE = (how = 'for: 2m'): string => `
groups:
- name: lines
  rules:
  - {record: 'job:errors', expr: '${ERRORS}'}
  - alert: Failing
    expr: '${FAILING}'
    ${how}
    labels: {severity: page}
    annotations: {summary: '{{ $labels.job }}: {{ $value }} of {{ query "sum(up)" | first | value }}'}
`;

let bench: RulesBench;
afterEach(() => bench.close());

const sample = (value: number, job = 'a'): RuleSample => ({ labels: Labels.fromRecord({ job }), value });
/** So many lines are counted for job a; undefined for no answer at all. */
function lines(count: number | undefined): void {
  for (const query of [ERRORS, FAILING]) bench.logAnswers.delete(query);
  if (count === undefined) return;
  bench.logAnswers.set(ERRORS, [sample(count)]);
  bench.logAnswers.set(FAILING, count > 10 ? [sample(count)] : []);
}
const alerts = (): string[] =>
  bench.manager
    .groups()
    .flatMap(({ state }) => state.rules)
    .flatMap((rule) => [...rule.alerts.values()])
    .map(({ state, annotations }) => `${state} ${annotations.get('summary')}`);
const health = () => ruleViews(bench.manager.groups())[0]?.rules.map((rule) => [rule.health, rule.lastError]);

describe('rules over log lines', () => {
  it('live as rules over series do: pending, firing, over, each written down and told of', async () => {
    bench = await RulesBench.start({ 'a.loki': FILE() });
    await bench.sample('up', 3);
    lines(12);
    await bench.pass(MINUTE);
    expect([alerts(), bench.newest('job:errors')]).toEqual([['pending a: 12 of 3'], ['{job="a"} 12']]);
    await bench.pass(2 * MINUTE);
    expect([alerts(), bench.newest('ALERTS')]).toEqual([
      ['firing a: 12 of 3'],
      ['{alertname="Failing", alertstate="firing", job="a", severity="page"} 1'],
    ]);
    expect(bench.sent[0]).toMatchObject({
      isResolved: false,
      generatorUrl: `http://pharos.example/base/logs?q=${new URLSearchParams({ q: FAILING }).toString().slice(2)}`,
    });
    lines(3);
    await bench.pass(MINUTE);
    expect([alerts(), bench.newest('ALERTS'), bench.sent.at(-1)?.isResolved]).toEqual([
      ['inactive a: 12 of 3'],
      [],
      true,
    ]);
  });

  it('that cannot see say why, end nothing, and go on telling of what fires', async () => {
    bench = await RulesBench.start({ 'a.loki': FILE() });
    await bench.sample('up', 3);
    lines(12);
    await bench.pass(4 * MINUTE);
    lines(undefined);
    const before = bench.sent.length;
    await bench.pass(30 * MINUTE);
    expect(alerts()).toEqual(['firing a: 12 of 3']);
    expect(health()).toEqual([
      ['err', 'the engine is not available'],
      ['err', 'the engine is not available'],
    ]);
    const told = bench.sent.slice(before);
    expect(told.length).toBeGreaterThan(10);
    // Whoever was told takes it for firing until then: no gap is left in which it would be taken for over.
    for (const one of told) expect(one.isResolved).toBe(false);
    expect(told.at(-1)?.endsAt).toBeGreaterThan(bench.clock.now());
    lines(2);
    await bench.pass(MINUTE);
    expect([alerts(), bench.sent.at(-1)?.isResolved]).toEqual([['inactive a: 12 of 3'], true]);
  });

  it('that have no answer at first take over what an earlier process knew once they have', async () => {
    bench = await RulesBench.start({ 'a.loki': FILE('for: 30m') });
    await bench.sample('up', 3);
    lines(12);
    await bench.pass(20 * MINUTE);
    const first = bench;
    const [known] = [...(bench.manager.groups()[0]?.state.rules[1]?.alerts.values() ?? [])];
    const heldBefore = bench.clock.now() - (known?.activeAt ?? 0);
    await first.close();
    bench = await RulesBench.start(
      { 'a.loki': FILE('for: 30m') },
      {},
      { sink: first.sink, aheadMs: 20 * MINUTE },
    );
    lines(undefined);
    await bench.pass(5 * MINUTE);
    expect([alerts(), bench.newest('ALERTS_FOR_STATE').length]).toEqual([[], 1]);
    lines(12);
    await bench.pass(2 * MINUTE);
    const [alert] = [...(bench.manager.groups()[0]?.state.rules[1]?.alerts.values() ?? [])];
    // As long as it had, but for what the last writing and the last evaluation missed; the time in which nobody looked counts for nothing.
    const held = bench.clock.now() - (alert?.activeAt ?? 0);
    expect(alert?.state).toBe('pending');
    expect(held).toBeGreaterThan(heldBefore - 2 * MINUTE);
    expect(held).toBeLessThan(heldBefore + 2 * MINUTE);
  });

  describe('after a restart', () => {
    /** What fired when the earlier process ended, and so many minutes without an answer since. */
    async function restarted(
      minutes: number,
      file = FILE('for: 30m'),
      external = {},
    ): Promise<OutgoingAlert> {
      bench = await RulesBench.start({ 'a.loki': file }, { externalLabels: external });
      await bench.sample('up', 3);
      lines(12);
      await bench.pass(40 * MINUTE);
      const first = bench;
      const [told] = first.sent.filter(({ isResolved }) => !isResolved).slice(-1);
      await first.close();
      const aheadMs = 41 * MINUTE;
      const settings = { externalLabels: external };
      bench = await RulesBench.start({ 'a.loki': file }, settings, {
        sink: first.sink,
        aheadMs,
        told: [told],
      });
      lines(undefined);
      await bench.pass(minutes * MINUTE);
      return told;
    }

    it('they tell of what fired as long as they cannot see, and go on with it when they can', async () => {
      const { labels, annotations, startsAt, generatorUrl } = await restarted(30);
      expect(bench.sent.length).toBeGreaterThan(10);
      for (const one of bench.sent)
        expect(one).toMatchObject({ labels, annotations, startsAt, generatorUrl, isResolved: false });
      expect(bench.sent.at(-1)?.endsAt).toBeGreaterThan(bench.clock.now());
      // Nothing is written of what nobody has seen.
      expect(bench.newest('ALERTS')).toEqual([
        '{alertname="Failing", alertstate="firing", job="a", severity="page"} 1',
      ]);
      lines(14);
      await bench.sample('up', 3);
      for (let minute = 0; minute < 5; minute++) {
        await bench.pass(MINUTE);
        expect(alerts()).toEqual(['firing a: 14 of 3']);
      }
      expect(new Set(bench.sent.map((one) => `${one.isResolved} ${one.startsAt}`))).toEqual(
        new Set([`false ${startsAt}`]),
      );
      lines(2);
      await bench.pass(MINUTE);
      expect(bench.sent.at(-1)).toMatchObject({ labels, startsAt, isResolved: true });
    });

    it('what they do not see when they can runs out as it was told', async () => {
      await restarted(3);
      lines(2);
      const before = bench.sent.length;
      await bench.pass(MINUTE);
      expect(alerts()).toHaveLength(1);
      await bench.pass(5 * MINUTE);
      expect([alerts(), bench.sent.length]).toEqual([[], before]);
    });

    it('they know it by what others were told, whichever labels are external', async () => {
      const { startsAt } = await restarted(2, FILE('for: 1m'), { job: 'a', zone: 'z' });
      lines(12);
      await bench.sample('up', 3);
      await bench.pass(MINUTE);
      expect(alerts()).toEqual(['firing a: 12 of 3']);
      expect(bench.sent.at(-1)).toMatchObject({ startsAt, isResolved: false });
      await bench.pass(2 * MINUTE);
      expect(bench.newest('ALERTS')).toEqual([
        '{alertname="Failing", alertstate="firing", job="a", severity="page"} 1',
      ]);
    });

    it('a rule that asks something else takes nothing over', async () => {
      const told = [await restarted(0)];
      await bench.close();
      const other = FILE().replace('> 10', '> 9');
      bench = await RulesBench.start({ 'a.loki': other }, {}, { told });
      await bench.pass(2 * MINUTE);
      expect([alerts(), bench.sent]).toEqual([[], []]);
    });
  });

  it('fail beyond the limit of their group, and are refused when they only select lines', async () => {
    bench = await RulesBench.start({
      'a.loki': FILE('for: 0s').replace('- name: lines', '- name: lines\n  limit: 1'),
    });
    bench.logAnswers.set(ERRORS, []);
    bench.logAnswers.set(FAILING, [sample(11), sample(12, 'b')]);
    await bench.pass(MINUTE);
    expect(health()?.[1]).toEqual(['err', 'exceeded limit of 1 with 2 alerts']);
    await bench.write({ 'b.loki': `groups: [{name: b, rules: [{alert: B, expr: '{app="shop"}'}]}]` });
    expect(await bench.reload()).toEqual([expect.stringContaining('it selects log lines')]);
  });
});
