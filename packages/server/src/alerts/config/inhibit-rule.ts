import type { AlertMatcher } from '../matchers/matcher.ts';
import type { MatcherWarning } from '../matchers/parse.ts';
import { exactMatches, labelNames, matcherList, patternMatches } from './route.ts';
import { type Decoder, struct, text } from './yaml/decode.ts';

/** Alerts that match the target are quiet while one that matches the source fires with the same values of the equal labels. */
export interface InhibitRule {
  /** May be empty. */
  readonly name: string;
  readonly source: readonly AlertMatcher[];
  readonly target: readonly AlertMatcher[];
  readonly equal: readonly string[];
  readonly warnings: readonly MatcherWarning[];
}

const fields = struct({
  name: text,
  source_match: exactMatches,
  source_match_re: patternMatches,
  source_matchers: matcherList,
  target_match: exactMatches,
  target_match_re: patternMatches,
  target_matchers: matcherList,
  equal: labelNames('equal list'),
});

export const inhibitRule: Decoder<InhibitRule> = (place) => {
  const written = fields(place);
  if (written === undefined) return undefined;
  return {
    name: written.name ?? '',
    source: [
      ...(written.source_match ?? []),
      ...(written.source_match_re ?? []),
      ...(written.source_matchers?.matchers ?? []),
    ],
    target: [
      ...(written.target_match ?? []),
      ...(written.target_match_re ?? []),
      ...(written.target_matchers?.matchers ?? []),
    ],
    equal: [...new Set(written.equal ?? [])],
    warnings: [...(written.source_matchers?.warnings ?? []), ...(written.target_matchers?.warnings ?? [])],
  };
};
