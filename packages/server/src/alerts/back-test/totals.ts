import { type Firing, isFiring, type Spell } from './spell.ts';

/** Within so long of its end an alert that fires again comes and goes. */
const FLAP_MS = 15 * 60_000;

/** What somebody who judges a rule asks first. Times in ms, of the part within the range. */
export interface Totals {
  readonly firings: number;
  /** Different alerts that fired. */
  readonly alerts: number;
  /** For so long at least one fired. */
  readonly firingMs: number;
  readonly longestMs: number;
  readonly medianMs: number;
  /** Firings that began at most 15 minutes after the same alert's last one had ended. */
  readonly flaps: number;
  /** Times that the condition held, but not for long enough. */
  readonly onlyPending: number;
  /** Most that fired at once. */
  readonly most: number;
}

interface Range {
  readonly start: number;
  readonly end: number;
}

/** How long it fired within the range, ms. */
function firingMs({ firedAt, endedAt }: Firing, { start, end }: Range): number {
  return Math.max(0, Math.min(endedAt ?? end, end) - Math.max(firedAt, start));
}

/** Those that are of the range: the time before it was looked at only to know how it began. */
export function spellsWithin(spells: readonly Spell[], { start, end }: Range): readonly Spell[] {
  return spells.filter(({ activeAt, endedAt }) => activeAt <= end && (endedAt === null || endedAt > start));
}

export function totalsOf(spells: readonly Spell[], range: Range): Totals {
  const firings = spells.filter(isFiring);
  const lengths = firings.map((one) => firingMs(one, range)).sort((a, b) => a - b);
  return {
    firings: firings.length,
    alerts: new Set(firings.map(({ labels }) => labels.key)).size,
    ...together(firings, range),
    longestMs: lengths.at(-1) ?? 0,
    medianMs: lengths[Math.floor(lengths.length / 2)] ?? 0,
    flaps: flapsOf(firings),
    onlyPending: spells.length - firings.length,
  };
}

function together(firings: readonly Firing[], range: Range): Pick<Totals, 'firingMs' | 'most'> {
  const edges = firings.flatMap(({ firedAt, endedAt }) => [
    { at: Math.max(firedAt, range.start), by: 1 },
    { at: Math.min(endedAt ?? range.end, range.end), by: -1 },
  ]);
  // An end does not belong to what it ends.
  edges.sort((a, b) => a.at - b.at || a.by - b.by);
  let [now, since, sum, most] = [0, 0, 0, 0];
  for (const { at, by } of edges) {
    if (now > 0) sum += at - since;
    now += by;
    since = at;
    most = Math.max(most, now);
  }
  return { firingMs: sum, most };
}

function flapsOf(firings: readonly Firing[]): number {
  const endedAt = new Map<string, number>();
  let flaps = 0;
  for (const one of firings.toSorted((a, b) => a.firedAt - b.firedAt)) {
    const last = endedAt.get(one.labels.key);
    if (last !== undefined && one.firedAt - last <= FLAP_MS) flaps++;
    if (one.endedAt !== null) endedAt.set(one.labels.key, one.endedAt);
  }
  return flaps;
}
