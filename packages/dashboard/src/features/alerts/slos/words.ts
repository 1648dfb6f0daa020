import { parseDuration } from '../../../time/range.ts';
import { formatDuration, NO_VALUE, significant } from '../../../ui/format.ts';
import { STATUS_ORDER } from '../../../ui/status.tsx';
import type { Slo } from './contracts.ts';

const SECOND_MS = 1000;

/** A share in percent, with as many digits as it takes to tell it from another of its kind: `99.95 %`. */
export function percent(share: number | null, digits = 3): string {
  if (share === null) return NO_VALUE;
  const value = share * 100;
  return `${Number(value.toFixed(digits))} %`;
}

/** `2.1×`: how many times faster than it can last a budget burns. */
export function times(factor: number | null): string {
  return factor === null ? NO_VALUE : `${significant(factor)}×`;
}

/** Less than this share of a budget is not told from none. */
const LEAST_SHARE = 0.0001;

/**
 * What is left of an error budget, or how much more than it was used: nobody reads `-11191.8 % left`.
 * @param remaining share of it; below 0 when more is gone than there was, null while nothing is known
 */
export function budgetLeft(remaining: number | null): string {
  if (remaining === null) return 'not known';
  if (remaining > 0 && remaining < LEAST_SHARE) return `< ${percent(LEAST_SHARE)} left`;
  if (remaining > 0) return `${percent(remaining, remaining < 0.01 ? 2 : 1)} left`;
  if (remaining > -LEAST_SHARE) return 'used up';
  if (remaining > -1) return `overspent by ${percent(-remaining, 1)}`;
  return `used ${Number((1 - remaining).toPrecision(3)).toLocaleString('en')} times over`;
}

/** When the budget is gone at the present pace; empty while nothing is known, and when it is gone. */
export function forecast({ budget_remaining: remaining, exhausted_in_seconds: left }: Slo): string {
  if (remaining === null || remaining <= 0) return '';
  return left === null ? 'lasts at this pace' : `gone in ${formatDuration(left * SECOND_MS)} at this pace`;
}

/** What stands for less of a window than is told in percent. */
const LEAST_COVERED = 0.001;

/** How much of the window anything is known of; empty when it is nearly all of it. */
export function coverage({ covered, window }: Slo): string {
  if (covered === null || covered > 0.98) return '';
  const share = covered > 0 && covered < LEAST_COVERED ? `< ${percent(LEAST_COVERED)}` : percent(covered, 1);
  return `known of ${share} of ${window}`;
}

/**
 * The time that its charts begin with: the shortest that has all that is known, as far as it is heard of still.
 * @param choices from the shortest to its window
 */
export function usualRange(
  { window, window_seconds: seconds, covered, rate }: Slo,
  choices: readonly string[],
): string {
  if (covered === null || rate === null) return window;
  return choices.find((choice) => (parseDuration(choice) ?? 0) >= covered * seconds) ?? window;
}

/** The share of bad events over the window; where there is none, whether that is for want of events or of news. */
export function badSoFar({ error_ratio: ratio, rate }: Pick<Slo, 'error_ratio' | 'rate'>): string {
  if (ratio !== null) return `${percent(ratio, 4)} were`;
  if (rate === null) return 'nothing is known yet';
  return rate === 0 ? 'there were no events' : 'they are being counted';
}

/** Why a chart of it is empty: points of a long time lie hours apart, and what is stored may be younger than the last of them. */
export function nothingDrawn({ error_ratio: ratio, rate }: Pick<Slo, 'error_ratio' | 'rate'>): string {
  if (ratio !== null || (rate ?? 0) > 0) return 'Nothing to draw: choose a shorter time';
  return rate === null ? 'Nothing is known in this time range' : 'No events in this time range';
}

/** Of several objectives, how many need somebody: "2 of 12 objectives need somebody". */
export function verdictOf(slos: readonly Pick<Slo, 'status'>[]): string {
  const bad = slos.filter(({ status }) => status === 'unhealthy' || status === 'degraded').length;
  const all = slos.length === 1 ? 'one objective' : `${slos.length.toLocaleString('en')} objectives`;
  const unknown = slos.filter(({ status }) => status === 'unknown').length;
  if (unknown === slos.length) return `${all}, state unknown`;
  if (bad > 0) return `${bad} of ${all} ${bad === 1 ? 'needs' : 'need'} somebody`;
  return unknown === 0 ? `${all}, nothing to do` : `${all}, nothing to do; ${unknown} unknown`;
}

/** The worst first, then those with the least left. */
export function worstFirst(slos: readonly Slo[]): readonly Slo[] {
  return slos.toSorted(
    (a, b) =>
      STATUS_ORDER[a.status] - STATUS_ORDER[b.status] ||
      (a.budget_remaining ?? 1) - (b.budget_remaining ?? 1) ||
      (a.name < b.name ? -1 : 1),
  );
}

/** The window that a series of burn rates is of, by its name. */
export function windowOfSeries(name: string): string {
  return /\bwindow="([^"]+)"/.exec(name)?.[1] ?? name;
}
