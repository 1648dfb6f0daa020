import { matcherList } from '../../config/route.ts';
import { type Decoder, duration, given, integer, listOf, struct, text } from '../../config/yaml/decode.ts';
import type { Place } from '../../config/yaml/place.ts';
import type { TimeInterval } from '../../intervals/interval.ts';
import { type AlertMatcher, alertMatcher } from '../../matchers/matcher.ts';

/** Whom a level tells. */
export interface Target {
  /** A schedule stands for who is on call at that moment; a receiver is one of Alertmanager's file. */
  readonly kind: 'schedule' | 'person' | 'receiver';
  readonly name: string;
}

/** One step of an escalation. */
export interface Level {
  readonly targets: readonly Target[];
  /** How often they are told before the next level is. */
  readonly times: number;
  /** From one telling to the next, also to that of the next level; ms. */
  readonly everyMs: number;
}

/** Times by their names, in which alone something happens. */
interface During {
  readonly names: readonly string[];
  readonly intervals: readonly TimeInterval[];
}

/** How urgent some alerts are, and who is told of them. */
export interface PolicyRule {
  readonly name: string;
  /** None match every alert. */
  readonly matchers: readonly AlertMatcher[];
  /** From the first word of a group to the first telling; ms. */
  readonly delayMs: number;
  /** Null for always. */
  readonly during: During | null;
  readonly levels: readonly Level[];
}

export interface Policy {
  readonly name: string;
  /** In the order of urgency: the first one that an alert of a group matches counts for the group. */
  readonly rules: readonly PolicyRule[];
  /** How often all levels begin anew after the last one. */
  readonly repeat: number;
  /** How long an acknowledgement holds, ms; null until the alerts end. */
  readonly acknowledgedForMs: number | null;
}

/** What names mean that a policy uses. */
interface PolicyNames {
  /** Where clocks hang of intervals that say nothing else. */
  readonly zone: string;
  readonly intervals: ReadonlyMap<string, readonly TimeInterval[]>;
  readonly targets: Readonly<Record<Target['kind'], ReadonlySet<string>>>;
}

/** A policy that waits for the names it uses. */
export interface WrittenPolicy {
  readonly name: string;
  readonly place: Place;
  finish(names: PolicyNames): Policy;
}

const WARNING_DELAY_MS = 900_000;
const DEFAULT_EVERY_MS = 300_000;
const DEFAULT_TIMES = 2;
const LEAST_EVERY_MS = 1000;
const MOST_TIMES = 1000;

/** Monday to Friday, nine to five. */
const OFFICE: TimeInterval = {
  weekdays: [{ begin: 1, end: 5 }],
  times: [{ start: 9 * 60, end: 17 * 60 }],
};

function inZone(intervals: readonly TimeInterval[], zone: string): readonly TimeInterval[] {
  return intervals.map((one) => ({ ...one, zone: one.zone ?? zone }));
}

const targetFields = struct({ schedule: text, person: text, receiver: text });

/** A target that waits for the names there are. */
type WrittenTarget = (names: PolicyNames) => Target;

const target: Decoder<WrittenTarget> = (place) => {
  const written = targetFields(place);
  if (written === undefined) return undefined;
  const said = (['schedule', 'person', 'receiver'] as const).flatMap((kind) => {
    const name = written[kind];
    return given(name) ? [{ kind, name }] : [];
  });
  const [only] = said;
  if (only === undefined || said.length > 1)
    return place.refuse('expected one of "schedule", "person" and "receiver"');
  return ({ targets }) => {
    if (!targets[only.kind].has(only.name))
      place.at(only.kind).refuse(`there is no ${only.kind} "${only.name}"`);
    return only;
  };
};

const count =
  (least: number): Decoder<number> =>
  (place) => {
    const value = integer(place);
    if (value === undefined) return undefined;
    return value >= least && value <= MOST_TIMES
      ? value
      : place.refuse(`${value} is not from ${least} to ${MOST_TIMES}`);
  };

const everyFew: Decoder<number> = (place) => {
  const ms = duration(place);
  return ms !== undefined && ms < LEAST_EVERY_MS ? place.refuse('must be at least 1s') : ms;
};

const levelFields = struct({ tell: listOf(target), times: count(1), every: everyFew });

type WrittenLevel = (names: PolicyNames) => Level;

const level: Decoder<WrittenLevel> = (place) => {
  const written = levelFields(place);
  if (written === undefined) return undefined;
  if (written.tell === undefined || written.tell.length === 0) return place.refuse('a level tells nobody');
  const { tell, times = DEFAULT_TIMES, every: everyMs = DEFAULT_EVERY_MS } = written;
  return (names) => ({ targets: tell.map((one) => one(names)), times, everyMs });
};

const during: Decoder<(names: PolicyNames) => During> = (place) => {
  const written = listOf(text)(place);
  if (written === undefined) return undefined;
  return ({ intervals, zone }) => {
    for (const name of written) if (!intervals.has(name)) place.refuse(`there is no time interval "${name}"`);
    return {
      names: written,
      intervals: inZone(
        written.flatMap((name) => intervals.get(name) ?? []),
        zone,
      ),
    };
  };
};

const ruleFields = struct({
  name: text,
  matchers: matcherList,
  delay: duration,
  during,
  levels: listOf(level),
});

const rule = (place: Place): ReturnType<typeof ruleFields> => {
  const written = ruleFields(place);
  return written !== undefined && !given(written.name) ? place.refuse('missing name in rule') : written;
};

const policyFields = struct({
  name: text,
  levels: listOf(level),
  business_hours: during,
  rules: listOf(rule),
  repeat: count(0),
  acknowledged_for: everyFew,
});

export const policy: Decoder<WrittenPolicy> = (place) => {
  const written = policyFields(place);
  if (written === undefined) return undefined;
  const { name, levels = [], rules } = written;
  if (!given(name)) return place.refuse('missing name in policy');
  if (levels.length === 0 && (rules === undefined || rules.some((one) => one.levels === undefined)))
    place.refuse('there are no levels: nobody would be told');
  return {
    name,
    place,
    finish: (names) => {
      const own = levels.map((one) => one(names));
      const office = { names: ['office hours'], intervals: inZone([OFFICE], names.zone) };
      const hours = written.business_hours?.(names) ?? office;
      return {
        name,
        repeat: written.repeat ?? 0,
        acknowledgedForMs: written.acknowledged_for ?? null,
        rules:
          rules?.map((one) => ({
            name: one.name ?? '',
            matchers: one.matchers?.matchers ?? [],
            delayMs: one.delay ?? 0,
            during: one.during?.(names) ?? null,
            levels: one.levels?.map((of) => of(names)) ?? own,
          })) ?? defaultRules(own, hours),
      };
    },
  };
};

/** Critical at once, warnings after a while, what only informs in business hours; what says nothing of the kind may be anything. */
function defaultRules(levels: readonly Level[], hours: During): readonly PolicyRule[] {
  const severity = (word: string): readonly AlertMatcher[] => [alertMatcher('severity', '=', word)];
  const atOnce = { delayMs: 0, during: null, levels };
  return [
    { ...atOnce, name: 'critical', matchers: severity('critical') },
    {
      ...atOnce,
      name: 'without a severity that is known',
      matchers: [alertMatcher('severity', '!~', 'warning|info')],
    },
    { ...atOnce, name: 'warning', matchers: severity('warning'), delayMs: WARNING_DELAY_MS },
    { ...atOnce, name: 'info', matchers: severity('info'), during: hours },
  ];
}
