/** What the lexer produces. */
export type TokenType =
  | 'eof'
  | 'identifier'
  | 'string'
  | 'number'
  | 'duration'
  | 'bytes'
  | 'range'
  | 'flag'
  /** A word with a meaning of its own. */
  | 'keyword'
  /** The name of a function or aggregation, an opening parenthesis or a grouping after it. */
  | 'function'
  | 'operator';

export interface Token {
  readonly type: TokenType;
  /** As written; a string keeps its quotes, a range its brackets. Words with a meaning are in lower case. */
  readonly text: string;
  /** As written, whatever it is. */
  readonly raw: string;
  readonly start: number;
  readonly end: number;
}

const KEYWORDS: ReadonlySet<string> = new Set([
  'by',
  'without',
  'bool',
  'offset',
  'on',
  'ignoring',
  'group_left',
  'group_right',
  'and',
  'or',
  'unless',
  'unwrap',
  'json',
  'logfmt',
  'regexp',
  'unpack',
  'pattern',
  'line_format',
  'label_format',
  'decolorize',
  'drop',
  'keep',
]);

const RANGE_FUNCTION_NAMES = [
  'rate',
  'rate_counter',
  'count_over_time',
  'bytes_rate',
  'bytes_over_time',
  'absent_over_time',
  'sum_over_time',
  'avg_over_time',
  'min_over_time',
  'max_over_time',
  'first_over_time',
  'last_over_time',
  'stddev_over_time',
  'stdvar_over_time',
  'quantile_over_time',
] as const;
export type RangeFunctionName = (typeof RANGE_FUNCTION_NAMES)[number];

const AGGREGATION_NAMES = [
  'sum',
  'avg',
  'min',
  'max',
  'count',
  'stddev',
  'stdvar',
  'topk',
  'bottomk',
  'approx_topk',
  'sort',
  'sort_desc',
] as const;
export type AggregationName = (typeof AGGREGATION_NAMES)[number];

const RANGE_FUNCTIONS: ReadonlySet<string> = new Set(RANGE_FUNCTION_NAMES);
const AGGREGATIONS: ReadonlySet<string> = new Set(AGGREGATION_NAMES);
const OTHER_FUNCTIONS: ReadonlySet<string> = new Set([
  'label_replace',
  'vector',
  'ip',
  'bytes',
  'duration',
  'duration_seconds',
]);

export function isRangeFunction(name: string): name is RangeFunctionName {
  return RANGE_FUNCTIONS.has(name);
}

export function isAggregation(name: string): name is AggregationName {
  return AGGREGATIONS.has(name);
}

export function isKeyword(word: string): boolean {
  return KEYWORDS.has(word);
}

export function isFunctionWord(word: string): boolean {
  return RANGE_FUNCTIONS.has(word) || AGGREGATIONS.has(word) || OTHER_FUNCTIONS.has(word);
}

/** Functions that messages name in words of their own; all others stand in capitals. */
const FUNCTION_NAMES: ReadonlyMap<string, string> = new Map([
  ['ip', 'ip'],
  ['label_replace', 'label_replace'],
  ['bytes', 'BYTES_CONV'],
  ['duration', 'DURATION_CONV'],
  ['duration_seconds', 'DURATION_SECONDS_CONV'],
]);

/** A token as messages name it: kinds and functions in capitals, words and signs as they are. */
export function describeToken({ type, text }: Token): string {
  if (type === 'eof') return '$end';
  if (type === 'flag') return 'PARSER_FLAG';
  if (type === 'keyword' || type === 'operator') return text;
  if (type === 'function') return FUNCTION_NAMES.get(text) ?? text.toUpperCase();
  return type.toUpperCase();
}
