import type { InclusiveRange, MinuteRange, TimeInterval } from '../intervals/interval.ts';
import { zoneOf } from '../intervals/wall-clock.ts';
import { type Decoder, given, listOf, struct, text } from './yaml/decode.ts';
import type { Place } from './yaml/place.ts';

const WEEKDAYS = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'];
const MONTHS = [
  'january',
  'february',
  'march',
  'april',
  'may',
  'june',
  'july',
  'august',
  'september',
  'october',
  'november',
  'december',
];

const TIME = /^(?:(?:[01]\d|2[0-3]):[0-5]\d|24:00)$/;

function minutes(place: Place, time: string): number | undefined {
  if (!TIME.test(time))
    return place.refuse(`couldn't parse timestamp ${time}, invalid format; expected HH:MM`);
  return Number(time.slice(0, 2)) * 60 + Number(time.slice(3));
}

const timeRangeFields = struct({ start_time: text, end_time: text });

const timeRange: Decoder<MinuteRange> = (place) => {
  const written = timeRangeFields(place);
  if (written === undefined) return undefined;
  const { start_time: from, end_time: to } = written;
  if (!given(from) || !given(to)) return place.refuse('both start and end times must be provided');
  const start = minutes(place.at('start_time'), from);
  const end = minutes(place.at('end_time'), to);
  if (start === undefined || end === undefined) return undefined;
  return start < end ? { start, end } : place.refuse('start time cannot be equal or greater than end time');
};

/** One member or two with a colon between; case does not matter. */
const rangeOf =
  (
    member: (word: string) => number | string,
    check: (range: InclusiveRange) => string | null,
  ): Decoder<InclusiveRange> =>
  (place) => {
    const word = text(place)?.toLowerCase();
    if (word === undefined) return undefined;
    const [first = '', second = first, ...more] = word.split(':');
    if (more.length > 0) return place.refuse(`couldn't parse range ${word}, invalid format`);
    const begin = member(first);
    const end = member(second);
    if (typeof begin === 'string') return place.refuse(begin);
    if (typeof end === 'string') return place.refuse(end);
    const problem = check({ begin, end });
    return problem === null ? { begin, end } : place.refuse(problem);
  };

const integerOf = (word: string, expected: string): number | string =>
  /^[-+]?\d+$/.test(word) ? Number(word) : `"${word}" is not a valid ${expected}`;

const weekday = rangeOf(
  (word) => (WEEKDAYS.includes(word) ? WEEKDAYS.indexOf(word) : `${word} is not a valid weekday`),
  ({ begin, end }) => (begin > end ? 'start day cannot be before end day' : null),
);

const month = rangeOf(
  (word) => (MONTHS.includes(word) ? MONTHS.indexOf(word) + 1 : integerOf(word, 'month')),
  ({ begin, end }) =>
    begin > end
      ? `end month ${MONTHS[end - 1] ?? ''} is before start month ${MONTHS[begin - 1] ?? ''}`
      : null,
);

const year = rangeOf(
  (word) => integerOf(word, 'year'),
  ({ begin, end }) => (begin > end ? `end year ${end} is before start year ${begin}` : null),
);

/** The shortest month: what is wrong there is wrong in every month. */
const SHORTEST_MONTH = 28;

const dayOfMonth = rangeOf(
  (word) => integerOf(word, 'day of the month'),
  ({ begin, end }) => {
    for (const day of [begin, end])
      if (day === 0 || day < -31 || day > 31) return `${day} is not a valid day of the month: out of range`;
    if (begin < 0 && end > 0) return 'end day must be negative if start day is negative';
    const from = begin < 0 ? SHORTEST_MONTH + begin : begin;
    const to = end < 0 ? SHORTEST_MONTH + end : end;
    return from > to ? `end day ${end} is always before start day ${begin}` : null;
  },
);

const location: Decoder<string> = (place) => {
  const word = text(place);
  return word === undefined ? undefined : (zoneOf(word) ?? place.refuse(`unknown time zone ${word}`));
};

const intervalFields = struct({
  times: listOf(timeRange),
  weekdays: listOf(weekday),
  days_of_month: listOf(dayOfMonth),
  months: listOf(month),
  years: listOf(year),
  location,
});

export const timeInterval: Decoder<TimeInterval> = (place) => {
  const written = intervalFields(place);
  return written === undefined
    ? undefined
    : {
        times: written.times,
        weekdays: written.weekdays,
        daysOfMonth: written.days_of_month,
        months: written.months,
        years: written.years,
        zone: written.location,
      };
};
