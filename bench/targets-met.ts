/** A goal of the benchmark and what was measured; lower is better. */
export interface Verdict {
  readonly goal: string;
  readonly most: number;
  readonly measured: number;
  /** What the figure is of, such as the query that is worst. */
  readonly of?: string;
}

export const isMet = ({ most, measured }: Verdict): boolean => measured <= most;

export function printVerdicts(verdicts: readonly Verdict[]): void {
  console.log('\ngoals');
  for (const verdict of verdicts) {
    const { goal, most, measured, of } = verdict;
    const note = of === undefined ? '' : `  (${of})`;
    console.log(
      `${isMet(verdict) ? 'met   ' : 'MISSED'} ${measured.toFixed(2).padStart(8)} of ${most.toFixed(2)}  ${goal}${note}`,
    );
  }
}

export const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

export const geometricMean = (values: readonly number[]): number =>
  Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length);
