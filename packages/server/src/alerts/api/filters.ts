import type { LabelSet } from '../labels/label-set.ts';
import { type AlertMatcher, compilePattern } from '../matchers/matcher.ts';
import { parseMatcher } from '../matchers/parse.ts';
import type { Silence } from '../silences/silence.ts';

/** The `filter` parameters, each one matcher. Throws MatcherSyntaxError. */
export function parseFilters(filters: readonly string[]): readonly AlertMatcher[] {
  return filters.map(parseMatcher);
}

/** The `receiver` parameter: a pattern, anchored. Throws MatcherSyntaxError. */
export function receiverFilter(pattern: string | undefined): (receiver: string) => boolean {
  if (pattern === undefined) return () => true;
  const compiled = compilePattern(`^(?:${pattern})$`);
  return (receiver) => compiled.test(receiver);
}

/**
 * Whether labels pass filters, as API v2 judges it: against the empty text, `=` and `=~` mean that the label is missing, `!=` and `!~` that
 * it is there.
 */
export function passesFilters(labels: LabelSet, filters: readonly AlertMatcher[]): boolean {
  return filters.every((filter) => {
    const value = labels.get(filter.name);
    const isNegative = filter.op === '!=' || filter.op === '!~';
    if (filter.value === '' && isNegative === (value !== undefined)) return true;
    return filter.matches(value ?? '');
  });
}

/** A silence passes when each filter is one of its own matchers. */
export function silencePasses(
  { matchers }: Pick<Silence, 'matchers'>,
  filters: readonly AlertMatcher[],
): boolean {
  return filters.every(({ name, op, value }) =>
    matchers.some((own) => own.name === name && own.op === op && own.value === value),
  );
}

/** Which alerts of a state are wanted; all where a client says nothing. */
export interface StateFilter {
  readonly active: boolean;
  readonly silenced: boolean;
  readonly inhibited: boolean;
  readonly unprocessed: boolean;
}

export const ALL_STATES: StateFilter = { active: true, silenced: true, inhibited: true, unprocessed: true };
