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

/** When the budget is gone at the present pace; empty while nothing is known. */
export function forecast({ budget_remaining: remaining, exhausted_in_seconds: left }: Slo): string {
  if (remaining === null) return '';
  if (remaining <= 0) return 'used up';
  return left === null ? 'lasts at this pace' : `gone in ${formatDuration(left * SECOND_MS)} at this pace`;
}

/** How much of the window anything is known of; empty when it is nearly all of it. */
export function coverage({ covered, window }: Slo): string {
  if (covered === null || covered > 0.98) return '';
  return `known of ${percent(covered, 1)} of ${window}`;
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
