import {
  compactHistogram,
  equalHistograms,
  formatHistogram,
  formatValue,
  type Histogram,
  type Labels,
  quote,
  readHistogram,
  readSeriesName,
} from '@pharos/promql';
import type { RuleSample } from '../state/evaluate.ts';
import type { ExpectedAlert, ExpectedSample } from './file.ts';

/** What differs, a line each; none where everything is as expected. */
export type Differences = readonly string[];

type Texts = ReadonlyMap<string, string>;

/** Compares alerts as a whole: their number, labels and annotations. */
export function compareAlerts(
  expected: readonly ExpectedAlert[],
  got: readonly ExpectedAlert[],
): Differences {
  const left = [...got];
  const missing = expected.filter((alert) => {
    const at = left.findIndex((one) => sameTexts(one.labels, alert.labels) && sameAnnotations(one, alert));
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
  const lines: string[] = [];
  for (const alert of missing) {
    const at = left.findIndex((one) => sameTexts(one.labels, alert.labels));
    const [twin] = at < 0 ? [] : left.splice(at, 1);
    if (twin === undefined) lines.push(`missing:    ${showAlert(alert)}`);
    else
      lines.push(
        `differs:    ${showTexts(alert.labels)}`,
        ...annotationLines(alert.annotations, twin.annotations),
      );
  }
  return [...lines, ...left.map((alert) => `unexpected: ${showAlert(alert)}`)];
}

function sameTexts(a: Texts, b: Texts): boolean {
  return a.size === b.size && [...a].every(([name, text]) => b.get(name) === text);
}

function sameAnnotations(a: ExpectedAlert, b: ExpectedAlert): boolean {
  return sameTexts(a.annotations, b.annotations);
}

function annotationLines(expected: Texts, got: Texts): readonly string[] {
  const names = [...new Set([...expected.keys(), ...got.keys()])].sort();
  const show = (text: string | undefined): string => (text === undefined ? 'none' : quote(text));
  return names.flatMap((name) =>
    expected.get(name) === got.get(name)
      ? []
      : [
          `  annotation ${name}`,
          `    expected ${show(expected.get(name))}`,
          `    got      ${show(got.get(name))}`,
        ],
  );
}

function showAlert({ labels, annotations }: ExpectedAlert): string {
  return annotations.size === 0
    ? showTexts(labels)
    : `${showTexts(labels)} annotations ${showTexts(annotations)}`;
}

export function showTexts(texts: Texts): string {
  const sorted = [...texts].sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${sorted.map(([name, text]) => `${name}=${quote(text)}`).join(', ')}}`;
}

interface Wanted {
  readonly labels: Labels;
  readonly value: number;
  readonly histogram: Histogram | undefined;
  readonly hintNamed: boolean;
}

/** Compares the answer to an expression. Throws a SyntaxError for expectations in no notation. */
export function compareSamples(
  expected: readonly ExpectedSample[],
  got: readonly RuleSample[],
  isFuzzy: boolean,
): Differences {
  const byKey = new Map(got.map((sample) => [sample.labels.key, sample]));
  const lines: string[] = [];
  for (const wanted of expected.map(read)) {
    const found = byKey.get(wanted.labels.key);
    byKey.delete(wanted.labels.key);
    const labels = wanted.labels.toString();
    if (found === undefined) lines.push(`missing:    ${labels} ${show(wanted)}`);
    else if (!sameValue(wanted, found, isFuzzy))
      lines.push(`differs:    ${labels}`, `    expected ${show(wanted)}`, `    got      ${show(found)}`);
  }
  for (const sample of byKey.values()) lines.push(`unexpected: ${sample.labels.toString()} ${show(sample)}`);
  return lines;
}

function read({ labels, value, histogram }: ExpectedSample): Wanted {
  const noted = histogram === '' ? undefined : readHistogram(histogram);
  return {
    labels: readSeriesName(labels),
    value,
    histogram: noted?.histogram,
    hintNamed: noted?.hintNamed ?? false,
  };
}

/** NaN equals nothing, as in promtool. A reset hint counts where the expectation names one. */
function sameValue(wanted: Wanted, got: RuleSample, isFuzzy: boolean): boolean {
  if (wanted.histogram === undefined || got.histogram === undefined)
    return wanted.histogram === got.histogram && sameNumber(wanted.value, got.value, isFuzzy);
  const [a, b] = [compactHistogram(wanted.histogram), compactHistogram(got.histogram)];
  return equalHistograms(a, b) && (!wanted.hintNamed || a.resetHint === b.resetHint);
}

function sameNumber(a: number, b: number, isFuzzy: boolean): boolean {
  return a === b || (isFuzzy && areNeighbours(a, b));
}

const scratch = new Float64Array(1);
const bits = new BigInt64Array(scratch.buffer);

/** Whether no other number lies between two. */
function areNeighbours(a: number, b: number): boolean {
  const order = (value: number): bigint => {
    scratch[0] = value;
    const raw = bits[0] ?? 0n;
    return raw < 0n ? -(raw & 0x7fff_ffff_ffff_ffffn) : raw;
  };
  if (Number.isNaN(a) || Number.isNaN(b)) return false;
  const distance = order(a) - order(b);
  return distance === 1n || distance === -1n;
}

function show({ value, histogram }: Pick<RuleSample, 'value' | 'histogram'>): string {
  if (histogram !== undefined) return formatHistogram(compactHistogram(histogram));
  return Number.isNaN(value) ? 'NaN (which equals nothing)' : formatValue(value);
}
