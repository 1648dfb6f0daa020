import { contains, type TimeInterval } from '../../intervals/interval.ts';
import { wallTimeIn } from '../../intervals/wall-clock.ts';
import { instantOf, wallAt } from '../../intervals/zone-time.ts';

/** People who take turns. Turns are reckoned by the clock on the wall: a hand-over at 09:00 is at 09:00 in summer and in winter. */
export interface Layer {
  readonly name: string;
  /** At least one. */
  readonly people: readonly string[];
  /** Wall time (zone-time.ts) of the first person's first turn; nobody has one before. */
  readonly start: number;
  /** One turn, in ms of the clock on the wall; above 0. */
  readonly lengthMs: number;
  /** Outside of all of these nobody of the layer is on call; null for always. */
  readonly during: readonly TimeInterval[] | null;
}

/** Somebody stands in. Epoch ms; the end does not belong to it. */
export interface Override {
  readonly id: string;
  readonly person: string;
  readonly from: number;
  readonly until: number;
}

/** Who is on call when. */
export interface Schedule {
  readonly name: string;
  /** IANA name of where the clock hangs. */
  readonly zone: string;
  /** Of those that have somebody at an instant the last one counts. */
  readonly layers: readonly Layer[];
  /** They win over all layers; of those that overlap the last one counts. */
  readonly overrides: readonly Override[];
}

/** Who is on call at an instant, and by what. */
export interface Turn {
  readonly person: string;
  readonly by:
    | { readonly kind: 'override'; readonly id: string }
    /** The how-manieth turn of which layer, from 0. */
    | { readonly kind: 'layer'; readonly layer: string; readonly turn: number };
}

/** Null when nobody is. */
export function onCallAt(schedule: Schedule, at: number): Turn | null {
  const override = schedule.overrides.findLast(({ from, until }) => from <= at && at < until);
  if (override !== undefined) return { person: override.person, by: { kind: 'override', id: override.id } };
  for (const layer of schedule.layers.toReversed()) {
    const turn = turnAt(layer, schedule.zone, at);
    if (turn === null || !isActive(layer, schedule.zone, at)) continue;
    const person = layer.people[turn % layer.people.length];
    return { person, by: { kind: 'layer', layer: layer.name, turn } };
  }
  return null;
}

/** The instant at which a turn of a layer begins. */
export function turnBegins({ start, lengthMs }: Layer, zone: string, turn: number): number {
  return instantOf(zone, start + turn * lengthMs);
}

/** The turn that has begun last; null before the first. */
export function turnAt(layer: Layer, zone: string, at: number): number | null {
  let turn = Math.floor((wallAt(zone, at) - layer.start) / layer.lengthMs);
  // A clock that was put back shows times of a turn that is over.
  while (turnBegins(layer, zone, turn + 1) <= at) turn++;
  while (turn >= 0 && turnBegins(layer, zone, turn) > at) turn--;
  return turn < 0 ? null : turn;
}

function isActive({ during }: Layer, zone: string, at: number): boolean {
  return during === null || during.some((one) => contains(one, wallTimeIn(one.zone ?? zone, at)));
}
