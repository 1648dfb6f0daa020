import { asksTooMuch, type Engine, inList, join, type Sql, sql } from '../../engine/index.ts';
import { gramsOf } from './grams.ts';
import { NEVER } from './line-conditions.ts';
import { nanosTime } from './nanos-time.ts';
import { olderSignaturesWith } from './older-signatures.ts';
import type { Span } from './signature-rows.ts';
import { type SignatureQuery, signaturesWith } from './signatures.ts';
import type { TimeWindow } from './stream-catalogue.ts';
import type { SoughtText } from './texts.ts';

/** Ranges of time in one statement at most: each takes as long to plan as some hundred buckets. */
const MOST_RANGES = 6;
/** Buckets of time in one statement at most. */
const MOST_BUCKETS = 1000;
/** Shortest window that is looked up in two when its answer is too long for one, in nanoseconds. */
const SHORTEST = 60n * 1_000_000_000n;
const HOUR = 3_600_000_000_000n;
/** Signatures are looked up for so long a time first: most searches end there. */
const FIRST_PART = 3n * HOUR;
/** Each part of the time is so much longer than the one before: a month takes five. */
const PART_GROWTH = 4n;

/** A part of a search's time, with conditions on the time of what may be found in it. */
export interface TextPart {
  readonly window: TimeWindow;
  /** None where nothing can be told; {@link NEVER} where nothing is there. */
  readonly times: readonly Sql[];
}

/**
 * A search's time in parts, the first to be read first; signatures are looked up as each part is asked for. To be asked after memory was
 * looked at: a line flushed since then is in what memory said.
 */
export async function* textParts(
  engine: Pick<Engine, 'query'>,
  query: SignatureQuery & { readonly backward: boolean },
  signal?: AbortSignal,
): AsyncGenerator<TextPart> {
  const { texts, window, backward } = query;
  if (!tellAnything(texts)) {
    yield { window, times: [] };
    return;
  }
  let { from, to } = window;
  for (let length = FIRST_PART; from < to; length *= PART_GROWTH) {
    // What would be left over is not worth a statement of its own.
    const isLast = to - from <= length + length / PART_GROWTH;
    const part = isLast ? { from, to } : backward ? { from: to - length, to } : { from, to: from + length };
    yield { window: part, times: await timesOfTexts(engine, { ...query, window: part }, signal) };
    if (isLast) return;
    if (backward) to = part.from;
    else from = part.to;
  }
}

/** The conditions for a whole window at once. */
export async function timesOfTexts(
  engine: Pick<Engine, 'query'>,
  query: SignatureQuery,
  signal?: AbortSignal,
): Promise<readonly Sql[]> {
  if (!tellAnything(query.texts)) return [];
  const spans = await textSpans(engine, query, signal);
  return [spans.length === 0 ? NEVER : inSpans(spans)];
}

/**
 * Leaves out blocks without lines of these spans, which are in order and apart. For the index alone: to look for the text in a few lines more
 * costs less than to compare the time of each.
 */
export function inSpans(spans: readonly Span[]): Sql {
  if (spans.length <= MOST_RANGES) {
    const ranges = spans.map(({ from, to }) => sql`ts >= ${microsTime(from)} AND ts < ${microsTime(to + 1)}`);
    return sql`indexHint(${join(ranges, ' OR ')})`;
  }
  const { seconds, numbers } = bucketsOf(spans);
  return sql`indexHint(intDiv(toUnixTimestamp64Second(ts), ${seconds}) IN ${inList(numbers)})`;
}

function microsTime(time: number): Sql {
  return nanosTime(BigInt(time) * 1000n);
}

function tellAnything(texts: readonly SoughtText[]): boolean {
  return texts.some((text) => gramsOf(text).length > 0);
}

/** The times of every line that may hold the texts, of which at least one tells something, in order and apart. */
export async function textSpans(
  engine: Pick<Engine, 'query'>,
  query: SignatureQuery,
  signal?: AbortSignal,
): Promise<readonly Span[]> {
  const spans = await spansOf(engine, query, signal);
  const apart: { from: number; to: number }[] = [];
  for (const { from, to } of [...spans].sort((a, b) => a.from - b.from)) {
    const last = apart.at(-1);
    if (last === undefined || from > last.to + 1) apart.push({ from, to });
    else if (to > last.to) last.to = to;
  }
  return apart;
}

/** Times as whole numbers of so many seconds since the epoch. */
interface TimeBuckets {
  readonly seconds: number;
  /** Ascending. */
  readonly numbers: readonly number[];
}

/** Of spans in order, in the narrowest buckets that are few enough. */
export function bucketsOf(spans: readonly Span[]): TimeBuckets {
  for (let seconds = 1; ; seconds *= 2) {
    const numbers: number[] = [];
    const width = seconds * 1_000_000;
    for (const { from, to } of spans) {
      const first = Math.max(Math.floor(from / width), (numbers.at(-1) ?? -1) + 1);
      for (let at = first; at * width <= to && numbers.length <= MOST_BUCKETS; at++) numbers.push(at);
    }
    if (numbers.length <= MOST_BUCKETS) return { seconds, numbers };
  }
}

/** The times of the signatures that have all bits; in halves where one answer does not fit the engine's limits. */
async function spansOf(
  engine: Pick<Engine, 'query'>,
  query: SignatureQuery,
  signal: AbortSignal | undefined,
): Promise<readonly Span[]> {
  const { window } = query;
  try {
    return within(window, await lookUp(engine, query, signal));
  } catch (error) {
    if (!asksTooMuch(error) || window.to - window.from < SHORTEST) throw error;
    const middle = (window.from + window.to) / 2n;
    const first = await spansOf(engine, { ...query, window: { from: window.from, to: middle } }, signal);
    const second = await spansOf(engine, { ...query, window: { from: middle, to: window.to } }, signal);
    return [...first, ...second];
  }
}

function within({ from, to }: TimeWindow, spans: readonly Span[]): readonly Span[] {
  const [first, end] = [Number(from / 1000n), Number((to - 1n) / 1000n)];
  return spans
    .map((span) => ({ from: Math.max(span.from, first), to: Math.min(span.to, end) }))
    .filter((span) => span.from <= span.to);
}

async function lookUp(
  engine: Pick<Engine, 'query'>,
  query: SignatureQuery,
  signal: AbortSignal | undefined,
): Promise<readonly Span[]> {
  if (query.window.from >= query.window.to) return [];
  const kinds = await Promise.all([
    signaturesWith(engine, query, signal),
    olderSignaturesWith(engine, query, signal),
  ]);
  return kinds.flat();
}
