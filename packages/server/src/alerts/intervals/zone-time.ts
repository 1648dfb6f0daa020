const DAY_MS = 86_400_000;
const SECOND_MS = 1000;

/** A formatter costs a millisecond, its use some microseconds. */
const formatters = new Map<string, Intl.DateTimeFormat>();

/**
 * What the clocks of a zone show at an instant (epoch ms): the epoch ms at which a clock in UTC shows the same. Such wall times are for
 * reckoning with days and times of day; they are no instants.
 */
export function wallAt(zone: string, at: number): number {
  const second = Math.floor(at / SECOND_MS) * SECOND_MS;
  const parts = new Map(
    formatterOf(zone)
      .formatToParts(second)
      .map(({ type, value }) => [type, Number(value)]),
  );
  const of = (type: Intl.DateTimeFormatPartTypes): number => parts.get(type) ?? 0;
  const wall = Date.UTC(of('year'), of('month') - 1, of('day'), of('hour'), of('minute'), of('second'));
  return wall + (at - second);
}

/**
 * The first instant at which the zone's clocks show a wall time or, where they leave it out, a later one. Where they show it twice it is the
 * first time. It never falls when the wall time rises.
 */
export function instantOf(zone: string, wall: number): number {
  const { before, after, change } = changeAround(zone, wall);
  if (change === null) return wall - before;
  if (wall - before < change) return wall - before;
  return Math.max(change, wall - after);
}

/** All instants at which the clocks may begin or cease to show a time from this one on: those that show it, and a change of them nearby. */
export function instantsAround(zone: string, wall: number): readonly number[] {
  const { before, after, change } = changeAround(zone, wall);
  return change === null ? [wall - before] : [wall - before, change, wall - after];
}

interface Change {
  /** Wall time less instant, ms. */
  readonly before: number;
  readonly after: number;
  /** The instant at which the clocks are changed; null when they are not. No zone changes its clocks twice within two days. */
  readonly change: number | null;
}

function changeAround(zone: string, wall: number): Change {
  const offset = (at: number): number => wallAt(zone, at) - at;
  // No zone is a day away from UTC.
  let [low, high] = [wall - DAY_MS, wall + DAY_MS];
  const [before, after] = [offset(low), offset(high)];
  if (before === after) return { before, after, change: null };
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (offset(middle) === before) low = middle;
    else high = middle;
  }
  return { before, after, change: high };
}

function formatterOf(zone: string): Intl.DateTimeFormat {
  const known = formatters.get(zone);
  if (known !== undefined) return known;
  const formatter = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    calendar: 'gregory',
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  formatters.set(zone, formatter);
  return formatter;
}
