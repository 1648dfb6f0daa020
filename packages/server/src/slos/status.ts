import { BURN_WINDOWS, type BurnWindow, burnAlerts } from './burn-alerts.ts';
import { budgetOf, type Slo, windowMs } from './definition.ts';

export const SLO_STATUSES = ['unhealthy', 'degraded', 'healthy', 'unknown'] as const;

/** What is recorded of an objective at one instant. Shares from 0 to 1; null where nothing is known. */
export interface SloFigures {
  /** Of bad events over the whole window. */
  readonly errorRatio: number | null;
  /** Of the budget; below 0 when more is gone than there was. */
  readonly budgetRemaining: number | null;
  /** Of the window, that anything is known of. */
  readonly covered: number | null;
  /** Events per second, over 5 minutes. */
  readonly rate: number | null;
  /** Of bad events, by window. */
  readonly ratios: Readonly<Record<BurnWindow, number | null>>;
}

export const NO_FIGURES: SloFigures = {
  errorRatio: null,
  budgetRemaining: null,
  covered: null,
  rate: null,
  ratios: { '5m': null, '30m': null, '1h': null, '2h': null, '6h': null, '1d': null, '3d': null },
};

export interface SloStanding {
  readonly status: (typeof SLO_STATUSES)[number];
  /** Why, for people. */
  readonly reason: string;
  /** How many times faster than sustainable the budget burns, by window. */
  readonly burn: Readonly<Record<BurnWindow, number | null>>;
  /** Ms until the budget is gone at the pace of the last 6 hours; null when that pace can last, or it is gone. */
  readonly exhaustedInMs: number | null;
}

/** The window whose pace a forecast goes by: a shorter one is gone before anybody reads it. */
const PACE: BurnWindow = '6h';

/** How an objective stands. */
export function standingOf(slo: Slo, figures: SloFigures): SloStanding {
  const budget = budgetOf(slo);
  const burnOver = (window: BurnWindow): number | null => {
    const ratio = figures.ratios[window];
    return ratio === null ? null : ratio / budget;
  };
  const burn: SloStanding['burn'] = {
    '5m': burnOver('5m'),
    '30m': burnOver('30m'),
    '1h': burnOver('1h'),
    '2h': burnOver('2h'),
    '6h': burnOver('6h'),
    '1d': burnOver('1d'),
    '3d': burnOver('3d'),
  };
  const { budgetRemaining: remaining } = figures;
  const pace = burn[PACE];
  const exhaustedInMs =
    remaining === null || remaining <= 0 || pace === null || pace <= 1
      ? null
      : (remaining * windowMs(slo.window)) / pace;
  return { ...verdictOf(slo, figures), burn, exhaustedInMs };
}

function verdictOf(
  slo: Slo,
  { ratios, budgetRemaining, rate }: SloFigures,
): Pick<SloStanding, 'status' | 'reason'> {
  if (budgetRemaining === null && BURN_WINDOWS.every((window) => ratios[window] === null))
    return { status: 'unknown', reason: 'nothing is known of it yet' };
  const burning = burnAlerts(slo).find(
    ({ long, short, limit, isPossible }) =>
      isPossible && (ratios[long] ?? 0) > limit && (ratios[short] ?? 0) > limit,
  );
  if (burning !== undefined) {
    const status = burning.severity === 'critical' ? 'unhealthy' : 'degraded';
    return { status, reason: `burns more than ${burning.factor} times too fast over ${burning.long}` };
  }
  if (budgetRemaining !== null && budgetRemaining <= 0)
    return { status: 'unhealthy', reason: 'its budget is used up' };
  if (rate === null) return { status: 'unknown', reason: 'nothing is heard of it any more' };
  return { status: 'healthy', reason: 'within its budget' };
}
