import { Labels } from '@pharos/promql';
import { parseLogExpr } from '../parse/parser.ts';
import { Entry } from '../pipeline/entry.ts';
import { compilePipeline } from '../pipeline/pipeline.ts';

export interface Staged {
  /** Whether the line passed. */
  readonly kept: boolean;
  readonly line: string;
  /** All labels, errors among them. */
  readonly labels: Readonly<Record<string, string>>;
}

export interface StageInput {
  readonly stream?: Readonly<Record<string, string>>;
  readonly metadata?: Readonly<Record<string, string>>;
  /** ns since the Unix epoch. */
  readonly timestamp?: bigint;
}

/** 2026-01-02T03:04:05.678Z. */
const TIMESTAMP = 1_767_323_045_678_000_000n;
export const NOW_MS = 1_767_323_100_000;

/** Puts one line through stages written as in a query: `| logfmt | level="error"`. */
export function runStages(stages: string, line: string, input: StageInput = {}): Staged {
  const { stream = { app: 'a' }, metadata = {}, timestamp = TIMESTAMP } = input;
  const passes = compilePipeline(parseLogExpr(`{x="y"} ${stages}`).stages, { now: () => NOW_MS });
  const entry = new Entry();
  entry.reset(timestamp, line, Labels.fromRecord(stream), Labels.fromRecord(metadata));
  const kept = passes(entry);
  return { kept, line: entry.line, labels: { ...entry.labels().toRecord() } };
}
