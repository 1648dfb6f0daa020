import type { Labels, Matcher } from '@pharos/promql';
import { parseLogExpr } from './parse/parser.ts';
import { Entry } from './pipeline/entry.ts';
import { compilePipeline } from './pipeline/pipeline.ts';
import type { LogEntry } from './result.ts';
import type { StageContext } from './stages/types.ts';

/** A log query over lines as they come, for live tail: which streams it wants, and what becomes of a line. */
export interface LogTail {
  readonly matchers: readonly Matcher[];
  /** Whether a stream is wanted. */
  selects(stream: Labels): boolean;
  /** The entry as the query answers it; undefined where a stage drops it. */
  process(stream: Labels, timestamp: bigint, line: string, metadata: Labels): LogEntry | undefined;
}

/** Compiles a log query for tailing; throws a QueryError for a text that is none. */
export function createLogTail(query: string, context: StageContext): LogTail {
  const { matchers, stages } = parseLogExpr(query);
  const passes = compilePipeline(stages, context);
  const entry = new Entry();
  return {
    matchers,
    selects: (stream) => matchers.every((matcher) => matcher.matches(stream.get(matcher.name))),
    process(stream, timestamp, line, metadata) {
      entry.reset(timestamp, line, stream, metadata);
      return passes(entry) ? { timestamp, line: entry.line, labels: entry.categorized() } : undefined;
    },
  };
}
