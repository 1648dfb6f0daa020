import type { InstantResult, MatrixSeries, RangeResult } from '../result.ts';
import type { EvalCommand, ExpectedSeries, TextExpectation } from './promqltest-script.ts';
import type { SeriesItem } from './series-notation.ts';

/** What an evaluation answered against what the script expects; the first difference in words, or undefined. */
export type Difference = string | undefined;

const EPSILON = 1e-6;
const LEAST_NORMAL = 2.2250738585072014e-308;

/** T-4: equal up to a relative 1e-6; NaN equals NaN. */
function almostEqual(a: number, b: number): boolean {
  if (Number.isNaN(a) || Number.isNaN(b)) return Number.isNaN(a) && Number.isNaN(b);
  if (a === b) return true;
  if (!Number.isFinite(a) || !Number.isFinite(b)) return false;
  const size = Math.abs(a) + Math.abs(b);
  const difference = Math.abs(a - b);
  if (a === 0 || b === 0 || size < LEAST_NORMAL) return difference < EPSILON * LEAST_NORMAL;
  return difference / Math.min(size, Number.MAX_VALUE) < EPSILON;
}

function sameItem(item: SeriesItem | undefined, value: number): boolean {
  return typeof item === 'number' && almostEqual(item, value);
}

export function compareInstant(command: EvalCommand, result: InstantResult): Difference {
  switch (result.type) {
    case 'string':
      return command.string === result.value ? undefined : `got string ${JSON.stringify(result.value)}`;
    case 'scalar':
      return sameItem(command.scalar, result.value) ? undefined : `got scalar ${result.value}`;
    case 'vector':
      return compareVector(command, result.samples);
    case 'matrix':
      return compareRaw(command, result);
  }
}

function compareVector(
  command: EvalCommand,
  samples: readonly { readonly labels: ExpectedSeries['labels']; readonly value: number }[],
): Difference {
  if (command.scalar !== undefined || command.string !== undefined) return 'got a vector';
  const expected = new Map(command.series.map((series, place) => [series.labels.key, { series, place }]));
  for (const [place, { labels, value }] of samples.entries()) {
    const known = expected.get(labels.key);
    if (known === undefined) return `unexpected ${labels.toString()} ${value}`;
    expected.delete(labels.key);
    if (!sameItem(known.series.items[0], value))
      return `${labels.toString()}: got ${value}, expected ${known.series.items[0]}`;
    if (command.ordered && known.place !== place)
      return `${labels.toString()} at place ${place}, expected ${known.place}`;
  }
  const [missing] = expected.values();
  return missing === undefined ? undefined : `missing ${missing.series.labels.toString()}`;
}

function compareRaw(command: EvalCommand, result: Extract<InstantResult, { type: 'matrix' }>): Difference {
  const grid = command.rangeVector;
  if (grid === undefined) return 'got a range vector';
  const count = Math.floor((grid.end - grid.start) / grid.step) + 1;
  const series = result.series.map(({ labels, timestamps, values }) => {
    const onGrid = { labels, values: new Float64Array(count), present: new Uint8Array(count) };
    timestamps.forEach((time, i) => {
      const k = (time - grid.start) / grid.step;
      onGrid.values[k] = values[i] ?? Number.NaN;
      onGrid.present[k] = 1;
    });
    return onGrid;
  });
  return compareMatrix(command.series, series);
}

export function compareRange(command: EvalCommand, result: RangeResult): Difference {
  return compareMatrix(command.series, result.series);
}

function compareMatrix(
  expectedSeries: readonly ExpectedSeries[],
  series: readonly MatrixSeries[],
): Difference {
  const expected = new Map(expectedSeries.map((one) => [one.labels.key, one]));
  for (const { labels, values, present } of series) {
    const known = expected.get(labels.key);
    if (known === undefined) return `unexpected ${labels.toString()} ${[...values].join(' ')}`;
    expected.delete(labels.key);
    const steps = Math.max(present.length, known.items.length);
    for (let k = 0; k < steps; k++) {
      const item = known.items[k] ?? 'gap';
      const here = present[k] === 1;
      if (item === 'gap' ? here : !here || !sameItem(item, values[k] ?? Number.NaN))
        return `${labels.toString()} at step ${k}: got ${here ? values[k] : 'nothing'}, expected ${item}`;
    }
  }
  for (const missing of expected.values())
    if (missing.items.some((item) => item !== 'gap')) return `missing ${missing.labels.toString()}`;
  return undefined;
}

/** The middle step of a range result against an instant expectation (T-6 b). */
export function compareStep(command: EvalCommand, result: RangeResult, step: number): Difference {
  if (command.scalar !== undefined) {
    const value = result.series[0]?.values[step] ?? Number.NaN;
    return sameItem(command.scalar, value) ? undefined : `as a range: got scalar ${value}`;
  }
  const samples = result.series
    .filter((series) => series.present[step] === 1)
    .map((series) => ({ labels: series.labels, value: series.values[step] ?? Number.NaN }));
  const difference = compareVector({ ...command, ordered: false }, samples);
  return difference === undefined ? undefined : `as a range: ${difference}`;
}

/** T-5: each expectation has a match and each annotation is expected, if any expectation of the kind was made. */
export function compareAnnotations(
  kind: string,
  expected: readonly TextExpectation[],
  none: boolean,
  actual: readonly string[],
): Difference {
  if (none && actual.length > 0) return `unexpected ${kind}: ${actual[0]}`;
  if (expected.length === 0) return undefined;
  const unmet = expected.find((one) => !actual.some((text) => matchesText(one, text)));
  if (unmet !== undefined)
    return `no ${kind} matches ${unmet.text || 'anything'}; got ${JSON.stringify(actual)}`;
  const stray = actual.find((text) => !expected.some((one) => matchesText(one, text)));
  return stray === undefined ? undefined : `unexpected ${kind}: ${stray}`;
}

export function matchesText(expectation: TextExpectation, text: string): boolean {
  if (expectation.how === 'any') return true;
  return expectation.how === 'msg' ? expectation.text === text : new RegExp(expectation.text).test(text);
}
