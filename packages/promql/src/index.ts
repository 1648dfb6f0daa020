export { compareLabels, compareText, Labels, METRIC_NAME } from './labels.ts';
export type { Matcher, MatchOperator } from './matcher.ts';
export { createMatcher, MatcherError } from './matcher.ts';
export type {
  GridSeries,
  PushdownRequest,
  Queryable,
  SelectHints,
  SelectRequest,
  SelectResult,
  SeriesColumns,
} from './storage.ts';
export { isStaleMarker, writeStaleMarker } from './storage.ts';
