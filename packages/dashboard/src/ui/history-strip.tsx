import type { Status } from '../api/contracts.ts';
import { useZone } from '../time/use-range.ts';
import { formatClock, formatDuration } from './format.ts';
import styles from './ui.module.css';

export interface Segment {
  readonly from: number;
  readonly to: number;
  readonly status: Status;
}

const CLASS: Readonly<Record<Status, string>> = {
  healthy: 'segHealthy',
  degraded: 'segDegraded',
  unhealthy: 'segUnhealthy',
  unknown: 'segUnknown',
};

/** Segments cut to the range and with its holes named `unknown`, in order. */
export function fillSegments(segments: readonly Segment[], from: number, to: number): Segment[] {
  const filled: Segment[] = [];
  let at = from;
  for (const segment of segments.toSorted((a, b) => a.from - b.from)) {
    const start = Math.max(at, segment.from);
    const end = Math.min(to, segment.to);
    if (end <= start) continue;
    if (start > at) filled.push({ from: at, to: start, status: 'unknown' });
    filled.push({ from: start, to: end, status: segment.status });
    at = end;
  }
  const last = filled.at(-1);
  // The answer was made a moment before it is shown: its last state still holds.
  if (last !== undefined && at < to && to - at < Math.max(15_000, (to - from) * 0.005)) {
    filled[filled.length - 1] = { ...last, to };
    return filled;
  }
  if (at < to) filled.push({ from: at, to, status: 'unknown' });
  return filled;
}

/** What a strip shows, for those who do not see it and below it. */
export function summaryOf(filled: readonly Segment[]): string {
  if (filled.every(({ status }) => status === 'unknown')) return 'nothing is known of this time';
  const troubled = filled.filter(({ status }) => status === 'unhealthy' || status === 'degraded');
  const trouble = troubled.reduce((sum, segment) => sum + segment.to - segment.from, 0);
  if (trouble === 0) return 'no trouble in this time';
  const periods = `${troubled.length} ${troubled.length === 1 ? 'period' : 'periods'}`;
  return `${periods} of trouble, ${formatDuration(trouble)} in all`;
}

/** The states over a range as a strip with both ends named, so that it can be read without hovering. */
export function HistoryStrip({
  segments,
  from,
  to,
  bare = false,
}: {
  readonly segments: readonly Segment[];
  readonly from: number;
  readonly to: number;
  /** Without its ends: where several stand below each other. */
  readonly bare?: boolean;
}) {
  const [zone] = useZone();
  const filled = fillSegments(segments, from, to);
  const summary = summaryOf(filled);
  return (
    <div className={styles['stripWrap']}>
      <div className={styles['strip']} role="img" aria-label={`State over time: ${summary}`}>
        {filled.map((segment) => (
          <i
            key={segment.from}
            className={styles[CLASS[segment.status]]}
            style={{ flexGrow: segment.to - segment.from }}
            title={`${segment.status}, ${formatClock(segment.from, to, zone, true)} to ${formatClock(segment.to, to, zone, true)} (${formatDuration(segment.to - segment.from)})`}
          />
        ))}
      </div>
      {!bare && (
        <div className={styles['stripEnds']}>
          <span>{formatClock(from, to, zone)}</span>
          <span>{summary}</span>
          <span>{formatClock(to, to, zone)}</span>
        </div>
      )}
    </div>
  );
}
