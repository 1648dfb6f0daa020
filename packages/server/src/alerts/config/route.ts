import { compareUtf8 } from '../labels/label-set.ts';
import { type AlertMatcher, alertMatcher, compilePattern, MatcherSyntaxError } from '../matchers/matcher.ts';
import { type MatcherWarning, parseMatchers } from '../matchers/parse.ts';
import { type Decoder, duration, type Fields, flag, listOf, mapOf, struct, text } from './yaml/decode.ts';
import type { Place } from './yaml/place.ts';

/** Matchers as they stand in a file, and what is odd about them. */
export interface WrittenMatchers {
  readonly matchers: readonly AlertMatcher[];
  readonly warnings: readonly MatcherWarning[];
}

/** `matchers`: a list of texts, each one matcher or more. */
export const matcherList: Decoder<WrittenMatchers> = (place) => {
  const parsed = listOf((item) => {
    const line = text(item);
    return line === undefined ? undefined : refusing(item, () => parseMatchers(line));
  })(place);
  return (
    parsed && {
      matchers: parsed.flatMap(({ matchers }) => matchers),
      warnings: parsed.flatMap(({ warning }) => (warning === null ? [] : [warning])),
    }
  );
};

const CLASSIC_NAME = /^[a-zA-Z_][a-zA-Z0-9_]*$/;

/** `match` and its like: names with the exact text. */
export const exactMatches: Decoder<readonly AlertMatcher[]> = (place) =>
  matchesOf(place, (_value, name, word) => alertMatcher(name, '=', word));

/** `match_re` and its like: names with a pattern. */
export const patternMatches: Decoder<readonly AlertMatcher[]> = (place) =>
  matchesOf(place, (value, name, pattern) =>
    refusing(value, () => {
      // Within its anchors, as Alertmanager keeps it: so it stands in groups' keys.
      const anchored = `^(?:${pattern})$`;
      compilePattern(anchored);
      return alertMatcher(name, '=~', anchored);
    }),
  );

function matchesOf(
  place: Place,
  matcher: (value: Place, name: string, word: string) => AlertMatcher | undefined,
): readonly AlertMatcher[] | undefined {
  const words = mapOf(text)(place);
  if (words === undefined) return undefined;
  return [...words].flatMap(([name, word]) => {
    if (!CLASSIC_NAME.test(name)) place.at(name).refuse(`invalid label name "${name}"`);
    return matcher(place.at(name), name, word) ?? [];
  });
}

function refusing<T>(place: Place, read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof MatcherSyntaxError) return place.refuse(error.message);
    throw error;
  }
}

/** Names of labels, of which none is empty or broken. */
export const labelNames =
  (list: string): Decoder<readonly string[]> =>
  (place) =>
    listOf((item) => {
      const name = text(item);
      return name === '' ? item.refuse(`invalid label name "" in ${list}`) : name;
    })(place);

/** All labels: every alert is a group of its own. */
const ALL = '...';

interface Grouping {
  /** Empty when nothing is written, which is what the route above has. */
  readonly names: readonly string[];
  readonly isByAll: boolean;
}

const grouping: Decoder<Grouping> = (place) => {
  const written = labelNames('group_by list')(place);
  if (written === undefined) return undefined;
  const names = written.filter((name) => name !== ALL);
  const isByAll = names.length < written.length;
  if (isByAll && names.length > 0)
    place.refuse('cannot have wildcard group_by (`...`) and other labels at the same time');
  const seen = new Set<string>();
  for (const name of names) {
    if (seen.has(name)) place.refuse(`duplicated label "${name}" in group_by`);
    seen.add(name);
  }
  return { names: [...names].sort(compareUtf8), isByAll };
};

const aboveZero =
  (name: string): Decoder<number> =>
  (place) => {
    const ms = duration(place);
    return ms === 0 ? place.refuse(`${name} cannot be zero`) : ms;
  };

/** A node of the routing tree as it stands in a file. */
export interface WrittenRoute {
  readonly place: Place;
  readonly receiver: string | undefined;
  readonly grouping: Grouping | undefined;
  /** Of all three ways to write them. */
  readonly matchers: readonly AlertMatcher[];
  readonly warnings: readonly MatcherWarning[];
  readonly continue: boolean;
  readonly muteTimeIntervals: readonly string[];
  readonly activeTimeIntervals: readonly string[];
  readonly groupWaitMs: number | undefined;
  readonly groupIntervalMs: number | undefined;
  readonly repeatIntervalMs: number | undefined;
  readonly routes: readonly WrittenRoute[];
}

const routeFields = {
  receiver: text,
  group_by: grouping,
  match: exactMatches,
  match_re: patternMatches,
  matchers: matcherList,
  mute_time_intervals: listOf(text),
  active_time_intervals: listOf(text),
  continue: flag,
  group_wait: duration,
  group_interval: aboveZero('group_interval'),
  repeat_interval: aboveZero('repeat_interval'),
  routes: listOf((place) => route(place)),
} as const satisfies Fields;

/** A function, not a value: it stands within itself. */
export function route(place: Place): WrittenRoute | undefined {
  const written = struct(routeFields)(place);
  if (written === undefined) return undefined;
  return {
    place,
    receiver: written.receiver === '' ? undefined : written.receiver,
    grouping: written.group_by,
    matchers: [...(written.match ?? []), ...(written.match_re ?? []), ...(written.matchers?.matchers ?? [])],
    warnings: written.matchers?.warnings ?? [],
    continue: written.continue ?? false,
    muteTimeIntervals: written.mute_time_intervals ?? [],
    activeTimeIntervals: written.active_time_intervals ?? [],
    groupWaitMs: written.group_wait,
    groupIntervalMs: written.group_interval,
    repeatIntervalMs: written.repeat_interval,
    routes: written.routes ?? [],
  };
}
