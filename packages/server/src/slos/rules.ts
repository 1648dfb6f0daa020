import { formatValue, quote } from '@pharos/promql';
import {
  BURN_WINDOWS,
  type BurnAlert,
  type BurnWindow,
  burnAlerts,
  type CountedWindow,
} from './burn-alerts.ts';
import { budgetOf, type Slo, windowMs } from './definition.ts';
import { eventRates } from './indicator.ts';

/*
 *   indicator ──every minute──> rates over 5m ──> shares of bad events over 5m to 6h ──> fast burn alert
 *            └─every 5 minutes─> tiles of 5m ──> shares over 1d, 3d and the window ──> budget, slow burn alert
 *
 * No rule but the first reads the indicator's own series, and none more than 5 minutes of them. Tiles neither overlap nor leave gaps, and
 * keep events and not shares of them, so that a quiet night weighs as little as it has requests.
 *
 * Whatever reads what was recorded adds it up to one: where the labels of an objective are changed, what was recorded before has the
 * old ones, for as long as the window, and two elements in one answer would fail every rule.
 */

export const SLO_FILE = 'slos';
const FAST_SECONDS = 60;
const TILE = '5m';
const TILE_MS = 300_000;
/** Longer ones are made of tiles. */
const FAST_WINDOWS: readonly BurnWindow[] = ['30m', '1h', '2h', '6h'];
const MISSING_FOR = '15m';

export const RECORDED = {
  badRate: 'slo:bad:rate5m',
  totalRate: 'slo:total:rate5m',
  badTile: 'slo:bad:tile5m',
  totalTile: 'slo:total:tile5m',
  /** Of the whole window; those of burn windows end in their names. */
  errorRatio: 'slo:error_ratio:window',
  budget: 'slo:budget_remaining:ratio',
  objective: 'slo:objective:ratio',
  /** The share of the window of which anything is known. */
  covered: 'slo:covered:ratio',
} as const;

export function ratioName(window: BurnWindow): string {
  return `slo:error_ratio:${window}`;
}

interface RecordingRule {
  readonly record: string;
  readonly expr: string;
  readonly labels: Readonly<Record<string, string>>;
}

interface AlertingRule {
  readonly alert: string;
  readonly expr: string;
  readonly for?: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

export interface SloRuleGroup {
  readonly name: string;
  readonly interval: string;
  readonly rules: readonly (RecordingRule | AlertingRule)[];
}

/** The rule file that objectives become, in Prometheus' form. */
export function sloRuleFile(slos: readonly Slo[]): { readonly groups: readonly SloRuleGroup[] } {
  return { groups: slos.flatMap(sloRules) };
}

/** Its own rules. */
function sloRules(slo: Slo): readonly SloRuleGroup[] {
  return [
    { name: slo.name, interval: `${FAST_SECONDS}s`, rules: fastRules(slo) },
    { name: `${slo.name} window`, interval: TILE, rules: slowRules(slo) },
  ];
}

/** Selects the series of an objective. */
export function sloSelector({ name }: Pick<Slo, 'name'>): string {
  return `{slo=${quote(name)}}`;
}

function fastRules(slo: Slo): SloRuleGroup['rules'] {
  const record = recorder(slo);
  const rates = eventRates(slo.indicator, TILE);
  const { badRate, totalRate } = RECORDED;
  const of = sloSelector(slo);
  return [
    record(badRate, rates.bad),
    record(totalRate, rates.total),
    record(ratioName('5m'), `sum(${badRate}${of}) / (sum(${totalRate}${of}) > 0)`),
    ...FAST_WINDOWS.map((window) => record(ratioName(window), ratioOver(slo, badRate, totalRate, window))),
    ...burnRule(slo, 'critical'),
    ...(slo.alerts.enabled ? [missingRule(slo)] : []),
  ];
}

function slowRules(slo: Slo): SloRuleGroup['rules'] {
  const record = recorder(slo);
  const rates = eventRates(slo.indicator, TILE);
  const { badTile, totalTile, errorRatio, budget, objective, covered } = RECORDED;
  const of = sloSelector(slo);
  const tiles = windowMs(slo.window) / TILE_MS;
  return [
    record(badTile, rates.bad),
    record(totalTile, rates.total),
    ...BURN_WINDOWS.filter((window) => window.endsWith('d')).map((window) =>
      record(ratioName(window), ratioOver(slo, badTile, totalTile, window)),
    ),
    record(errorRatio, ratioOver(slo, badTile, totalTile, slo.window)),
    record(budget, `1 - max(${errorRatio}${of}) / ${formatValue(budgetOf(slo))}`),
    record(covered, `clamp_max(sum(count_over_time(${totalTile}${of}[${slo.window}])) / ${tiles}, 1)`),
    record(objective, `vector(${formatValue(slo.objective)})`),
    ...burnRule(slo, 'warning'),
  ];
}

function recorder(slo: Slo): (record: string, expr: string) => RecordingRule {
  const labels = labelsOf(slo);
  return (record, expr) => ({ record, expr, labels });
}

function labelsOf({ name, service, labels }: Slo): Readonly<Record<string, string>> {
  return { ...labels, ...(service !== '' && { service }), slo: name };
}

/** Without any event there is no share of them, instead of none that is bad. */
function ratioOver(slo: Slo, bad: string, total: string, window: string): string {
  const of = sloSelector(slo);
  return `sum(sum_over_time(${bad}${of}[${window}])) / (sum(sum_over_time(${total}${of}[${window}])) > 0)`;
}

function burnRule(slo: Slo, severity: BurnAlert['severity']): readonly AlertingRule[] {
  const alerts = burnAlerts(slo).filter((one) => one.severity === severity && one.isPossible);
  if (!slo.alerts.enabled || alerts.length === 0) return [];
  const allowed = `${formatValue(Number((budgetOf(slo) * 100).toPrecision(9)))}%`;
  const pace = alerts.map(({ factor, long }) => `${formatValue(factor)} times over ${long}`).join(' or ');
  const isFast = severity === 'critical';
  return [
    {
      alert: isFast ? 'SLOBudgetBurnFast' : 'SLOBudgetBurnSlow',
      expr: alerts.map((one) => `(${burns(slo, one)})`).join(' or '),
      labels: { ...labelsOf(slo), severity },
      annotations: {
        summary: `${slo.name} burns its error budget ${isFast ? 'fast' : 'steadily'}: {{ $value | humanizePercentage }} of its events are bad`,
        description: `Of ${slo.window}, ${allowed} may be bad. The budget burns more than ${pace} as fast as it can last, and still does.`,
        dashboard_url: `{{ externalURL }}/alerts/slos/${encodeURIComponent(slo.name)}`,
        runbook_url: '{{ externalURL }}/runbooks/slo',
      },
    },
  ];
}

function burns(slo: Slo, { long, short, limit }: BurnAlert): string {
  const of = sloSelector(slo);
  const both = [long, short]
    .map((window) => `max(${ratioName(window)}${of}) > ${formatValue(limit)}`)
    .join(' and ');
  const { leastBad } = slo.alerts;
  if (leastBad === 0) return both;
  return `${both} and ${badEvents(of, long)} >= ${leastBad}`;
}

/**
 * PromQL: how many events were bad within a window, of the objectives that a selector names.
 * @param by what stands behind `sum`, to tell several apart
 */
export function badEvents(selector: string, window: CountedWindow, by = ''): string {
  const isTile = window.endsWith('d');
  const [bad, seconds] = isTile ? [RECORDED.badTile, TILE_MS / 1000] : [RECORDED.badRate, FAST_SECONDS];
  return `sum${by}(sum_over_time(${bad}${selector}[${window}])) * ${seconds}`;
}

/** An objective that knows nothing looks healthy. A threshold that is no bucket leaves the total alone. */
function missingRule(slo: Slo): AlertingRule {
  const of = sloSelector(slo);
  return {
    alert: 'SLODataMissing',
    expr: `absent(${RECORDED.totalRate}${of}) or absent(${RECORDED.badRate}${of})`,
    for: MISSING_FOR,
    labels: { ...labelsOf(slo), severity: 'warning' },
    annotations: {
      summary: `${slo.name} has no data`,
      description:
        'Its indicator answers nothing, or its threshold is no bucket of the histogram: neither its budget nor whether it burns is known.',
      dashboard_url: `{{ externalURL }}/alerts/slos/${encodeURIComponent(slo.name)}`,
    },
  };
}
