import { QueryError } from '@pharos/promql';
import { alertErrors } from '../errors.ts';
import type { RuleSample } from '../rules/state/evaluate.ts';
import type { SteppedSeries } from './past.ts';

/** Evaluations in a row, `count` of them from `first` on. Times in ms. */
export interface Stretch {
  readonly first: number;
  readonly intervalMs: number;
  readonly count: number;
}

/** What the rule's query answered for one evaluation, or why it has no answer. */
export type Evaluation =
  | { readonly at: number; readonly answer: readonly RuleSample[] }
  | { readonly at: number; readonly reason: string };

/** Answers the rule's query at every evaluation of a stretch, all together. */
type AskStretch = (stretch: Stretch) => Promise<readonly SteppedSeries[]>;

/** Evaluations that one range query answers: an hour or four at usual intervals, so that what it holds stays small. */
const MOST_AT_ONCE = 1000;
/** Stretches that fail are asked for in halves, so often altogether. */
const MOST_HALVINGS = 64;
/** Series of one answer; a rule that alerts on more is one nobody wants. */
const MOST_SERIES = 20_000;

/**
 * The answers of a rule's query at every evaluation, in order: one range query for a thousand of them. One that fails for a single evaluation
 * (two series with the same labels, at some instant) fails for that one alone, as it would have.
 */
export async function* evaluations(
  whole: Stretch,
  ask: AskStretch,
  mostAtOnce = MOST_AT_ONCE,
): AsyncGenerator<Evaluation> {
  const left = cut(whole, Math.min(mostAtOnce, MOST_AT_ONCE)).toReversed();
  let halvings = 0;
  for (let stretch = left.pop(); stretch !== undefined; stretch = left.pop()) {
    try {
      const series = await ask(stretch);
      if (series.length > MOST_SERIES)
        throw alertErrors.make(
          'backTest',
          `the expression answers with ${series.length} series, at most ${MOST_SERIES} are followed: make it select or aggregate more`,
        );
      for (let step = 0; step < stretch.count; step++)
        yield { at: stretch.first + step * stretch.intervalMs, answer: answerAt(series, step) };
    } catch (error) {
      if (!(error instanceof QueryError) || error.kind !== 'execution') throw error;
      if (stretch.count === 1) {
        yield { at: stretch.first, reason: error.message };
        continue;
      }
      if (++halvings > MOST_HALVINGS) throw error;
      left.push(...cut(stretch, Math.ceil(stretch.count / 2)).toReversed());
    }
  }
}

function cut({ first, intervalMs, count }: Stretch, most: number): readonly Stretch[] {
  const pieces: Stretch[] = [];
  for (let done = 0; done < count; done += most)
    pieces.push({ first: first + done * intervalMs, intervalMs, count: Math.min(most, count - done) });
  return pieces;
}

function answerAt(series: readonly SteppedSeries[], step: number): readonly RuleSample[] {
  const answer: RuleSample[] = [];
  for (const { labels, values, present, histograms } of series)
    if (present[step] === 1)
      answer.push({
        labels,
        value: values[step] ?? Number.NaN,
        histogram: histograms?.[step],
      });
  return answer;
}
