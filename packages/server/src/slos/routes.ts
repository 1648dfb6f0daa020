import { z } from 'zod';
import { forDefaultTenant } from '../http/default-tenant.ts';
import { renderPharosError } from '../http/render.ts';
import type { ApiModule } from '../http/types.ts';
import type { Clock } from '../kernel/clock.ts';
import { BURN_WINDOWS, type BurnWindow, burnAlerts } from './burn-alerts.ts';
import { budgetOf, SLO_WINDOWS, type Slo, windowMs } from './definition.ts';
import { noRules, sloErrors } from './errors.ts';
import { type InstantQuery, readFigures } from './figures.ts';
import { indicatorText } from './indicator.ts';
import { RECORDED, ratioName, sloRuleFile, sloSelector } from './rules.ts';
import { NO_FIGURES, SLO_STATUSES, type SloFigures, standingOf } from './status.ts';

export interface SloApiOptions {
  readonly clock: Clock;
  /** Those in force. */
  slos(): readonly Slo[];
  readonly query: InstantQuery;
}

const SECOND_MS = 1000;
/** What is recorded every 5 minutes is drawn without gaps between. */
const DRAWN_LOOKBACK = '11m';
const LONG_WINDOWS: readonly BurnWindow[] = ['1h', '6h', '1d', '3d'];
const tags = ['slos'];
const share = z.number().nullable();
const byWindow = z.object({
  '5m': share,
  '30m': share,
  '1h': share,
  '2h': share,
  '6h': share,
  '1d': share,
  '3d': share,
});
const listed = z.object({
  name: z.string(),
  service: z.string().describe('Empty when it is about none.'),
  description: z.string(),
  objective: z.number().describe('The least share of good events, below 1.'),
  window: z.enum(SLO_WINDOWS),
  window_seconds: z.number(),
  labels: z.record(z.string(), z.string()),
  indicator: z.string().describe('What it counts, for people.'),
  status: z.enum(SLO_STATUSES),
  reason: z.string(),
  tolerated: z
    .boolean()
    .describe('Whether it would burn, or its budget be used up, were there not fewer bad events than count.'),
  error_ratio: share.describe('Share of bad events over the window.'),
  budget: z.number().describe('Share of events that may be bad.'),
  budget_remaining: share.describe('Of the budget; below 0 when more is gone than there was.'),
  covered: share.describe('Of the window, that anything is known of.'),
  rate: share.describe('Events per second, over 5 minutes.'),
  burn: byWindow.describe('How many times faster than it can last the budget burns.'),
  exhausted_in_seconds: share.describe(
    'Until the budget is gone at the pace of the last 6 hours; null when that can last.',
  ),
});
const detailed = listed.extend({
  alerts: z.array(
    z.object({
      severity: z.enum(['critical', 'warning']),
      long: z.enum(BURN_WINDOWS),
      short: z.enum(BURN_WINDOWS),
      factor: z.number().describe('Burn rate beyond which both windows must be.'),
      budget_share: z.number().describe('Of the budget, gone when the long window is.'),
      possible: z.boolean().describe('False where more than all events would have to be bad.'),
      burns: z.boolean().describe('Whether both windows are beyond it now, with bad events enough.'),
    }),
  ),
  least_bad: z.number().describe('Fewer bad events in a long window count for nothing.'),
  alerting: z.boolean().describe('Whether any alert is made of it.'),
  queries: z
    .object({
      budget: z.string(),
      error_ratio: z.string(),
      burn: z.string().describe('Burn rates, one series for each long window, told apart by `window`.'),
      history: z.string().describe('When its alerts were pending and fired.'),
    })
    .describe('PromQL, to draw it.'),
  rules: z.string().describe("Its rules as a file of Prometheus' form, in JSON, which YAML contains."),
});

/** Objectives, how much of their budgets is left, and how fast it goes. */
export function slosApi(options: SloApiOptions): ApiModule {
  const { clock, slos, query } = options;
  return {
    name: 'slos',
    renderError: renderPharosError,
    register(app) {
      forDefaultTenant(app, noRules);
      app.get(
        '/api/v1/slos',
        {
          schema: {
            tags,
            summary: 'Service level objectives: what is left of their budgets, and how fast it goes',
            response: { 200: z.object({ slos: z.array(listed) }) },
          },
        },
        async () => {
          const all = slos();
          if (all.length === 0) return { slos: [] };
          const figures = await readFigures(query, clock.now(), all);
          return { slos: all.map((slo) => shown(slo, figures.get(slo.name) ?? NO_FIGURES)) };
        },
      );
      app.get(
        '/api/v1/slos/:name',
        {
          schema: {
            tags,
            summary: 'One objective, with its alerts, its rules and how to draw it',
            params: z.object({ name: z.string().max(200) }),
            response: { 200: detailed },
          },
        },
        async ({ params }) => {
          const slo = slos().find(({ name }) => name === params.name);
          if (slo === undefined) throw sloErrors.make('unknown', `there is no objective "${params.name}"`);
          const figures = await readFigures(query, clock.now(), [slo]);
          return shownWhole(slo, figures.get(slo.name) ?? NO_FIGURES);
        },
      );
    },
  };
}

function shown(slo: Slo, figures: SloFigures): z.output<typeof listed> {
  const { status, reason, isTolerated, burn, exhaustedInMs } = standingOf(slo, figures);
  return {
    name: slo.name,
    service: slo.service,
    description: slo.description,
    objective: slo.objective,
    window: slo.window,
    window_seconds: windowMs(slo.window) / SECOND_MS,
    labels: slo.labels,
    indicator: indicatorText(slo.indicator),
    status,
    reason,
    tolerated: isTolerated,
    error_ratio: figures.errorRatio,
    budget: budgetOf(slo),
    budget_remaining: figures.budgetRemaining,
    covered: figures.covered,
    rate: figures.rate,
    burn,
    exhausted_in_seconds: exhaustedInMs === null ? null : exhaustedInMs / SECOND_MS,
  };
}

function shownWhole(slo: Slo, figures: SloFigures): z.output<typeof detailed> {
  const of = sloSelector(slo);
  // One curve, also where its labels were changed.
  const drawn = (name: string): string => `max(last_over_time(${name}${of}[${DRAWN_LOOKBACK}]))`;
  const burning = new Set(standingOf(slo, figures).burning.map(({ long }) => long));
  return {
    ...shown(slo, figures),
    alerts: burnAlerts(slo).map(({ severity, long, short, factor, share: gone, isPossible }) => ({
      severity,
      long,
      short,
      factor,
      budget_share: gone,
      possible: isPossible,
      burns: burning.has(long),
    })),
    least_bad: slo.alerts.leastBad,
    alerting: slo.alerts.enabled,
    queries: {
      budget: drawn(RECORDED.budget),
      error_ratio: drawn(RECORDED.errorRatio),
      burn: `(${LONG_WINDOWS.map((window) => `label_replace(${drawn(ratioName(window))}, "window", "${window}", "", "")`).join(' or ')}) / ${budgetOf(slo)}`,
      history: `ALERTS${of}`,
    },
    rules: JSON.stringify(sloRuleFile([slo]), null, 2),
  };
}
