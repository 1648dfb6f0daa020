import type { Labels } from '@pharos/promql';
import type { RefusedCount } from '../../kernel/refusals.ts';
import type { LineProblems } from '../ingest/lines/read.ts';
import type { RefusalReason } from '../sink.ts';
import type { LineChunk } from '../store/chunk.ts';
import type { Words } from '../store/hasher.ts';

/** A stream that a body names, with the hash of its labels. */
export interface DecodedStream extends Words {
  /** With a service's name. */
  readonly labels: Labels;
}

/** What a body of lines holds: rows and what was refused. Nothing of it is known to the store yet. */
export interface DecodedLines {
  readonly streams: readonly DecodedStream[];
  readonly chunks: readonly LineChunk[];
  readonly refused: readonly RefusedCount<RefusalReason>[];
  readonly messageBytes: number;
  /** What could not be read of JSON lines. */
  readonly problems: LineProblems;
  /** Values that a rule of redaction took something out of, by rule. */
  readonly redacted: ReadonlyMap<string, number>;
}
