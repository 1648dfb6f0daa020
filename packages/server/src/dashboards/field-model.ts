import { z } from 'zod';

/** How a value is shown: unit, colours, mappings, and how it is drawn. Everything is optional; an absent setting has its usual meaning. */

/** A CSS hex colour, or one of the names that dashboards of the field use (`green`, `dark-red`, `semi-dark-blue`). */
export const color = z
  .string()
  .max(64)
  .regex(
    /^[a-zA-Z][\w-]*$|^#[0-9a-fA-F]{3,8}$|^rgba?\([\d\s.,%]+\)$/,
    'expected a colour name, #hex or rgb(…)',
  );

/** Where a link may lead: this server, or http(s). Anything else could run code in the reader's session. */
export const safeUrl = z
  .string()
  .max(2000)
  .refine((url) => /^(https?:\/\/|\/(?!\/)|\?|#|\$|$)/i.test(url.trim()), {
    error: 'expected an http(s) address or a path that begins with /',
  });

const thresholdStep = z.strictObject({
  /** From this value on; null stands for minus infinity. */
  value: z.number().nullable(),
  color,
});

const thresholds = z.strictObject({
  mode: z.enum(['absolute', 'percentage']).default('absolute'),
  steps: z.array(thresholdStep).max(50).default([]),
});

const shown = { text: z.string().max(500).optional(), color: color.optional() };

const mapping = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('value'), value: z.string().max(500), ...shown }),
  z.strictObject({
    type: z.literal('range'),
    from: z.number().nullable(),
    to: z.number().nullable(),
    ...shown,
  }),
  z.strictObject({ type: z.literal('regex'), pattern: z.string().max(500), ...shown }),
  z.strictObject({
    type: z.literal('special'),
    match: z.enum(['null', 'nan', 'null+nan', 'true', 'false', 'empty']),
    ...shown,
  }),
]);

export const link = z.strictObject({
  title: z.string().max(200).default(''),
  url: safeUrl,
  newTab: z.boolean().default(false),
});

const drawing = z.strictObject({
  style: z.enum(['line', 'bars', 'points']).optional(),
  interpolation: z.enum(['linear', 'smooth', 'step-before', 'step-after']).optional(),
  width: z.number().min(0).max(10).optional(),
  /** Opacity of the area below, percent. */
  fill: z.number().min(0).max(100).optional(),
  points: z.enum(['auto', 'always', 'never']).optional(),
  spanGaps: z.boolean().optional(),
  stack: z.enum(['none', 'normal', 'percent']).optional(),
  axis: z.enum(['auto', 'left', 'right', 'hidden']).optional(),
  axisLabel: z.string().max(200).optional(),
  scale: z.enum(['linear', 'log2', 'log10']).optional(),
  thresholds: z.enum(['off', 'line', 'area', 'line+area']).optional(),
  /** Drawn below zero, as for traffic that goes out. */
  negative: z.boolean().optional(),
  dashed: z.boolean().optional(),
});

const column = z.strictObject({
  width: z.number().min(0).max(2000).optional(),
  align: z.enum(['auto', 'left', 'center', 'right']).optional(),
  cell: z.enum(['auto', 'text', 'color-text', 'color-background', 'gauge']).optional(),
  hidden: z.boolean().optional(),
});

export const fieldSettings = z.strictObject({
  /** An id of the field's usual list, such as `s`, `bytes`, `percentunit`, `reqps`; any other text is a suffix. */
  unit: z.string().max(100).optional(),
  decimals: z.number().int().min(0).max(15).optional(),
  min: z.number().optional(),
  max: z.number().optional(),
  displayName: z.string().max(500).optional(),
  noValue: z.string().max(200).optional(),
  color: z
    .strictObject({
      mode: z.enum(['palette', 'fixed', 'thresholds', 'continuous']),
      fixed: color.optional(),
    })
    .optional(),
  thresholds: thresholds.optional(),
  mappings: z.array(mapping).max(500).optional(),
  links: z.array(link).max(50).optional(),
  draw: drawing.optional(),
  column: column.optional(),
  /** Neither drawn nor listed. */
  hidden: z.boolean().optional(),
});
export type FieldSettings = z.output<typeof fieldSettings>;

export const override = z.strictObject({
  match: z.strictObject({
    by: z.enum(['name', 'names', 'regex', 'query', 'type']),
    /** For `names`, one per line. */
    value: z.string().max(4000),
  }),
  set: fieldSettings,
});
export type Override = z.output<typeof override>;
