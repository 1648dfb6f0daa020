import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testRules } from '../alerts/index.ts';
import { RulesBench } from '../alerts/rules/testing/bench.ts';
import { slosSection } from './config.ts';
import { readFigures } from './figures.ts';
import { SLO_FILE, sloRuleFile } from './rules.ts';
import { NO_FIGURES, standingOf } from './status.ts';

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'pharos-slos-'));
});
afterAll(() => rm(directory, { recursive: true }));

const SLOS = [
  {
    name: 'order',
    service: 'order',
    objective: 99.9,
    labels: { team: 'shop' },
    ratio: {
      bad: 'rate(requests_total{service="order",status="500"}[$window])',
      total: 'rate(requests_total{service="order"}[$window])',
    },
  },
  {
    name: 'quiet',
    objective: 99.9,
    ratio: {
      good: 'rate(requests_total{service="quiet",status="200"}[$window])',
      total: 'rate(requests_total{service="quiet"}[$window])',
    },
    alerts: { least_bad: 20 },
  },
  { name: 'slow', objective: 90, latency: { histogram: 'duration_seconds', threshold: '300ms' } },
  {
    name: 'no-bucket',
    objective: 99,
    latency: { histogram: 'duration_seconds', threshold: '400ms' },
    alerts: { enabled: false },
  },
  { name: 'odd-bucket', objective: 99, latency: { histogram: 'duration_seconds', threshold: '450ms' } },
  {
    name: 'none',
    objective: 99,
    ratio: { bad: 'rate(nothing_bad[$window])', total: 'rate(nothing[$window])' },
  },
];

/** Every minute: order fails 2 of 100 from the tenth on; quiet has one request in all, and that fails. */
const SERIES = [
  ['requests_total{service="order",status="200"}', '0+100x10 1098+98x70'],
  ['requests_total{service="order",status="500"}', '_x10 0+2x70'],
  ['requests_total{service="quiet",status="200"}', '0x80'],
  ['requests_total{service="quiet",status="503"}', '0 0 0 0 0 0 0 1x73'],
  ['duration_seconds_bucket{le="0.3"}', '0+80x80'],
  ['duration_seconds_bucket{le="+Inf"}', '0+100x80'],
  ['duration_seconds_count', '0+100x80'],
];

async function failuresOf(test: object): Promise<readonly unknown[]> {
  await writeFile(join(directory, 'rules.yml'), JSON.stringify(sloRuleFile(slosSection.schema.parse(SLOS))));
  const path = join(directory, 'test.yml');
  const whole = {
    rule_files: ['rules.yml'],
    // Every minute says the same in five times the time.
    evaluation_interval: '5m',
    tests: [
      { interval: '1m', input_series: SERIES.map(([series, values]) => ({ series, values })), ...test },
    ],
  };
  await writeFile(path, JSON.stringify(whole));
  return (await testRules(path)).failures;
}
const asked = (expr: string, at: string, ...samples: readonly (readonly [string, number])[]) => ({
  expr,
  eval_time: at,
  exp_samples: samples.map(([labels, value]) => ({ labels, value })),
});

/** An alert that fires of these objectives. */
const firing = (alertname: string, at: string, ...slos: readonly string[]) =>
  asked(
    `count by (slo, severity) (ALERTS{alertname="${alertname}",alertstate="firing"})`,
    at,
    ...slos.map((labels) => [labels, 1] as const),
  );

describe('rules of objectives', () => {
  it('record shares of bad events, weighted by how many there were, and alert when both windows burn', async () => {
    const order = '{slo="order",service="order",team="shop"}';
    const thousandths = (window: string, slo: string) =>
      `round(1000 * slo:error_ratio:${window}{slo="${slo}"})`;
    const failures = await failuresOf({
      promql_expr_test: [
        asked(thousandths('5m', 'order'), '10m', [order, 0]),
        asked(thousandths('5m', 'order'), '75m', [order, 20]),
        asked(thousandths('1h', 'order'), '75m', [order, 20]),
        asked(thousandths('5m', 'slow'), '1h', ['{slo="slow"}', 200]),
        asked('round(1000 * slo:budget_remaining:ratio{slo="slow"})', '1h', ['{slo="slow"}', -1000]),
        asked('slo:objective:ratio{slo="slow"}', '1h', ['slo:objective:ratio{slo="slow"}', 0.9]),
        // A bucket that is none of the histogram's, and an indicator that answers nothing.
        asked('slo:error_ratio:5m{slo=~"no-bucket|none"}', '1h'),
        // Nothing happened: there is no share of it.
        asked('slo:error_ratio:5m{slo="quiet"}', '1h'),
        asked('slo:total:rate5m{slo="quiet"}', '1h', ['slo:total:rate5m{slo="quiet"}', 0]),
        // One request, and that failed: fewer than 20.
        asked(thousandths('5m', 'quiet'), '10m', ['{slo="quiet"}', 1000]),
        firing('SLOBudgetBurnFast', '10m'),
        firing('SLOBudgetBurnFast', '75m', '{slo="order",severity="critical"}'),
        firing(
          'SLOBudgetBurnSlow',
          '75m',
          '{slo="order",severity="warning"}',
          '{slo="slow",severity="warning"}',
        ),
        firing('SLODataMissing', '10m'),
        firing(
          'SLODataMissing',
          '20m',
          '{slo="none",severity="warning"}',
          '{slo="odd-bucket",severity="warning"}',
        ),
      ],
    });
    expect(failures).toEqual([]);
  });

  it('go on when the labels of an objective are changed', async () => {
    const before = '{slo="order",service="order",team="before"}';
    const recorded = ['bad:rate5m', 'total:rate5m', 'bad:tile5m', 'total:tile5m'].map((name) => [
      `slo:${name}${before}`,
      name.startsWith('bad') ? '0x40' : '0.05x40',
    ]);
    const one = (name: string) => asked(`count(slo:${name}{slo="order"})`, '75m', ['{}', 1]);
    const failures = await failuresOf({
      input_series: [...SERIES, ...recorded].map(([series, values]) => ({ series, values })),
      promql_expr_test: [
        ...['1h', '6h', '1d', 'window'].map((window) => one(`error_ratio:${window}`)),
        one('budget_remaining:ratio'),
        one('covered:ratio'),
        firing('SLOBudgetBurnFast', '75m', '{slo="order",severity="critical"}'),
      ],
    });
    expect(failures).toEqual([]);
  });
});

it('objectives are evaluated as any rules are: shares every minute, the budget every five', async () => {
  const slos = slosSection.schema.parse(SLOS.slice(0, 1));
  const bench = await RulesBench.start({}, { made: { [SLO_FILE]: sloRuleFile(slos) } });
  for (let minute = 0; minute < 12; minute++) {
    await bench.sample('requests_total', minute * 90, { service: 'order', status: '200' });
    await bench.sample('requests_total', minute * 10, { service: 'order', status: '500' });
    await bench.pass(60_000);
  }
  const own = '{service="order", slo="order", team="shop"}';
  const shareOf = (line: string | undefined): number => Number(line?.slice(own.length));
  expect(bench.newest('slo:error_ratio:5m')[0]).toContain(own);
  expect(shareOf(bench.newest('slo:error_ratio:5m')[0])).toBeCloseTo(0.1);
  expect(shareOf(bench.newest('slo:error_ratio:window')[0])).toBeCloseTo(0.1);
  expect(shareOf(bench.newest('slo:budget_remaining:ratio')[0])).toBeCloseTo(-99);
  const tiles = bench.sink.samples.filter(({ labels }) => labels.metricName === 'slo:total:tile5m');
  expect(tiles.length).toBeLessThanOrEqual(3);
  expect(bench.sent.map(({ labels }) => labels.get('alertname'))).toContain('SLOBudgetBurnFast');
  await bench.close();
});

it('an objective stands as its alerts say, however few of its events were bad', async () => {
  const slos = slosSection.schema.parse([{ ...SLOS[1], alerts: { least_bad: 5 } }]);
  const [quiet] = slos;
  const bench = await RulesBench.start({}, { made: { [SLO_FILE]: sloRuleFile(slos) } });
  const ask = async (query: string, at: number) =>
    (await bench.ask(query, at)).map(({ labels, value }) => ({
      value,
      label: (name: string) => labels.get(name),
    }));
  const seen = new Set<string>();
  for (let minute = 0; minute < 15; minute++) {
    // One request a minute, and that fails.
    await bench.sample('requests_total', minute, { service: 'quiet', status: '503' });
    await bench.pass(60_000);
    const figures = await readFigures(ask, bench.clock.now(), slos);
    const { status, burning } = standingOf(quiet, figures.get('quiet') ?? NO_FIGURES);
    const fires = bench.manager
      .groups()
      .flatMap(({ state }) => state.rules)
      .filter(({ alerts }) => [...alerts.values()].some((alert) => alert.state === 'firing'))
      .map(({ rule }) => rule.name);
    const burns = (of: string) => burning.some(({ severity }) => severity === of);
    expect([minute, burns('critical'), burns('warning')]).toEqual([
      minute,
      fires.includes('SLOBudgetBurnFast'),
      fires.includes('SLOBudgetBurnSlow'),
    ]);
    seen.add(status);
  }
  expect([...seen]).toEqual(['unknown', 'healthy', 'degraded', 'unhealthy']);
  await bench.close();
});
