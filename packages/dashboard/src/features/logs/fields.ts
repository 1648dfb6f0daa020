import { z } from 'zod';
import type { Parser } from './query.ts';

/** What `detected_fields` answers when it is asked for values. */
export const fieldsSchema = z.object({
  lines: z.number(),
  fields: z.array(
    z.object({
      label: z.string(),
      cardinality: z.number(),
      isLabel: z.boolean(),
      parsers: z.array(z.enum(['json', 'logfmt'])).nullable(),
      values: z.array(z.object({ value: z.string(), count: z.number() })),
    }),
  ),
});

export interface Facet {
  readonly name: string;
  readonly distinct: number;
  /** What has to read it out of the lines before it can be asked for. */
  readonly parser: Parser | undefined;
  readonly values: readonly { readonly value: string; readonly count: number }[];
}

/** Shown above, with counts of all lines. */
const OWN = new Set(['service_name', 'detected_level']);

/**
 * The fields of the newest lines: those with few values first, which tell groups apart; those where nearly every line has its own
 * last.
 */
export function facetsOf({ fields, lines }: z.infer<typeof fieldsSchema>): readonly Facet[] {
  return fields
    .filter(({ label }) => !OWN.has(label) && /^[A-Za-z_]\w*$/.test(label))
    .map(({ label, cardinality, parsers, values }) => ({
      name: label,
      distinct: cardinality,
      parser: parsers?.[0],
      values,
    }))
    .toSorted((a, b) => {
      const [ids, others] = [a, b].map(({ distinct }) => distinct > 50 && distinct > lines / 4);
      if (ids !== others) return ids === true ? 1 : -1;
      return a.name < b.name ? -1 : 1;
    });
}
