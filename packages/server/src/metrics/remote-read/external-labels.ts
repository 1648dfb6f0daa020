import { Labels, type Matcher, type SeriesColumns } from '@pharos/promql';

/**
 * A Prometheus that reads from us asks with its external labels as matchers. Where they are ours too, every series has them, though
 * none is stored with them: such matchers are fulfilled, and the answer's series carry the labels (RR-2).
 */
export function withoutExternal(
  matchers: readonly Matcher[],
  external: Readonly<Record<string, string>>,
): Matcher[] {
  return matchers.filter(
    ({ name, op, value }) => !(op === '=' && Object.hasOwn(external, name) && external[name] === value),
  );
}

/** The series with our external labels where they have none of that name, sorted by labels. */
export function withExternal(
  series: readonly SeriesColumns[],
  external: Readonly<Record<string, string>>,
  compare: (a: Labels, b: Labels) => number,
): SeriesColumns[] {
  const extra = Object.entries(external);
  const labelled =
    extra.length === 0
      ? [...series]
      : series.map((one) => ({
          ...one,
          labels: Labels.fromMap(new Map([...extra, ...one.labels.toMap()])),
        }));
  return labelled.sort((a, b) => compare(a.labels, b.labels));
}
