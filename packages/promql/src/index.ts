export type { BucketGrid } from './downsample/buckets.ts';
export { BUCKET_FIELDS, bucketsOf, emptyBuckets, joinBuckets } from './downsample/buckets.ts';
export type { Availability, OwnPiece, PlannedPiece, Tier } from './downsample/pieces.ts';
export { isAligned, planOwn, planPieces } from './downsample/pieces.ts';
export type { QueryEngine } from './engine.ts';
export { createQueryEngine } from './engine.ts';
export type { QueryErrorKind } from './errors.ts';
export { QueryError } from './errors.ts';
export { quantileOf } from './eval/quantile.ts';
export type { WindowColumn, WindowJob, WindowThread } from './eval/window-thread.ts';
export type { HistogramBucket } from './histogram/buckets.ts';
export { bucketsOf as histogramBuckets } from './histogram/buckets.ts';
export { equalHistograms } from './histogram/equal.ts';
export { formatHistogram } from './histogram/format.ts';
export type { Histogram, ResetHint } from './histogram/histogram.ts';
export { CUSTOM_BUCKETS } from './histogram/histogram.ts';
export { compactHistogram } from './histogram/sum.ts';
export { Derivation, LabelList } from './label-list.ts';
export { isLabelName } from './label-name.ts';
export { compareLabels, compareText, Labels, METRIC_NAME } from './labels.ts';
export type { Matcher, MatchOperator } from './matcher.ts';
export { createMatcher, MatcherError } from './matcher.ts';
export { readHistogram } from './notation/histogram.ts';
export { asStored } from './notation/reset-hints.ts';
export type { SeriesItem } from './notation/series.ts';
export { readSeriesLine, readSeriesName } from './notation/series.ts';
export type { EngineDependencies, EngineOptions, InstantQuery, QueryLimits, RangeQuery } from './options.ts';
export type * from './parse/ast.ts';
export type { ParserOptions } from './parse/cursor.ts';
export { parseExpr, parseSelector } from './parse/parser.ts';
export { formatExpr } from './parse/printer.ts';
export { extractSelectors } from './parse/selectors.ts';
export { functionNames, type Signature, signatureOf } from './parse/signatures.ts';
export { isStepwise } from './plan/stepwise.ts';
export type {
  FloatMatrix,
  Grid,
  InstantResult,
  MatrixSeries,
  QueryStats,
  RangeResult,
  RawSeries,
  VectorSample,
} from './result.ts';
export type {
  BucketColumns,
  BucketField,
  Downsampled,
  DownsampledPiece,
  DownsampleRequest,
  GridSeries,
  PushdownRequest,
  Queryable,
  SelectHints,
  SelectRequest,
  SelectResult,
  SeriesColumns,
  SeriesScan,
  SeriesSet,
} from './storage.ts';
export { isStaleMarker, writeStaleMarker } from './storage.ts';
export { formatDuration, parseDuration } from './text/duration.ts';
export { formatDecimal, formatValue } from './text/format-value.ts';
export { quote, unescape } from './text/quote.ts';
export { runWindowJob } from './window-job.ts';
