import { createQueryEngine, type QueryLimits } from '@pharos/promql';
import { NO_ON_CALL } from '../../oncall/config/load.ts';
import { routeTree } from '../../routes/tree.ts';
import { createRuleQuery } from '../../rules/rule-query.ts';
import { UnitTestStore } from '../../rules/unit-test/store.ts';
import { alertmanagerConfig } from '../../testing/open.ts';
import type { TellingWorld } from '../audience.ts';
import { BackTester } from '../back-test.ts';
import { type Past, pastOfSeries } from '../past.ts';
import { type ReadRule, readRule, type WrittenRule, writtenRule } from '../written-rule.ts';

/** A whole minute. */
export const T0 = Date.UTC(2026, 0, 1);
export const SCRAPE_MS = 30_000;
export const MINUTE = 60_000;
export const NEVER = new AbortController().signal;

export function readOf(written: Partial<WrittenRule>): ReadRule {
  const draft = writtenRule.parse({ alert: 'A', expr: 'm > 5', interval: '1m', ...written });
  const read = readRule(draft, 'own.yml', {});
  if (!read.ok) throw new Error(JSON.stringify(read.problems));
  return read;
}

const USUAL = `
route: { receiver: team, group_by: [alertname], group_wait: 30s, group_interval: 5m, repeat_interval: 1h }
receivers: [ { name: team, webhook_configs: [ { url: 'http://team/' } ] } ]
`;

/** Whom alerts reach by a configuration of Alertmanager's. */
export function worldOf(config = USUAL, over: Partial<TellingWorld> = {}): TellingWorld {
  const { route, receivers, intervals } = alertmanagerConfig(config);
  return {
    root: routeTree(route),
    receivers,
    intervals,
    onCall: NO_ON_CALL,
    externalLabels: new Map([['site', 'here']]),
    turn: () => null,
    maintaining: () => [],
    ...over,
  };
}

/** Series by name in promtool's notation, one sample each 30 s from T0, all there from the start. */
export function storeOf(series: Readonly<Record<string, string>>): UnitTestStore {
  const store = new UnitTestStore(T0, SCRAPE_MS);
  for (const [name, values] of Object.entries(series)) store.addInput(name, values);
  store.advanceTo(T0 + 1000 * MINUTE);
  return store;
}

export interface TestedWorld {
  readonly maxPoints?: number;
  readonly limits?: QueryLimits;
  readonly world?: TellingWorld;
  /** Called for each range query over series. */
  readonly asked?: () => void;
  /** What is asked of log lines; there are none when absent. */
  readonly lines?: Past;
}

const NO_LINES: Past = {
  instant: () => Promise.resolve([]),
  range: () => Promise.resolve({ series: [], isDownsampled: false }),
  maxPoints: 11_000,
};

export function testerOf(store: UnitTestStore, over: TestedWorld = {}): BackTester {
  const engine = createQueryEngine(over.limits === undefined ? {} : { limits: over.limits });
  const world = over.world ?? worldOf();
  const series = pastOfSeries(engine, () => store, {
    instant: createRuleQuery(engine, () => store),
    maxPoints: over.maxPoints ?? 11_000,
  });
  const range: Past['range'] = (...asked) => {
    over.asked?.();
    return series.range(...asked);
  };
  return new BackTester({
    past: { promql: { ...series, range }, logql: over.lines ?? NO_LINES },
    monotonic: () => 0,
    breathe: () => Promise.resolve(),
    externalUrl: () => 'http://pharos.example',
    world: () => world,
    defaults: () => ({ intervalMs: MINUTE, offsetMs: 0 }),
  });
}
