import { parseClassicMatcher, parseClassicMatchers } from './classic-parse.ts';
import { type AlertMatcher, formatMatcher, MatcherSyntaxError, sameMatchers } from './matcher.ts';
import { parseUtf8Matcher, parseUtf8Matchers } from './utf8-parse.ts';

/** What the two syntaxes make of a text, where they do not agree. */
export interface MatcherWarning {
  /** Only the classic syntax reads it, or both do and mean different things; the classic meaning counts. */
  readonly kind: 'incompatible' | 'disagreement';
  readonly input: string;
  /** The same in words that both read alike. */
  readonly suggestion: string;
}

export interface ParsedMatchers {
  readonly matchers: readonly AlertMatcher[];
  readonly warning: MatcherWarning | null;
}

/**
 * Reads a list of matchers by Alertmanager's rule since 0.27: the UTF-8 syntax, or the classic one where only that reads the text or
 * the two disagree. Throws {@link MatcherSyntaxError} with the classic syntax' reason when neither reads it.
 */
export function parseMatchers(input: string): ParsedMatchers {
  return agreed(input, parseUtf8Matchers, parseClassicMatchers);
}

/** The same for exactly one matcher, without braces. */
export function parseMatcher(input: string): AlertMatcher {
  if (input.startsWith('{') || input.endsWith('}'))
    throw new MatcherSyntaxError(`unexpected open or close brace: ${input}`);
  const { matchers } = agreed(
    input,
    (text) => [parseUtf8Matcher(text)],
    (text) => [parseClassicMatcher(text)],
  );
  const [only] = matchers;
  if (only === undefined) throw new MatcherSyntaxError('no matchers');
  return only;
}

type Parse = (input: string) => readonly AlertMatcher[];

function agreed(input: string, utf8: Parse, classic: Parse): ParsedMatchers {
  const modern = attempt(utf8, input);
  const old = attempt(classic, input);
  if (old instanceof MatcherSyntaxError) {
    if (modern instanceof MatcherSyntaxError) throw old;
    return { matchers: modern, warning: null };
  }
  const suggestion = old.map(formatMatcher).join(',');
  if (modern instanceof MatcherSyntaxError)
    return { matchers: old, warning: { kind: 'incompatible', input, suggestion } };
  if (sameMatchers(modern, old)) return { matchers: modern, warning: null };
  return { matchers: old, warning: { kind: 'disagreement', input, suggestion } };
}

function attempt(parse: Parse, input: string): readonly AlertMatcher[] | MatcherSyntaxError {
  try {
    return parse(input);
  } catch (error) {
    if (error instanceof MatcherSyntaxError) return error;
    throw error;
  }
}
