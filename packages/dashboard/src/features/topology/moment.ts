import { boundsOf, refreshMillis, type TimeRange } from '../../time/range.ts';
import type { Comparison, TopologySearch } from './search.ts';

const MINUTE_MS = 60_000;
const BACK_MS: Readonly<Record<Exclude<Comparison, 'before'>, number>> = {
  '1h': 3_600_000,
  '1d': 86_400_000,
  '1w': 7 * 86_400_000,
};

/** What a question to the topology is about: `window` back from now, or between two times (epoch ms). */
export type Moment =
  | { readonly kind: 'now'; readonly seconds: number }
  | { readonly kind: 'past'; readonly from: number; readonly to: number };

/** The time that the page shows: its time range, or the moment in the past that was chosen. */
export function momentOf(range: TimeRange, { at, width = 1 }: TopologySearch): Moment {
  if (at !== undefined) return { kind: 'past', from: at - width * MINUTE_MS, to: at };
  return range.kind === 'relative'
    ? { kind: 'now', seconds: range.seconds }
    : { kind: 'past', from: range.from, to: range.to };
}

/** As long a time before. */
export function earlier(moment: Moment, by: Comparison, now: number): Moment {
  const { from, to } = moment.kind === 'past' ? moment : { from: now - moment.seconds * 1000, to: now };
  const back = by === 'before' ? to - from : BACK_MS[by];
  return { kind: 'past', from: from - back, to: to - back };
}

export function paramsOf(moment: Moment): Readonly<Record<string, string>> {
  return moment.kind === 'now'
    ? { window: `${moment.seconds}s` }
    : { start: String(moment.from), end: String(moment.to) };
}

/** Part of a query's name. */
export function momentKey(moment: Moment): string {
  return moment.kind === 'now' ? `${moment.seconds}s` : `${moment.from}-${moment.to}`;
}

/** How often what may still change is asked for again. */
export function refreshOf(moment: Moment, now: number): number | false {
  if (moment.kind === 'now') return refreshMillis({ kind: 'relative', range: '', seconds: moment.seconds });
  // Spans of the last moments may still be on their way.
  return now - moment.to < 3 * MINUTE_MS ? 10_000 : false;
}

/** The whole minutes of a range that can be chosen as the end of a moment. */
export function minutesIn(range: TimeRange, now: number): { readonly first: number; readonly last: number } {
  const { from, to } = boundsOf(range, now);
  const first = Math.ceil(from / MINUTE_MS) * MINUTE_MS + MINUTE_MS;
  return { first, last: Math.max(first, Math.floor(Math.min(to, now) / MINUTE_MS) * MINUTE_MS) };
}
