import { formatDuration } from '../../../ui/format.ts';
import type { RuleLanguage } from '../contracts.ts';
import type { BackTest, Spell, Totals } from './contracts.ts';

interface LanguageWords {
  readonly name: string;
  /** What stands above the expression. */
  readonly label: string;
  readonly example: string;
}

/** What a rule may look at, and how that is asked. */
export const LANGUAGES: Readonly<Record<RuleLanguage, LanguageWords>> = {
  promql: {
    name: 'Series',
    label: 'An alert for each series of',
    example: 'rate(errors_total[5m]) > 0.05',
  },
  logql: {
    name: 'Log lines',
    label: 'An alert for each count of',
    example: 'sum by (service_name) (count_over_time({service_name=~".+"} |= "error" [5m])) > 10',
  },
};

const times = (count: number): string =>
  count === 1 ? 'once' : count === 2 ? 'twice' : `${count.toLocaleString('en')} times`;
const some = (count: number, one: string, many: string): string =>
  `${count.toLocaleString('en')} ${count === 1 ? one : many}`;

/** "It would have fired 3 times, for 41 min in all and 12 min at the longest; 4 messages." */
export function verdictOf({
  totals,
  start,
  data_from: from,
  covered_ms: covered,
}: Pick<BackTest, 'totals' | 'start' | 'data_from' | 'covered_ms'>): string {
  if (from === null)
    return 'Nobody knows whether it would have fired: nothing that it reads is stored in this time.';
  const it = from > start ? `In the ${formatDuration(covered)} that are stored it` : 'It';
  const { firings, alerts, firing_ms: lasted, longest_ms: longest, notices, only_pending: pending } = totals;
  if (firings === 0)
    return pending === 0
      ? `${it} would not have fired: its condition never held.`
      : `${it} would not have fired: its condition held ${times(pending)}, but not for long enough.`;
  const of = alerts > 1 ? ` for ${alerts.toLocaleString('en')} different alerts` : '';
  const length =
    firings > 1
      ? `, for ${formatDuration(lasted)} in all and ${formatDuration(longest)} at the longest`
      : `, for ${formatDuration(longest)}`;
  const told = notices === 0 ? 'nobody would have been told' : some(notices, 'message', 'messages');
  return `${it} would have fired ${times(firings)}${of}${length}; ${told}.`;
}

/** What would make the rule better; empty when nothing is to be said. */
export function adviceOf({ firings, flaps, firing_ms: lasted }: Totals, spanMs: number): readonly string[] {
  return [
    ...(flaps >= 3 && flaps * 3 > firings
      ? [
          `It comes and goes: ${times(flaps)} it fires again within 15 minutes. A longer “for”, or “keeps firing for”, makes one firing of them.`,
        ]
      : []),
    ...(firings > 0 && lasted > spanMs / 2
      ? [
          'It fires for more than half of the time: nobody looks at such an alert for long. Is the limit where trouble begins?',
        ]
      : []),
  ];
}

/** However little is stored: less of a curve says nothing. */
const LEAST_DRAWN_MS = 300_000;

/** The time that is drawn: from when on anything is stored, or a condition held (where what is missing is asked for). `note` says so. */
export function drawnOf({
  start,
  end,
  data_from: from,
  firings,
  pending,
}: Pick<BackTest, 'start' | 'end' | 'data_from' | 'firings' | 'pending'>): {
  readonly start: number;
  readonly end: number;
  /** Empty for all of it. */
  readonly note: string;
} {
  const held = [...firings, ...pending].map(({ pending_from: pendingFrom }) => pendingFrom);
  const known = held.reduce((first, at) => Math.min(first, at), from ?? start);
  const drawn = Math.max(start, Math.min(known, end - LEAST_DRAWN_MS));
  return { start: drawn, end, note: drawn > start ? `only the last ${formatDuration(end - drawn)}` : '' };
}

/** A row of lanes: the times of one alert. */
export interface Lane {
  readonly key: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly firingMs: number;
  readonly segments: readonly LaneSegment[];
}

interface LaneSegment {
  readonly state: 'pending' | 'firing';
  readonly from: number;
  readonly to: number;
  /** Shares of the whole time, 0 to 1. */
  readonly left: number;
  readonly width: number;
}

/** The times of each alert within a span, those that fired longest first. */
export function lanesOf(
  spells: readonly Spell[],
  { start, end }: { readonly start: number; readonly end: number },
): readonly Lane[] {
  const lanes = new Map<string, { labels: Spell['labels']; segments: LaneSegment[] }>();
  for (const { labels, pending_from: pending, firing_from: firing, until } of spells) {
    const key = JSON.stringify(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)));
    const lane = lanes.get(key) ?? { labels, segments: [] };
    lanes.set(key, lane);
    const put = (state: LaneSegment['state'], a: number, b: number): void => {
      const [from, to] = [Math.max(a, start), Math.min(b, end)];
      if (to > from)
        lane.segments.push({
          state,
          from,
          to,
          left: (from - start) / (end - start),
          width: (to - from) / (end - start),
        });
    };
    put('pending', pending, firing ?? until ?? end);
    if (firing !== null) put('firing', firing, until ?? end);
  }
  return [...lanes]
    .map(([key, { labels, segments }]) => ({ key, labels, segments, firingMs: firingOf(segments) }))
    .filter(({ segments }) => segments.length > 0)
    .sort((a, b) => b.firingMs - a.firingMs || (a.key < b.key ? -1 : 1));
}

/** Spans in which anything fired: those that overlap are one, since colours on each other would say more than there is. */
export function firingSpans({ firings, start, end }: Pick<BackTest, 'firings' | 'start' | 'end'>): readonly {
  readonly from: number;
  readonly to: number;
}[] {
  const spans: { from: number; to: number }[] = [];
  const begin = ({ firing_from: firing, pending_from: pending }: Spell): number =>
    Math.max(firing ?? pending, start);
  for (const one of firings.toSorted((a, b) => begin(a) - begin(b))) {
    const [from, to] = [begin(one), Math.min(one.until ?? end, end)];
    const last = spans.at(-1);
    if (last !== undefined && from <= last.to) last.to = Math.max(last.to, to);
    else spans.push({ from, to });
  }
  return spans;
}

function firingOf(segments: readonly LaneSegment[]): number {
  return segments.reduce((sum, { state, from, to }) => sum + (state === 'firing' ? to - from : 0), 0);
}

/** "2 more, 1 less, 3 at another time, 5 the same"; of nothing that there is none. */
export function comparisonOf({
  added,
  removed,
  shifted,
  same,
}: NonNullable<BackTest['compared']>['counts']): string {
  if (added + removed + shifted === 0)
    return same === 0 ? 'Neither would have fired.' : `Both would have fired alike, ${times(same)}.`;
  return `${[
    ...(added > 0 ? [`${added.toLocaleString('en')} more`] : []),
    ...(removed > 0 ? [`${removed.toLocaleString('en')} less`] : []),
    ...(shifted > 0 ? [`${shifted.toLocaleString('en')} at other times`] : []),
    ...(same > 0 ? [`${same.toLocaleString('en')} the same`] : []),
  ].join(', ')}.`;
}
