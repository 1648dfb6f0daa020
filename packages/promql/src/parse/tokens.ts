/** What the lexer produces. `type` names the token the way the grammar sees it. */
export type TokenType =
  | 'eof'
  | 'identifier'
  | 'metric-identifier'
  | 'string'
  | 'number'
  | 'duration'
  | 'operator'
  | 'aggregator'
  | 'keyword'
  | '('
  | ')'
  | '{'
  | '}'
  | '['
  | ']'
  | ','
  | ':'
  | '='
  | '@';

export interface Token {
  readonly type: TokenType;
  /** The text as written; strings keep their quotes. */
  readonly text: string;
  /** Lower-cased text of operators, aggregators and keywords; `text` otherwise. */
  readonly word: string;
  readonly start: number;
  readonly end: number;
}

const AGGREGATOR_NAMES = [
  'sum',
  'avg',
  'count',
  'min',
  'max',
  'group',
  'stddev',
  'stdvar',
  'topk',
  'bottomk',
  'count_values',
  'quantile',
  'limitk',
  'limit_ratio',
] as const;

export type AggregatorName = (typeof AGGREGATOR_NAMES)[number];

const AGGREGATORS: ReadonlySet<string> = new Set(AGGREGATOR_NAMES);

export function isAggregator(word: string): word is AggregatorName {
  return AGGREGATORS.has(word);
}

const KEYWORDS: ReadonlySet<string> = new Set([
  'offset',
  'by',
  'without',
  'on',
  'ignoring',
  'group_left',
  'group_right',
  'bool',
  'anchored',
  'smoothed',
  'start',
  'end',
  'step',
  'range',
]);

const WORD_OPERATORS: ReadonlySet<string> = new Set(['and', 'or', 'unless', 'atan2']);

/** The token type of a bare word. `start`, `end`, `step` and `range` count as keywords in messages only. */
export function wordType(word: string): 'operator' | 'aggregator' | 'keyword' | undefined {
  if (WORD_OPERATORS.has(word)) return 'operator';
  if (AGGREGATORS.has(word)) return 'aggregator';
  return KEYWORDS.has(word) ? 'keyword' : undefined;
}
