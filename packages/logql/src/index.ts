export type { QueryErrorKind } from '@pharos/promql';
export { QueryError } from '@pharos/promql';
export type { LogQueryEngine } from './engine.ts';
export { createLogQueryEngine } from './engine.ts';
export type { EngineDependencies, InstantQuery, QueryLimits, RangeQuery } from './options.ts';
export type * from './parse/ast.ts';
export { parseExpr, parseLogExpr, parseSelector } from './parse/parser.ts';
export { prettyExpr } from './parse/pretty.ts';
export { formatExpr } from './parse/printer.ts';
export type { CategorizedLabels } from './pipeline/entry.ts';
export { storedLabels } from './pipeline/entry.ts';
export type { SelectionPlan } from './plan/plan.ts';
export { planSelection, rangesOf, selectorsOf } from './plan/plan.ts';
export type {
  LogEntry,
  LogResult,
  LogSample,
  LogSeries,
  LogStream,
  MatrixResult,
  MetricInstantResult,
  QueryStats,
} from './result.ts';
export { groupByAllLabels, groupByStream } from './result.ts';
export { compileLineTest } from './stages/line_filter.ts';
export type { StageContext } from './stages/types.ts';
export type {
  CountedSeries,
  CountRequest,
  CountWindows,
  Direction,
  LogBatch,
  LogSelectRequest,
  LogStorage,
  SelectHints,
} from './storage.ts';
export type { LogTail } from './tail.ts';
export { createLogTail } from './tail.ts';
export { requiredText } from './text/search.ts';
