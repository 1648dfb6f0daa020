import { z } from 'zod';
import { color, safeUrl } from './field-model.ts';
import { panel } from './panel-model.ts';

const MAX_PANELS = 500;
export const ALL_VALUES = '$__all';
export const UID = /^[A-Za-z0-9_-]{1,64}$/;

const chosen = z.array(z.string().max(2000)).max(2000).default([]);
const variableCommon = {
  name: z.string().regex(/^\w{1,100}$/, 'expected letters, digits and _'),
  label: z.string().max(200).default(''),
  description: z.string().max(2000).default(''),
  hide: z.enum(['no', 'label', 'variable']).default('no'),
};
const choice = {
  multi: z.boolean().default(false),
  includeAll: z.boolean().default(false),
  /** What "all" stands for in a query; all values joined when empty. */
  allValue: z.string().max(2000).default(''),
  current: chosen,
};
const option = z.strictObject({ value: z.string().max(2000), text: z.string().max(2000) });

/** A dashboard's variable, chosen by the reader and kept in the URL as `var-<name>`. */
const variable = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('query'),
    ...variableCommon,
    ...choice,
    /** `label_values(metric, label)`, `label_values(label)`, `label_names()`, `metrics(regex)` or `query_result(PromQL)`. */
    query: z.string().max(10_000),
    regex: z.string().max(1000).default(''),
    sort: z
      .enum(['none', 'alpha', 'alpha-desc', 'number', 'number-desc', 'natural', 'natural-desc'])
      .default('none'),
    refresh: z.enum(['load', 'range']).default('load'),
  }),
  z.strictObject({
    type: z.literal('custom'),
    ...variableCommon,
    ...choice,
    options: z.array(option).max(2000),
  }),
  z.strictObject({ type: z.literal('constant'), ...variableCommon, value: z.string().max(2000) }),
  z.strictObject({
    type: z.literal('interval'),
    ...variableCommon,
    values: z.array(z.string().max(50)).max(100),
    /** Offers a value that divides the range into so many steps. */
    auto: z.strictObject({ steps: z.number().int().min(1).max(1000), min: z.string().max(20) }).optional(),
    current: chosen,
  }),
  z.strictObject({ type: z.literal('textbox'), ...variableCommon, current: chosen }),
  z.strictObject({
    type: z.literal('datasource'),
    ...variableCommon,
    ...choice,
    kind: z.string().max(100).default('prometheus'),
  }),
]);
export type Variable = z.output<typeof variable>;
export type VariableInput = z.input<typeof variable>;

const annotationQuery = z.strictObject({
  name: z.string().max(200),
  enabled: z.boolean().default(true),
  hidden: z.boolean().default(false),
  color: color.default('blue'),
  /** `events`: what Pharos recorded (deployments, notes); `query`: instants at which a PromQL expression is not zero. */
  kind: z.enum(['events', 'query']),
  tags: z.array(z.string().max(100)).max(50).default([]),
  expr: z.string().max(20_000).default(''),
  title: z.string().max(500).default(''),
  text: z.string().max(2000).default(''),
  step: z.string().max(20).default(''),
});

const dashboardLink = z.strictObject({
  title: z.string().max(200).default(''),
  type: z.enum(['link', 'dashboards']),
  url: safeUrl.default(''),
  /** For `dashboards`: those that carry all of these tags. */
  tags: z.array(z.string().max(100)).max(50).default([]),
  keepTime: z.boolean().default(true),
  keepVariables: z.boolean().default(false),
  newTab: z.boolean().default(false),
});

/** The version of this very shape; it rises when older dashboards no longer parse. */
const MODEL_VERSION = 1;

export const dashboard = z.strictObject({
  model: z.literal(MODEL_VERSION).default(MODEL_VERSION),
  uid: z.string().regex(UID, 'expected 1 to 64 letters, digits, - and _'),
  title: z.string().trim().min(1, 'expected a title').max(300),
  description: z.string().max(5000).default(''),
  tags: z.array(z.string().trim().min(1).max(100)).max(50).default([]),
  /** Empty is the top. */
  folder: z.string().trim().max(200).default(''),
  zone: z.enum(['reader', 'utc']).default('reader'),
  /** A span back from now (`1h`), or two fixed instants in epoch ms. */
  time: z
    .strictObject({
      range: z
        .string()
        .regex(/^(\d+[smhdw])+$/, 'expected a duration such as 1h')
        .default('1h'),
      from: z.number().optional(),
      to: z.number().optional(),
    })
    .prefault({}),
  /** How often it asks again: a duration, `off`, or empty for what suits the range. */
  refresh: z
    .string()
    .regex(/^(off|(\d+[smhd])*)$/, 'expected a duration such as 10s, or off')
    .default(''),
  variables: z.array(variable).max(100).default([]),
  annotations: z.array(annotationQuery).max(50).default([]),
  links: z.array(dashboardLink).max(50).default([]),
  panels: z
    .array(panel)
    .max(MAX_PANELS)
    .default([])
    .refine((panels) => new Set(panels.map((p) => p.id)).size === panels.length, {
      error: 'two panels have the same id',
    }),
});
export type Dashboard = z.output<typeof dashboard>;
export type DashboardInput = z.input<typeof dashboard>;
