import { z } from 'zod';

const labels = z.record(z.string(), z.string());

/** Lines of `query_range` as Loki writes them with categorized labels (LQ-4), or the counts of a metric query. */
export const linesSchema = z.object({
  data: z.discriminatedUnion('resultType', [
    z.object({
      resultType: z.literal('streams'),
      result: z.array(
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
      ),
    }),
    z.object({ resultType: z.literal('matrix'), result: z.array(z.unknown()) }),
  ]),
  warnings: z.array(z.string()).optional(),
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

/** An answer as lines, the newest first. `limit` is what was asked for: fewer lines are all there are. */
export function pageOf(answer: z.infer<typeof linesSchema>, limit: number): Page {
  const warnings = answer.warnings ?? [];
  if (answer.data.resultType === 'matrix') return { lines: [], more: false, warnings, counts: true };
  const lines: LogLine[] = [];
  for (const { stream, values } of answer.data.result) {
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
  lines.sort((a, b) => (a.ns === b.ns ? (a.key < b.key ? -1 : 1) : a.ns > b.ns ? -1 : 1));
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
