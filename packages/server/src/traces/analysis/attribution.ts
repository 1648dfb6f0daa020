import { SLICE_ITEMS, type Sliced, sortSliced, visitSliced } from '../../kernel/sliced.ts';
import type { SpanSource } from '../sink.ts';
import { KIND_WORDS } from '../store/query.ts';
import type { StoredSpan, StoredTrace } from '../store/span.ts';

/** An attribute value that is more frequent among the spans of interest than among the others. */
export interface OverRepresented {
  /** Of the spans that carry it, among traces; empty otherwise. */
  readonly service: string;
  readonly key: string;
  readonly value: string;
  /** Spans that carry it, of interest and others. */
  readonly selected: number;
  readonly others: number;
  /** Their shares of all spans of interest and of all others, 0 to 1. */
  readonly selectedShare: number;
  readonly othersShare: number;
  /** Dunning's log-likelihood ratio G². */
  readonly score: number;
}

/** Spans with what they come from. */
export interface SpanSet {
  readonly spans: readonly StoredSpan[];
  readonly sources: ReadonlyMap<bigint, SpanSource>;
}

/** Values that differ in nearly every span tell nothing and cost memory: so many pairs are counted, further ones are left out. */
const MOST_PAIRS = 200_000;
/** Of one chance in a hundred that any value is listed that only chance made frequent. */
const FAMILY_ERROR = 0.01;

/**
 * Which attribute values are over-represented among the selected spans: for each the 2×2 table (selected or not, carries it or not) by
 * the log-likelihood ratio G² with one degree of freedom (T. Dunning, "Accurate Methods for the Statistics of Surprise and
 * Coincidence", Computational Linguistics 19(1), 1993), which holds for rare values where χ² does not. Listed is what passes Bonferroni's
 * correction for the number of values looked at, highest score first.
 */
export function overRepresented(
  selected: SpanSet,
  others: SpanSet,
  limit: number,
): Sliced<OverRepresented[]> {
  return compared(carriersOf(selected), carriersOf(others), limit);
}

/** The same among whole traces: what any span of a trace carries, the trace carries; values are told apart by the span's service. */
export function overRepresentedAmongTraces(
  selected: readonly StoredTrace[],
  others: readonly StoredTrace[],
  limit: number,
): Sliced<OverRepresented[]> {
  return compared(selected.map(pairsOfTrace), others.map(pairsOfTrace), limit);
}

type Carrier = Iterable<Omit<Pair, 'selected' | 'others'>>;

function* compared(
  selected: readonly Carrier[],
  others: readonly Carrier[],
  limit: number,
): Sliced<OverRepresented[]> {
  const counts = new Map<string, Pair>();
  yield* count(counts, selected, 'selected');
  yield* count(counts, others, 'others');
  const [a, b] = [selected.length, others.length];
  if (a === 0 || b === 0) return [];
  const threshold = criticalG2(FAMILY_ERROR / Math.max(1, counts.size));
  const found: OverRepresented[] = [];
  yield* visitSliced(counts.values(), (pair) => {
    const selectedShare = pair.selected / a;
    const othersShare = pair.others / b;
    if (selectedShare <= othersShare) return;
    const score = logLikelihoodRatio(pair.selected, a, pair.others, b);
    if (score >= threshold) found.push({ ...pair, selectedShare, othersShare, score });
  });
  const sorted = yield* sortSliced(
    found,
    (x, y) => y.score - x.score || compareTexts(x.key, y.key) || compareTexts(x.value, y.value),
  );
  return sorted.slice(0, limit);
}

function compareTexts(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Pairs looked at between two pauses: each costs a tenth of what a span costs elsewhere. */
const PAIRS_PER_SLICE = SLICE_ITEMS * 10;

interface Pair {
  /** Of the span that carries it; empty where that does not matter. */
  readonly service: string;
  readonly key: string;
  readonly value: string;
  selected: number;
  others: number;
}

function* count(
  counts: Map<string, Pair>,
  carriers: readonly Carrier[],
  side: 'selected' | 'others',
): Sliced<void> {
  let left = PAIRS_PER_SLICE;
  for (const carrier of carriers) {
    const seen = new Set<string>();
    for (const { service, key, value } of carrier) {
      if (--left <= 0) {
        left = PAIRS_PER_SLICE;
        yield;
      }
      const id = `${service.length}:${service}${key.length}:${key}${value}`;
      if (seen.has(id)) continue;
      seen.add(id);
      const known = counts.get(id);
      if (known !== undefined) known[side]++;
      else if (counts.size < MOST_PAIRS)
        counts.set(id, { service, key, value, selected: 0, others: 0, [side]: 1 });
    }
  }
}

function carriersOf({ spans, sources }: SpanSet): Carrier[] {
  return spans.map((span) => pairsOfSpan(span, sources.get(span.source)));
}

function* pairsOfSpan(
  span: StoredSpan,
  source: SpanSource | undefined,
): Generator<Omit<Pair, 'selected' | 'others'>> {
  for (const [key, value] of pairsOf(span, source)) yield { service: '', key, value };
}

function* pairsOfTrace({ spans, sources }: StoredTrace): Generator<Omit<Pair, 'selected' | 'others'>> {
  for (const span of spans)
    for (const [key, value] of pairsOf(span, sources.get(span.source)))
      yield { service: key === 'service' ? '' : span.service, key, value };
}

function* pairsOf(span: StoredSpan, source: SpanSource | undefined): Generator<readonly [string, string]> {
  yield ['service', span.service];
  yield ['operation', span.name];
  yield ['span.kind', KIND_WORDS[span.kind] ?? ''];
  for (const { key, value } of span.attributes) yield [key, value];
  for (const { key, value } of source?.resource ?? []) if (key !== 'service.name') yield [key, value];
  if (source !== undefined && source.scopeName !== '') yield ['otel.scope.name', source.scopeName];
}

/** G² of k1 of n1 against k2 of n2. */
export function logLikelihoodRatio(k1: number, n1: number, k2: number, n2: number): number {
  const both = (k1 + k2) / (n1 + n2);
  const ratio =
    likelihood(k1, n1, k1 / n1) +
    likelihood(k2, n2, k2 / n2) -
    likelihood(k1, n1, both) -
    likelihood(k2, n2, both);
  return Math.max(0, 2 * ratio);
}

function likelihood(k: number, n: number, p: number): number {
  return (k === 0 ? 0 : k * Math.log(p)) + (n === k ? 0 : (n - k) * Math.log(1 - p));
}

/**
 * The G² that chance exceeds with probability `p`: the square of the normal quantile at 1 - p/2 (one degree of freedom), by
 * Abramowitz and Stegun 26.2.23, exact to 4.5e-4 in the quantile.
 */
export function criticalG2(p: number): number {
  const t = Math.sqrt(-2 * Math.log(p / 2));
  const top = 2.515517 + 0.802853 * t + 0.010328 * t * t;
  const bottom = 1 + 1.432788 * t + 0.189269 * t * t + 0.001308 * t * t * t;
  return (t - top / bottom) ** 2;
}
