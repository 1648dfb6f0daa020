import { z } from 'zod';
import type { Filters } from './query.ts';

/** What `GET /api/logs/patterns` answers. */
export const patternsSchema = z.object({
  lines: z.number(),
  total: z.number(),
  patterns: z.array(
    z.object({
      service: z.string(),
      level: z.string(),
      pattern: z.string(),
      count: z.number(),
      minutes: z.array(z.tuple([z.string(), z.number()])),
    }),
  ),
  changes: z.array(
    z.object({
      kind: z.enum(['new', 'vanished', 'returned']),
      service: z.string(),
      level: z.string(),
      pattern: z.string(),
      at: z.string(),
    }),
  ),
  warnings: z.array(z.string()),
});

export type PatternChange = z.infer<typeof patternsSchema>['changes'][number];

/** A pattern as a row: how often, how much of all lines, how it went, and whether it is news. */
export interface PatternRow {
  readonly key: string;
  readonly service: string;
  readonly level: string;
  readonly pattern: string;
  readonly count: number;
  /** Of all lines of the answer, 0 to 1. */
  readonly share: number;
  /** Lines in every step of the range, in order. */
  readonly trend: readonly number[];
  readonly mark: PatternChange['kind'] | undefined;
}

const keyOf = ({ service, level, pattern }: Pick<PatternRow, 'service' | 'level' | 'pattern'>): string =>
  JSON.stringify([service, level, pattern]);

/** The rows of an answer over a range (ms), in steps of so many seconds; news come first. */
export function rowsOf(
  { lines, patterns, changes }: z.infer<typeof patternsSchema>,
  { from, to, step }: { readonly from: number; readonly to: number; readonly step: number },
): readonly PatternRow[] {
  // Changes come the newest first: the first of a pattern is how it stands.
  const marks = new Map<string, PatternChange['kind']>();
  for (const change of changes) if (!marks.has(keyOf(change))) marks.set(keyOf(change), change.kind);
  const first = Math.floor(from / 1000 / step);
  const steps = Math.max(1, Math.floor(to / 1000 / step) - first + 1);
  const rows = patterns.map((pattern): PatternRow => {
    const trend = Array.from({ length: steps }, () => 0);
    for (const [at, count] of pattern.minutes) {
      const place = Math.floor(Date.parse(at) / 1000 / step) - first;
      if (place >= 0 && place < steps) trend[place] = (trend[place] ?? 0) + count;
    }
    const key = keyOf(pattern);
    return { ...pattern, key, share: lines === 0 ? 0 : pattern.count / lines, trend, mark: marks.get(key) };
  });
  return [...rows.filter(({ mark }) => mark !== undefined), ...rows.filter(({ mark }) => mark === undefined)];
}

/** What changed to patterns that have no line in the range any more: they have no row. */
export function goneOf({ patterns, changes }: z.infer<typeof patternsSchema>): readonly PatternChange[] {
  const present = new Set(patterns.map(keyOf));
  const seen = new Set<string>();
  return changes.filter((change) => {
    const key = keyOf(change);
    if (seen.has(key)) return false;
    seen.add(key);
    return change.kind === 'vanished' && !present.has(key);
  });
}

/** The part of a query that patterns are counted by; the rest of it is not looked at. */
export function scopeOf(filters: Filters | null): {
  readonly services: readonly string[];
  readonly levels: readonly string[];
  readonly isWhole: boolean;
} {
  if (filters === null) return { services: [], levels: [], isWhole: false };
  const { services, levels, text, patterns, parser, terms } = filters;
  const isWhole = text === '' && patterns.length === 0 && parser === '' && terms.length === 0;
  return { services, levels, isWhole };
}
