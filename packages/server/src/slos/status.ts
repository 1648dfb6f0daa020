import {
  BURN_WINDOWS,
  type BurnAlert,
  type BurnWindow,
  burnAlerts,
  type CountedWindow,
} from './burn-alerts.ts';
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
  /** How many events were bad, of the {@link countedWindows} alone. */
  readonly badEvents: ReadonlyMap<CountedWindow, number>;
}

export const NO_FIGURES: SloFigures = {
  errorRatio: null,
  budgetRemaining: null,
  covered: null,
  rate: null,
  ratios: { '5m': null, '30m': null, '1h': null, '2h': null, '6h': null, '1d': null, '3d': null },
  badEvents: new Map(),
};

export interface SloStanding {
  readonly status: (typeof SLO_STATUSES)[number];
  /** Why, for people. */
  readonly reason: string;
  /** The pairs of windows over which it burns, as its alerts say. */
  readonly burning: readonly BurnAlert[];
  /** Whether it would burn, or its budget be used up, were there not fewer bad events than count. */
  readonly isTolerated: boolean;
  /** How many times faster than sustainable the budget burns, by window. */
  readonly burn: Readonly<Record<BurnWindow, number | null>>;
  /** Ms until the budget is gone at the pace of the last 6 hours; null when that pace can last, or it is gone. */
  readonly exhaustedInMs: number | null;
}

/** The window whose pace a forecast goes by: a shorter one is gone before anybody reads it. */
const PACE: BurnWindow = '6h';
/** Of a whole number of events, what adding up rates leaves. */
const DUST = 1e-6;

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

/** Of the budget more is gone than there was. */
function isUsedUp({ budgetRemaining }: SloFigures): boolean {
  return budgetRemaining !== null && budgetRemaining <= 0;
}

/** The pairs of windows that are beyond their limits, however few events were bad. */
function beyondLimits(slo: Slo, { ratios }: SloFigures): readonly BurnAlert[] {
  return burnAlerts(slo).filter(
    ({ long, short, limit, isPossible }) =>
      isPossible && (ratios[long] ?? 0) > limit && (ratios[short] ?? 0) > limit,
  );
}

/** The windows whose number of bad events decides how an objective stands; none where a single one counts. */
export function countedWindows(slo: Slo, figures: SloFigures): readonly CountedWindow[] {
  if (slo.alerts.leastBad === 0) return [];
  const long = beyondLimits(slo, figures).map((one) => one.long);
  return isUsedUp(figures) ? [...long, slo.window] : long;
}

/** Whether as many events were bad in a window as it takes for anybody to be told. */
function isEnough({ alerts }: Slo, { badEvents }: SloFigures, window: CountedWindow): boolean {
  return alerts.leastBad === 0 || (badEvents.get(window) ?? 0) >= alerts.leastBad;
}

function verdictOf(
  slo: Slo,
  figures: SloFigures,
): Pick<SloStanding, 'status' | 'reason' | 'burning' | 'isTolerated'> {
  const { ratios, budgetRemaining, rate } = figures;
  const burning = beyondLimits(slo, figures).filter(({ long }) => isEnough(slo, figures, long));
  const [worst] = burning;
  const none = { burning, isTolerated: false };
  if (budgetRemaining === null && BURN_WINDOWS.every((window) => ratios[window] === null)) {
    const reason = rate === 0 ? 'there were no events yet' : 'nothing is known of it yet';
    return { ...none, status: 'unknown', reason };
  }
  if (worst !== undefined) {
    const status = worst.severity === 'critical' ? 'unhealthy' : 'degraded';
    const pace = worst.factor === 1 ? 'faster than it can last' : `more than ${worst.factor} times too fast`;
    return { ...none, status, reason: `burns ${pace} over ${worst.long}` };
  }
  if (isUsedUp(figures) && isEnough(slo, figures, slo.window))
    return { ...none, status: 'unhealthy', reason: 'its budget is used up' };
  if (rate === null) return { ...none, status: 'unknown', reason: 'nothing is heard of it any more' };
  const [few] = countedWindows(slo, figures);
  if (few === undefined) return { ...none, status: 'healthy', reason: 'within its budget' };
  return { ...none, status: 'healthy', reason: fewText(slo, figures, few), isTolerated: true };
}

function fewText({ alerts }: Slo, { badEvents }: SloFigures, window: CountedWindow): string {
  // Rates make parts of events: one that is not counted as a whole yet happened all the same.
  const counted = Math.ceil((badEvents.get(window) ?? 0) - DUST);
  const count = Math.min(Math.max(counted, 0), alerts.leastBad - 1);
  return `${count} bad ${count === 1 ? 'event' : 'events'} over ${window}, fewer than the ${alerts.leastBad} that count`;
}
