import type { TimeInterval } from '../../intervals/interval.ts';
import { instantsAround, wallAt } from '../../intervals/zone-time.ts';
import { type Layer, onCallAt, type Schedule, type Turn, turnAt, turnBegins } from './schedule.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

/** A span in which one person, or nobody, is on call by the same turn. Epoch ms; the end does not belong to it. */
export interface Shift {
  readonly from: number;
  readonly until: number;
  /** Null when nobody is. */
  readonly turn: Turn | null;
}

/** The shifts of a time, one after another without a gap; the first and the last are cut where it begins and ends. */
export function shiftsBetween(schedule: Schedule, from: number, until: number): readonly Shift[] {
  const edges = [...new Set([from, ...edgesOf(schedule, from, until)])]
    .filter((at) => at >= from && at < until)
    .sort((a, b) => a - b);
  const shifts: Shift[] = [];
  edges.forEach((at, i) => {
    const end = edges[i + 1] ?? until;
    const turn = onCallAt(schedule, at);
    const last = shifts.at(-1);
    if (last !== undefined && isSameTurn(last.turn, turn))
      shifts[shifts.length - 1] = { ...last, until: end };
    else shifts.push({ from: at, until: end, turn });
  });
  return shifts;
}

/** Every instant at which who is on call may change; some more do no harm. */
function edgesOf({ zone, layers, overrides }: Schedule, from: number, until: number): readonly number[] {
  return [
    ...overrides.flatMap((one) => [one.from, one.until]),
    ...layers.flatMap((layer) => [
      ...turnEdges(layer, zone, from, until),
      ...(layer.during ?? []).flatMap((one) => intervalEdges(one, one.zone ?? zone, from, until)),
    ]),
  ];
}

function turnEdges(layer: Layer, zone: string, from: number, until: number): readonly number[] {
  const edges: number[] = [];
  for (let turn = (turnAt(layer, zone, from) ?? -1) + 1; ; turn++) {
    const at = turnBegins(layer, zone, turn);
    if (at >= until) return edges;
    edges.push(at);
  }
}

/** An interval begins and ends at midnight, at its own times of the day, or where the clocks are changed. */
function intervalEdges(
  { times }: TimeInterval,
  zone: string,
  from: number,
  until: number,
): readonly number[] {
  const minutes = [0, ...(times ?? []).flatMap(({ start, end }) => [start, end])];
  const edges: number[] = [];
  const midnight = Math.floor(wallAt(zone, from) / DAY_MS) * DAY_MS;
  // Clocks that are put back may show the first and the last day once more.
  for (let day = midnight - DAY_MS; day <= wallAt(zone, until) + DAY_MS; day += DAY_MS)
    for (const minute of minutes) edges.push(...instantsAround(zone, day + minute * MINUTE_MS));
  return edges;
}

function isSameTurn(a: Turn | null, b: Turn | null): boolean {
  if (a === null || b === null) return a === b;
  if (a.by.kind === 'override' || b.by.kind === 'override')
    return a.by.kind === b.by.kind && 'id' in a.by && 'id' in b.by && a.by.id === b.by.id;
  return a.by.layer === b.by.layer && a.by.turn === b.by.turn;
}
