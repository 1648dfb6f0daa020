import { z } from 'zod';

/** A dashboard as the server keeps it (packages/server/src/dashboards/model.ts); what is not used here passes through untouched. */

const threshold = z.object({ value: z.number().nullable(), color: z.string() });
const thresholds = z.object({ mode: z.enum(['absolute', 'percentage']), steps: z.array(threshold) });
export type Thresholds = z.output<typeof thresholds>;

const mapping = z.looseObject({
  type: z.enum(['value', 'range', 'regex', 'special']),
  value: z.string().optional(),
  from: z.number().nullish(),
  to: z.number().nullish(),
  pattern: z.string().optional(),
  match: z.string().optional(),
  text: z.string().optional(),
  color: z.string().optional(),
});
export type Mapping = z.output<typeof mapping>;

const link = z.looseObject({ title: z.string(), url: z.string(), newTab: z.boolean() });

const fieldSettings = z.looseObject({
  unit: z.string().optional(),
  decimals: z.number().optional(),
  min: z.number().optional(),
  max: z.number().optional(),
  displayName: z.string().optional(),
  noValue: z.string().optional(),
  color: z
    .object({
      mode: z.enum(['palette', 'fixed', 'thresholds', 'continuous']),
      fixed: z.string().optional(),
    })
    .optional(),
  thresholds: thresholds.optional(),
  mappings: z.array(mapping).optional(),
  links: z.array(link).optional(),
  draw: z
    .looseObject({
      style: z.enum(['line', 'bars', 'points']).optional(),
      interpolation: z.enum(['linear', 'smooth', 'step-before', 'step-after']).optional(),
      width: z.number().optional(),
      fill: z.number().optional(),
      points: z.enum(['auto', 'always', 'never']).optional(),
      spanGaps: z.boolean().optional(),
      stack: z.enum(['none', 'normal', 'percent']).optional(),
      axis: z.enum(['auto', 'left', 'right', 'hidden']).optional(),
      axisLabel: z.string().optional(),
      scale: z.enum(['linear', 'log2', 'log10']).optional(),
      thresholds: z.enum(['off', 'line', 'area', 'line+area']).optional(),
      negative: z.boolean().optional(),
      dashed: z.boolean().optional(),
    })
    .optional(),
  column: z
    .looseObject({
      width: z.number().optional(),
      align: z.enum(['auto', 'left', 'center', 'right']).optional(),
      cell: z.enum(['auto', 'text', 'color-text', 'color-background', 'gauge']).optional(),
      hidden: z.boolean().optional(),
    })
    .optional(),
  hidden: z.boolean().optional(),
});
export type FieldSettings = z.output<typeof fieldSettings>;

const override = z.object({
  match: z.object({ by: z.enum(['name', 'names', 'regex', 'query', 'type']), value: z.string() }),
  set: fieldSettings,
});
export type Override = z.output<typeof override>;

const query = z.looseObject({
  ref: z.string(),
  source: z.enum(['metrics', 'logs', 'traces', 'sql', 'expression']),
  expr: z.string(),
  legend: z.string(),
  instant: z.boolean(),
  format: z.enum(['series', 'table', 'heatmap']),
  interval: z.string(),
  hidden: z.boolean(),
  exemplars: z.boolean().default(false),
});
export type PanelQuery = z.output<typeof query>;

const transformation = z.looseObject({
  id: z.string(),
  disabled: z.boolean(),
  options: z.record(z.string(), z.json()),
});
export type Transformation = z.output<typeof transformation>;

const panel = z.looseObject({
  id: z.number(),
  type: z.enum([
    'timeseries',
    'stat',
    'gauge',
    'bar',
    'table',
    'heatmap',
    'statetimeline',
    'text',
    'row',
    'unsupported',
  ]),
  title: z.string(),
  description: z.string(),
  grid: z.object({ x: z.number(), y: z.number(), w: z.number(), h: z.number() }),
  links: z.array(link),
  repeat: z
    .object({ variable: z.string(), direction: z.enum(['horizontal', 'vertical']), perRow: z.number() })
    .optional(),
  queries: z.array(query).default([]),
  transformations: z.array(transformation).default([]),
  field: fieldSettings.default({}),
  overrides: z.array(override).default([]),
  interval: z.string().default(''),
  maxPoints: z.number().optional(),
  timeFrom: z.string().default(''),
  timeShift: z.string().default(''),
  options: z.record(z.string(), z.json()),
});
export type Panel = z.output<typeof panel>;
export type PanelType = Panel['type'];

const variable = z.looseObject({
  type: z.enum(['query', 'custom', 'constant', 'interval', 'textbox', 'datasource']),
  name: z.string(),
  label: z.string(),
  description: z.string(),
  hide: z.enum(['no', 'label', 'variable']),
  multi: z.boolean().optional(),
  includeAll: z.boolean().optional(),
  allValue: z.string().optional(),
  current: z.array(z.string()).optional(),
  query: z.string().optional(),
  regex: z.string().optional(),
  sort: z.string().optional(),
  refresh: z.enum(['load', 'range']).optional(),
  options: z.array(z.object({ value: z.string(), text: z.string() })).optional(),
  value: z.string().optional(),
  values: z.array(z.string()).optional(),
  auto: z.object({ steps: z.number(), min: z.string() }).optional(),
});
export type Variable = z.output<typeof variable>;

const annotationQuery = z.looseObject({
  name: z.string(),
  enabled: z.boolean(),
  hidden: z.boolean(),
  color: z.string(),
  kind: z.enum(['events', 'query']),
  tags: z.array(z.string()),
  expr: z.string(),
  title: z.string(),
  text: z.string(),
  step: z.string(),
});

const dashboard = z.looseObject({
  uid: z.string(),
  title: z.string(),
  description: z.string(),
  tags: z.array(z.string()),
  folder: z.string(),
  zone: z.enum(['reader', 'utc']),
  time: z.object({ range: z.string(), from: z.number().optional(), to: z.number().optional() }),
  refresh: z.string(),
  variables: z.array(variable),
  annotations: z.array(annotationQuery),
  links: z.array(
    z.looseObject({
      title: z.string(),
      type: z.enum(['link', 'dashboards']),
      url: z.string(),
      tags: z.array(z.string()),
      keepTime: z.boolean(),
      keepVariables: z.boolean(),
      newTab: z.boolean(),
    }),
  ),
  panels: z.array(panel),
});
export type Dashboard = z.output<typeof dashboard>;

const versionFacts = {
  version: z.number(),
  savedAt: z.number(),
  savedBy: z.string(),
  message: z.string(),
};
export const storedSchema = z.object({
  ...versionFacts,
  builtIn: z.boolean(),
  starred: z.boolean(),
  dashboard,
});
export type Stored = z.output<typeof storedSchema>;
export const versionsSchema = z.object({ versions: z.array(z.object(versionFacts)) });
export const versionSchema = z.object({ ...versionFacts, dashboard });

const summary = z.object({
  uid: z.string(),
  title: z.string(),
  description: z.string(),
  folder: z.string(),
  tags: z.array(z.string()),
  version: z.number(),
  savedAt: z.number(),
  savedBy: z.string(),
  builtIn: z.boolean(),
  starred: z.boolean(),
  panels: z.number(),
});
export type Summary = z.output<typeof summary>;
const counted = z.array(z.object({ name: z.string(), count: z.number() }));
export const listingSchema = z.object({ dashboards: z.array(summary), folders: counted, tags: counted });

const note = z.object({ kind: z.enum(['lost', 'changed']), where: z.string(), what: z.string() });
export const importedSchema = z.object({ dashboard, notes: z.array(note) });
export type Imported = z.output<typeof importedSchema>;

const WITHOUT_DATA: ReadonlySet<PanelType> = new Set(['text', 'row', 'unsupported']);

export function hasData(panel: Panel): boolean {
  return !WITHOUT_DATA.has(panel.type);
}

/** As the server takes it: a panel without data has no settings for it. */
export function forServer(value: Dashboard): unknown {
  return {
    ...value,
    panels: value.panels.map((one) => {
      if (hasData(one)) return one;
      const { id, type, title, description, grid, links, repeat, options } = one;
      return {
        id,
        type,
        title,
        description,
        grid,
        links,
        options,
        ...(repeat === undefined ? {} : { repeat }),
      };
    }),
  };
}

/** A new panel, with one empty query where it has data. */
export function newPanel(id: number, type: PanelType, y: number): Panel {
  const size =
    type === 'row' ? { w: 24, h: 1 } : type === 'stat' || type === 'gauge' ? { w: 6, h: 5 } : { w: 12, h: 8 };
  return {
    id,
    type,
    title: type === 'row' ? 'New row' : 'New panel',
    description: '',
    grid: { x: 0, y, ...size },
    links: [],
    queries: [newQuery('A')],
    transformations: [],
    field: {},
    overrides: [],
    interval: '',
    timeFrom: '',
    timeShift: '',
    options: type === 'text' ? { mode: 'markdown', content: '' } : {},
  };
}

export function newQuery(ref: string): PanelQuery {
  return {
    ref,
    source: 'metrics',
    expr: '',
    legend: '',
    instant: false,
    format: 'series',
    interval: '',
    hidden: false,
    exemplars: false,
  };
}

export function newDashboard(title: string): unknown {
  return {
    title,
    annotations: [{ name: 'Deployments and notes', kind: 'events' }],
  };
}

/** An option that is text. */
export function optionText(panel: Panel, name: string, otherwise = ''): string {
  const value = panel.options[name];
  return typeof value === 'string' ? value : otherwise;
}
