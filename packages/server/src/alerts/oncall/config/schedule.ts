import { type Decoder, duration, given, listOf, struct, text } from '../../config/yaml/decode.ts';
import type { Place } from '../../config/yaml/place.ts';
import type { TimeInterval } from '../../intervals/interval.ts';
import { zoneOf } from '../../intervals/wall-clock.ts';
import { instantOf } from '../../intervals/zone-time.ts';
import type { Layer, Override, Schedule } from '../schedule/schedule.ts';

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
const MOST_LENGTH_MS = 366 * 24 * HOUR_MS;

export const zone: Decoder<string> = (place) => {
  const word = text(place);
  return word === undefined
    ? undefined
    : (zoneOf(word) ?? place.refuse(`unknown time zone ${word}; write it like Europe/Berlin`));
};

const WALL = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2})(?::(\d{2}))?)?$/;

/** What a clock on the wall shows, as in `2026-01-05T09:00`; a day alone begins at midnight. */
const wallTime: Decoder<number> = (place) => {
  const word = text(place) ?? '';
  const wall = wallOf(word);
  return wall ?? place.refuse(`"${word}" is not a time such as 2026-01-05T09:00`);
};

function wallOf(word: string): number | undefined {
  const match = WALL.exec(word);
  if (match === null) return undefined;
  const [, day, time = '00:00', second = '00'] = match;
  const iso = `${day}T${time}:${second}.000Z`;
  const wall = Date.parse(iso);
  // The 31st of February is the 3rd of March to Date.
  return Number.isNaN(wall) || new Date(wall).toISOString() !== iso ? undefined : wall;
}

/** A wall time in the schedule's zone, or an instant with its own, as in `2026-01-05T09:00:00Z`. */
const moment: Decoder<(zone: string) => number> = (place) => {
  const word = text(place) ?? '';
  const wall = wallOf(word);
  if (wall !== undefined) return (of) => instantOf(of, wall);
  const at = /(?:Z|[+-]\d{2}:\d{2})$/.test(word) ? Date.parse(word) : Number.NaN;
  return Number.isNaN(at)
    ? place.refuse(`"${word}" is not a time such as 2026-01-05T09:00 or 2026-01-05T09:00:00Z`)
    : () => at;
};

const turnLength: Decoder<number> = (place) => {
  const ms = duration(place);
  if (ms === undefined) return undefined;
  return ms >= HOUR_MS && ms <= MOST_LENGTH_MS && ms % MINUTE_MS === 0
    ? ms
    : place.refuse('a turn takes from 1h to 366d, in whole minutes');
};

const layerFields = struct({
  name: text,
  people: listOf(text),
  start: wallTime,
  every: turnLength,
  during: listOf(text),
});
const overrideFields = struct({ person: text, from: moment, until: moment });
const scheduleFields = struct({
  name: text,
  time_zone: zone,
  layers: listOf(layerFields),
  overrides: listOf(overrideFields),
});

/** What names mean that a schedule uses. */
interface ScheduleNames {
  readonly zone: string;
  readonly people: ReadonlySet<string>;
  readonly intervals: ReadonlyMap<string, readonly TimeInterval[]>;
}

/** A schedule that waits for the names it uses. */
export interface WrittenSchedule {
  readonly name: string;
  readonly place: Place;
  finish(names: ScheduleNames): Schedule;
}

export const schedule: Decoder<WrittenSchedule> = (place) => {
  const written = scheduleFields(place);
  if (written === undefined) return undefined;
  const { name, layers = [], overrides = [] } = written;
  if (!given(name)) return place.refuse('missing name in schedule');
  if (layers.length === 0) place.refuse(`schedule "${name}" has no layers: nobody would be on call`);
  return {
    name,
    place,
    finish: (names) => {
      const of = written.time_zone ?? names.zone;
      return {
        name,
        zone: of,
        layers: layers.flatMap((one, i) => finishLayer(one, i, names) ?? []),
        overrides: overrides.flatMap((one, i) => finishOverride(one, i, { ...names, zone: of }) ?? []),
      };
    },
  };
};

type WrittenLayer = NonNullable<ReturnType<typeof layerFields>>;
type WrittenOverride = NonNullable<ReturnType<typeof overrideFields>>;

function finishLayer(written: WrittenLayer, index: number, names: ScheduleNames): Layer | undefined {
  const { place, people = [], start, every } = written;
  if (people.length === 0) place.refuse('missing people in layer');
  for (const name of people) knownPerson(place.at('people'), name, names);
  if (start === undefined && place.at('start').isNull) place.refuse('missing start in layer');
  if (every === undefined && place.at('every').isNull)
    place.refuse('missing every in layer: how long is a turn?');
  for (const name of written.during ?? [])
    if (!names.intervals.has(name)) place.at('during').refuse(`there is no time interval "${name}"`);
  if (start === undefined || every === undefined || people.length === 0) return undefined;
  return {
    name: given(written.name) ? written.name : `layer ${index + 1}`,
    people,
    start,
    lengthMs: every,
    during: written.during?.flatMap((name) => names.intervals.get(name) ?? []) ?? null,
  };
}

function finishOverride(written: WrittenOverride, index: number, names: ScheduleNames): Override | undefined {
  const { place, person } = written;
  if (!given(person)) return place.refuse('missing person in override');
  knownPerson(place.at('person'), person, names);
  const [from, until] = [written.from?.(names.zone), written.until?.(names.zone)];
  if (from === undefined || until === undefined) return place.refuse('an override needs "from" and "until"');
  return from < until
    ? { id: `file-${index}`, person, from, until }
    : place.refuse('an override ends before it begins');
}

function knownPerson(place: Place, name: string, { people }: ScheduleNames): void {
  if (!people.has(name)) place.refuse(`there is no person "${name}"`);
}
