import type { PharosError } from '../../../kernel/errors.ts';
import type { AppendReport, SeriesRefusal } from '../../sink.ts';
import { pushErrors } from './errors.ts';

/** What was taken of a body. */
export interface PushResult {
  readonly stored: number;
  readonly refused: number;
  /** The first problem and how many there were; empty when all is well. */
  readonly problem: string;
}

/** Makes errors of a push readable for machines that only log a line. */
export function pushErrorText(error: PharosError): string {
  return `${error.message}\n`;
}

/** A limit that other series may make room under asks to come again; one that the labels themselves are over does not. */
export function refusedSeries(line: number, refusal: SeriesRefusal | null): PharosError {
  const what = refusal?.message ?? 'the limit of series is reached';
  const mayPass = refusal === null || refusal.reason === 'series_limit' || refusal.reason === 'label_memory';
  return pushErrors.make(mayPass ? 'series_limit' : 'malformed', `line ${line}: ${what}; nothing was stored`);
}

interface RefusedTimes {
  readonly outside: number;
  readonly conflicting: number;
}

export function timesText({ outside, conflicting }: RefusedTimes): string[] {
  return [
    ...(outside > 0 ? [`${outside} samples are too old or too far ahead`] : []),
    ...(conflicting > 0
      ? [`${conflicting} samples have another value than the one stored at their time`]
      : []),
  ];
}

/** How many samples a commit refused for their time alone, and how many because another value was there. */
export function refusedTimes(report: AppendReport): RefusedTimes {
  let outside = 0;
  let conflicting = 0;
  for (const { kind, reason, count } of report.rejected) {
    if (kind === 'exemplar') continue;
    if (reason === 'duplicate_timestamp') conflicting += count;
    else outside += count;
  }
  return { outside, conflicting };
}
