import type { Matcher } from '@pharos/promql';
import { parseGoDuration, parseQueryDuration } from '../text/go-duration.ts';
import type { LabelFilter, LogSelector, Stage, Unwrap } from './ast.ts';
import type { Cursor } from './cursor.ts';
import { isMatchOperator, parseLabelFilter, readMatcher } from './label-filter.ts';
import { parseStages } from './stages.ts';

/** `{a="b", c=~"d"}`: at least one matcher must not match the empty value. */
export function parseMatchers(cursor: Cursor): readonly Matcher[] {
  const open = cursor.expectSign('{');
  const matchers: Matcher[] = [];
  while (cursor.accept('operator', '}') === undefined) {
    const name = cursor.expectName('}').raw;
    const { type, text } = cursor.peek();
    if (type !== 'operator' || !isMatchOperator(text)) throw cursor.unexpected('=', '=~', '!~', '!=');
    cursor.next();
    matchers.push(readMatcher(cursor, name, text));
    if (cursor.accept('operator', ',') === undefined && !cursor.is('operator', '}'))
      throw cursor.unexpected('}', ',');
  }
  if (matchers.every((matcher) => matcher.matches('')))
    throw cursor.fail(
      open.start,
      'queries require at least one regexp or equality matcher that does not have an empty-compatible value: ' +
        'app=~".*" is none, app=~".+" is one',
    );
  return matchers;
}

/** A selector with its stages, where no range can stand. */
export function parseLogSelector(cursor: Cursor): LogSelector {
  const { start } = cursor.peek();
  const matchers = parseMatchers(cursor);
  const stages: Stage[] = [];
  if (parseStages(cursor, stages) === 'unwrap') throw cursor.unexpected();
  return { kind: 'log', matchers, stages, span: { start, end: cursor.lastEnd } };
}

export interface LogRange {
  readonly selector: LogSelector;
  readonly unwrap: Unwrap | undefined;
  readonly rangeNs: number;
  readonly offsetNs: number;
}

interface Draft {
  start: number;
  matchers: readonly Matcher[];
  stages: Stage[];
  unwrap: Unwrap | undefined;
  range: { readonly rangeNs: number; readonly offsetNs: number } | undefined;
}

/**
 * `{…} | … [5m] offset 1m`; the range may stand right after the selector, after the stages, or after parentheses around
 * either.
 */
export function parseLogRange(cursor: Cursor): LogRange {
  const draft = parseDraft(cursor);
  const { start, matchers, stages, unwrap, range } = draft;
  if (range === undefined) throw cursor.unexpected('RANGE');
  const selector: LogSelector = { kind: 'log', matchers, stages, span: { start, end: cursor.lastEnd } };
  return { selector, unwrap, ...range };
}

function parseDraft(cursor: Cursor): Draft {
  return cursor.nested(() => {
    let draft: Draft;
    const { start } = cursor.peek();
    if (cursor.accept('operator', '(') !== undefined) {
      draft = parseDraft(cursor);
      cursor.expectSign(')');
    } else {
      draft = { start, matchers: parseMatchers(cursor), stages: [], unwrap: undefined, range: undefined };
    }
    parseRange(cursor, draft);
    if (draft.unwrap === undefined && parseStages(cursor, draft.stages) === 'unwrap')
      draft.unwrap = parseUnwrap(cursor);
    parseRange(cursor, draft);
    return draft;
  });
}

function parseRange(cursor: Cursor, draft: Draft): void {
  if (!cursor.is('range') || draft.range !== undefined) return;
  const token = cursor.next();
  const inner = token.text.slice(1, -1).trim();
  const range = parseQueryDuration(inner);
  if (!range.ok || range.value <= 0) throw cursor.fail(token.start, whyNoRange(inner));
  draft.range = { rangeNs: range.value, offsetNs: parseOffset(cursor) };
}

function whyNoRange(text: string): string {
  const go = parseGoDuration(text);
  const unit = go.ok ? null : /unknown unit .*/s.exec(go.reason);
  return unit?.[0] ?? `not a valid duration string: ${JSON.stringify(text)}`;
}

function parseOffset(cursor: Cursor): number {
  if (cursor.accept('keyword', 'offset') === undefined) return 0;
  const sign = cursor.accept('operator', '-');
  if (!cursor.is('duration')) throw cursor.unexpected('DURATION');
  const token = cursor.next();
  const offset = parseQueryDuration(token.text);
  if (!offset.ok) throw cursor.fail(token.start, offset.reason);
  return sign === undefined ? offset.value : -offset.value;
}

/** `unwrap x`, `unwrap bytes(x)`, and label filters after it; the pipe before it is consumed. */
function parseUnwrap(cursor: Cursor): Unwrap {
  cursor.next();
  const token = cursor.peek();
  let unwrap: Pick<Unwrap, 'name' | 'conversion'>;
  if (token.type === 'function') {
    const conversion = token.text;
    if (conversion !== 'bytes' && conversion !== 'duration' && conversion !== 'duration_seconds')
      throw cursor.unexpected();
    cursor.next();
    cursor.expectSign('(');
    unwrap = { conversion, name: cursor.expectName().raw };
    cursor.expectSign(')');
  } else {
    unwrap = { conversion: undefined, name: cursor.expectName().raw };
  }
  const filters: LabelFilter[] = [];
  while (cursor.accept('operator', '|') !== undefined) filters.push(parseLabelFilter(cursor));
  return { ...unwrap, filters };
}
