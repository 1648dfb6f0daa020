import type { Matcher } from '@pharos/promql';
import type { Clock } from '../../kernel/clock.ts';
import type { ActiveSeries } from '../store/active-series.ts';
import { Slices } from './slices.ts';

/** Distinct label pairs counted for one question; a selection with more is told in part. */
const MOST_PAIRS = 500_000;

export interface SelectionCount {
  /** Series that the matchers select. */
  readonly series: number;
  /** Their labels, by distinct values, most first. */
  readonly labels: readonly { readonly name: string; readonly values: number; readonly series: number }[];
  /** The values of the label asked for, by series, most first. */
  readonly values: readonly { readonly value: string; readonly series: number }[];
  /** How many of its values match the search. */
  readonly matching: number;
  /** Whether some pairs were left out for their sheer number. */
  readonly partial: boolean;
}

export interface SelectionQuestion {
  readonly matcherSets: readonly (readonly Matcher[])[];
  /** The label whose values are listed; "" for none. */
  readonly label: string;
  /** Values must contain it, in any case. */
  readonly search: string;
  readonly most: number;
}

/** The labels of the series that a selector finds, with counts. */
export async function countSelection(
  active: ActiveSeries,
  question: SelectionQuestion,
  options: { readonly clock: Clock; readonly signal?: AbortSignal },
): Promise<SelectionCount> {
  const slices = new Slices(options.clock, options.signal);
  const refs = new Set(question.matcherSets.flatMap((matchers) => active.match(matchers)));
  const byName = new Map<string, Map<string, number>>();
  let pairs = 0;
  let partial = false;
  for (const ref of refs) {
    const found = active.labelsOf(ref)?.pairs ?? [];
    for (let i = 0; i < found.length; i += 2) {
      const [name, value] = [found[i], found[i + 1]];
      let values = byName.get(name);
      if (values === undefined) byName.set(name, (values = new Map<string, number>()));
      const before = values.get(value);
      if (before === undefined && ++pairs > MOST_PAIRS) partial = true;
      else values.set(value, (before ?? 0) + 1);
    }
    const pause = slices.step();
    if (pause !== null) await pause;
  }
  const labels = [...byName].map(([name, values]) => ({
    name,
    values: values.size,
    series: [...values.values()].reduce((sum, count) => sum + count, 0),
  }));
  const needle = question.search.toLowerCase();
  const values = [...(byName.get(question.label) ?? [])]
    .filter(([value]) => value.toLowerCase().includes(needle))
    .map(([value, series]) => ({ value, series }))
    .sort((a, b) => b.series - a.series || (a.value < b.value ? -1 : 1));
  return {
    series: refs.size,
    labels: labels.sort((a, b) => b.values - a.values || (a.name < b.name ? -1 : 1)).slice(0, 1000),
    values: values.slice(0, question.most),
    matching: values.length,
    partial,
  };
}
