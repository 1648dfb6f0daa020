export const DAY_MS = 86_400_000;
/** Days that the page shows, today among them. */
export const DAYS = 90;

/** A stretch of time in one state. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
  readonly status: 'healthy' | 'degraded' | 'unhealthy' | 'unknown';
}

/** Share of each day's known time in which something worked, 0 to 1; null where nothing is known. Days are of UTC; `today` is one's number. */
export function daysOf(stretches: readonly Stretch[], today: number): (number | null)[] {
  const known = new Float64Array(DAYS);
  const worked = new Float64Array(DAYS);
  const first = (today - DAYS + 1) * DAY_MS;
  for (const { from, to, status } of stretches) {
    if (status === 'unknown') continue;
    for (let at = Math.max(from, first); at < to; ) {
      const day = Math.floor((at - first) / DAY_MS);
      if (day >= DAYS) break;
      const end = Math.min(to, first + (day + 1) * DAY_MS);
      known[day] += end - at;
      if (status !== 'unhealthy') worked[day] += end - at;
      at = end;
    }
  }
  return Array.from(known, (total, day) => (total === 0 ? null : worked[day] / total));
}

/** Of the last so many days together; each day counts as much. Null where nothing is known. */
export function uptimeOf(days: readonly (number | null)[], last = DAYS): number | null {
  const known = days.slice(-last).filter((value) => value !== null);
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0) / known.length;
}

/** `99.98 %`, rounded down: what was down for a moment never reads as 100. */
export function percent(value: number): string {
  return `${(Math.floor(value * 1e4 + 1e-7) / 100).toFixed(2).replace(/\.?0+$/, '')} %`;
}
