import { z } from 'zod';

const labels = z.record(z.string(), z.string());

const streams = z.array(
  z.object({
    stream: labels,
    values: z.array(
      z.tuple([
        z.string().regex(/^\d{1,19}$/),
        z.string(),
        z.object({ structuredMetadata: labels.optional(), parsed: labels.optional() }),
      ]),
    ),
  }),
);

/** Lines of `query_range` as Loki writes them with categorized labels (LQ-4), or the counts of a metric query. */
export const linesSchema = z.object({
  data: z.discriminatedUnion('resultType', [
    z.object({ resultType: z.literal('streams'), result: streams }),
    z.object({ resultType: z.literal('matrix'), result: z.array(z.unknown()) }),
  ]),
  warnings: z.array(z.string()).optional(),
});

/** A frame of a live tail (LQ-7). */
export const tailFrameSchema = z.object({
  streams,
  dropped_entries: z.array(z.object({ timestamp: z.string().regex(/^\d{1,19}$/) })).optional(),
});

type Labels = Readonly<Record<string, string>>;

export interface LogLine {
  /** Tells it from all others of the answer. */
  readonly key: string;
  /** Nanoseconds since 1970. */
  readonly ns: bigint;
  readonly at: number;
  readonly text: string;
  readonly level: string;
  readonly service: string;
  readonly stream: Labels;
  readonly metadata: Labels;
  readonly parsed: Labels;
}

export interface Page {
  /** Newest first. */
  readonly lines: readonly LogLine[];
  /** There may be older ones. */
  readonly more: boolean;
  readonly warnings: readonly string[];
  /** The query counts, instead of answering lines. */
  readonly counts: boolean;
}

/** The lines of some streams, in the order in which they stand there. */
export function linesOf(found: z.infer<typeof streams>): LogLine[] {
  const lines: LogLine[] = [];
  for (const { stream, values } of found) {
    const name = JSON.stringify(stream);
    for (const [time, text, { structuredMetadata: metadata = {}, parsed = {} }] of values) {
      const ns = BigInt(time);
      lines.push({
        key: `${time} ${name} ${text}`,
        ns,
        at: Number(ns / 1_000_000n),
        text,
        level: metadata['detected_level'] ?? 'unknown',
        service: stream['service_name'] ?? '',
        stream,
        metadata,
        parsed,
      });
    }
  }
  return lines;
}

/** By time to the nanosecond, the oldest first; lines of one instant always in the same order. */
export function compareLines(a: LogLine, b: LogLine): number {
  if (a.ns !== b.ns) return a.ns < b.ns ? -1 : 1;
  return a.key < b.key ? -1 : a.key > b.key ? 1 : 0;
}

/** An answer as lines, the newest first. `limit` is what was asked for: fewer lines are all there are. */
export function pageOf(answer: z.infer<typeof linesSchema>, limit: number): Page {
  const warnings = answer.warnings ?? [];
  if (answer.data.resultType === 'matrix') return { lines: [], more: false, warnings, counts: true };
  const lines = linesOf(answer.data.result).sort((a, b) => compareLines(b, a));
  return { lines, more: lines.length >= limit, warnings, counts: false };
}

/**
 * The end (not included) of the page before: one that still has the oldest line's own instant, since a page may have been cut in
 * the middle of it; past that instant when a whole page was of it.
 */
export function endBefore(page: Page): bigint | null {
  const oldest = page.lines.at(-1);
  if (!page.more || oldest === undefined) return null;
  return page.lines[0]?.ns === oldest.ns ? oldest.ns : oldest.ns + 1n;
}

/** All pages' lines, those that stand in two of them once. */
export function joined(pages: readonly Page[]): readonly LogLine[] {
  const seen = new Set<string>();
  return pages.flatMap(({ lines }) =>
    lines.filter(({ key }) => {
      if (seen.has(key)) return false;
      seen.add(key);
      return true;
    }),
  );
}

/** Fields whose value the reader wants first: they lead from a line to all that belongs to it. */
const IDS: readonly (readonly [name: string, words: string])[] = [
  ['request_id', 'request'],
  ['trace_id', 'trace'],
  ['correlation_id', 'correlation'],
];

export interface Related {
  readonly name: string;
  readonly words: string;
  readonly value: string;
}

/** The ids of a line, each with the name under which LogQL finds the others that have it. */
export function relatedOf({ metadata, parsed, stream }: LogLine): readonly Related[] {
  return IDS.flatMap(([name, words]) => {
    const value = metadata[name] ?? stream[name] ?? parsed[name];
    return value === undefined || value === '' ? [] : [{ name, words, value }];
  });
}

/** As traces are known by (W3C Trace Context, 3.2.2.3), those of 64 bits too. */
const TRACE_ID = /^(?:[0-9a-f]{16}|[0-9a-f]{32})$/i;

/** The id of the trace that a line belongs to, if it names one that can be. */
export function traceIdOf(line: LogLine): string | undefined {
  return relatedOf(line).find(({ name, value }) => name === 'trace_id' && TRACE_ID.test(value))?.value;
}

/** A hash of 53 bits in hexadecimal: enough to tell the lines of one nanosecond apart. */
function hashOf(text: string): string {
  let [high, low] = [0xdeadbeef, 0x41c6ce57];
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    high = Math.imul(high ^ unit, 2654435761);
    low = Math.imul(low ^ unit, 1597334677);
  }
  high = Math.imul(high ^ (high >>> 16), 2246822507) ^ Math.imul(low ^ (low >>> 13), 3266489909);
  low = Math.imul(low ^ (low >>> 16), 2246822507) ^ Math.imul(high ^ (high >>> 13), 3266489909);
  return (4294967296 * (2097151 & low) + (high >>> 0)).toString(16);
}

/** What an address says of one line: its time, and a hash of its stream and text. */
export function placeNameOf({ ns, key }: LogLine): string {
  return `${ns}-${hashOf(key)}`;
}
