import { rangesOf } from '@pharos/logql';
import { type Histogram, isStepwise, type Labels, type Queryable, type QueryEngine } from '@pharos/promql';
import type { RuleExpr, RuleLanguage } from '../rules/definition.ts';
import type { RuleQuery } from '../rules/rule-query.ts';
import { FirstSample } from './first-sample.ts';

/** Times from `start` to `end`, every `step`. In ms, since the Unix epoch. */
export interface Steps {
  readonly start: number;
  readonly end: number;
  readonly step: number;
}

/** A series of an answer: a value for each step, meaningful where `present` is 1. */
export interface SteppedSeries {
  readonly labels: Labels;
  readonly values: ArrayLike<number>;
  readonly present: ArrayLike<number>;
  /** Where one stands it is the value. */
  readonly histograms?: readonly (Histogram | undefined)[] | undefined;
}

interface SteppedAnswer {
  readonly series: readonly SteppedSeries[];
  /** Averages of some minutes stood for samples that are no longer there. */
  readonly isDownsampled: boolean;
  /** Epoch ms of the first sample that was read, infinity where there was none; absent where none was asked for, or {@link Past.first} tells. */
  readonly firstSample?: number | undefined;
}

/** What of the past can be asked in a language. Both reject with a QueryError, or with why the past is out of reach. */
export interface Past {
  readonly instant: RuleQuery;
  readonly range: (query: string, steps: Steps, signal: AbortSignal) => Promise<SteppedAnswer>;
  /**
   * When what a query reads begins within a time (epoch ms), however it filters it: infinity where there is nothing of it, undefined where
   * none is read. Absent where the answers of ranges say it.
   */
  readonly first?: (
    query: string,
    within: { readonly from: number; readonly to: number },
    signal: AbortSignal,
  ) => Promise<number | undefined>;
  /** Points that one range query may have. */
  readonly maxPoints: number;
}

export type PastByLanguage = Readonly<Record<RuleLanguage, Past>>;

/** The past of series, for PromQL. */
export function pastOfSeries(
  engine: QueryEngine,
  queryable: () => Queryable,
  { instant, maxPoints }: Pick<Past, 'instant' | 'maxPoints'>,
): Past {
  return {
    instant,
    maxPoints,
    range: async (query, steps, signal) => {
      const first = new FirstSample();
      const storage = first.watch(queryable());
      const { series, stats } = await engine.range({ query, ...steps, queryable: storage, signal });
      const firstSample = first.isAsked ? first.at : undefined;
      return { series, isDownsampled: stats.downsampled > 0, firstSample };
    },
  };
}

/** Whether an expression answers the same for a time, whatever times are asked together with it, and from what lies before that time. */
export function isOfItsTime(parsed: RuleExpr): boolean {
  return parsed.language === 'promql'
    ? isStepwise(parsed.expr)
    : rangesOf(parsed.expr).every(({ offsetNs }) => offsetNs >= 0);
}
