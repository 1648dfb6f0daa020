import { instantOf, wallAt } from '../intervals/zone-time.ts';
import type { LabelSet } from '../labels/label-set.ts';
import { type AlertMatcher, matchesAll } from '../matchers/matcher.ts';

const DAY_MS = 86_400_000;

/** When a window is open: once, or on days of the week. */
export type WindowTimes =
  /** Epoch ms; the end does not belong to it. */
  | { readonly kind: 'once'; readonly from: number; readonly until: number }
  | {
      readonly kind: 'weekly';
      /** 0 is Sunday: the days on which it begins. */
      readonly days: readonly number[];
      /** Since midnight by the clock on the wall, ms. */
      readonly at: number;
      /** From its beginning, ms; however the clocks are changed meanwhile. */
      readonly lengthMs: number;
      /** IANA name of where the clock hangs. */
      readonly zone: string;
    };

/** A time in which some alerts are expected, and nobody is told of them. */
export interface MaintenanceWindow {
  readonly name: string;
  readonly matchers: readonly AlertMatcher[];
  readonly times: WindowTimes;
}

/** Epoch ms of the end of the time that an instant is in; null when the window is not open then. */
export function openUntil(times: WindowTimes, at: number): number | null {
  if (times.kind === 'once') return times.from <= at && at < times.until ? times.until : null;
  const { days, zone, lengthMs } = times;
  const today = Math.floor(wallAt(zone, at) / DAY_MS) * DAY_MS;
  // Clocks that are put back may show a day that is over.
  for (let day = today + DAY_MS; day >= today - lengthMs - DAY_MS; day -= DAY_MS) {
    if (!days.includes(new Date(day).getUTCDay())) continue;
    const from = instantOf(zone, day + times.at);
    if (from <= at && at < from + lengthMs) return from + lengthMs;
  }
  return null;
}

/** Epoch ms at which the window opens next, after an instant; null when it does not any more. */
export function opensAt(times: WindowTimes, at: number): number | null {
  if (times.kind === 'once') return times.from > at ? times.from : null;
  const { days, zone } = times;
  const today = Math.floor(wallAt(zone, at) / DAY_MS) * DAY_MS;
  for (let day = today - DAY_MS; day <= today + 8 * DAY_MS; day += DAY_MS) {
    if (!days.includes(new Date(day).getUTCDay())) continue;
    const from = instantOf(zone, day + times.at);
    if (from > at) return from;
  }
  return null;
}

/** Those of open windows that an alert is in, by name. */
export function maintaining(open: readonly MaintenanceWindow[], labels: LabelSet): readonly string[] {
  return open.filter(({ matchers }) => matchesAll(matchers, labels)).map(({ name }) => name);
}
