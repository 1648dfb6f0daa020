import { z } from 'zod';
import { fieldSettings, link, override } from './field-model.ts';

/** Columns of a dashboard's grid; a row of it is 30 px high with 8 px between. */
export const GRID_COLUMNS = 24;
const REDUCERS = [
  'lastNotNull',
  'last',
  'firstNotNull',
  'first',
  'min',
  'max',
  'mean',
  'sum',
  'count',
  'range',
  'diff',
  'stdDev',
  'median',
  'p95',
  'distinctCount',
  'name',
] as const;
export const reducer = z.enum(REDUCERS);
export type Reducer = z.output<typeof reducer>;

const query = z.strictObject({
  ref: z.string().min(1).max(20),
  /** Which signal is asked. `metrics` is PromQL; the others wait for their part of Pharos and answer nothing yet. */
  source: z.enum(['metrics', 'logs', 'traces', 'sql', 'expression']).default('metrics'),
  expr: z.string().max(20_000),
  /** `{{label}}` stands for a label's value; empty names a series by its labels. */
  legend: z.string().max(500).default(''),
  instant: z.boolean().default(false),
  format: z.enum(['series', 'table', 'heatmap']).default('series'),
  /** Smallest step, a duration or a variable. */
  interval: z.string().max(50).default(''),
  hidden: z.boolean().default(false),
  /** Whether the exemplars of its metrics are drawn as dots. */
  exemplars: z.boolean().default(false),
});
export type Query = z.output<typeof query>;

/** `id` names the operation (features/dashboards/transform/ in the dashboard knows them), `options` are its own. */
const transformation = z.strictObject({
  id: z.enum([
    'organize',
    'merge',
    'labelsToFields',
    'reduce',
    'filterFieldsByName',
    'filterByRefId',
    'sortBy',
    'renameByRegex',
    'joinByField',
    'limit',
    'groupBy',
    'calculateField',
    'seriesToRows',
  ]),
  disabled: z.boolean().default(false),
  options: z.record(z.string().max(100), z.json()).default({}),
});
export type Transformation = z.output<typeof transformation>;

const legendOptions = z
  .strictObject({
    show: z.boolean().default(true),
    mode: z.enum(['list', 'table']).default('list'),
    placement: z.enum(['bottom', 'right']).default('bottom'),
    calcs: z.array(reducer).max(20).default([]),
  })
  .prefault({});

const reduction = {
  calc: reducer.default('lastNotNull'),
  /** One figure for each value instead of one for each series. */
  allValues: z.boolean().default(false),
  orientation: z.enum(['auto', 'horizontal', 'vertical']).default('auto'),
};

const common = {
  id: z.number().int().min(0).max(1_000_000_000),
  title: z.string().max(500).default(''),
  description: z.string().max(5000).default(''),
  grid: z.strictObject({
    x: z
      .number()
      .int()
      .min(0)
      .max(GRID_COLUMNS - 1),
    y: z.number().int().min(0).max(100_000),
    w: z.number().int().min(1).max(GRID_COLUMNS),
    h: z.number().int().min(1).max(200),
  }),
  links: z.array(link).max(50).default([]),
  /** One copy for each chosen value of a variable. */
  repeat: z
    .strictObject({
      variable: z.string().max(100),
      direction: z.enum(['horizontal', 'vertical']).default('horizontal'),
      perRow: z.number().int().min(1).max(24).default(4),
    })
    .optional(),
};

const withData = {
  ...common,
  queries: z.array(query).max(100).default([]),
  transformations: z.array(transformation).max(50).default([]),
  field: fieldSettings.prefault({}),
  overrides: z.array(override).max(200).default([]),
  /** Smallest step of all queries of the panel. */
  interval: z.string().max(50).default(''),
  maxPoints: z.number().int().min(1).max(11_000).optional(),
  /** Another span than the page's: the last so long, or shifted into the past by so much. */
  timeFrom: z.string().max(20).default(''),
  timeShift: z.string().max(20).default(''),
};

const panelTypes = [
  z.strictObject({
    type: z.literal('timeseries'),
    ...withData,
    options: z
      .strictObject({
        legend: legendOptions,
        tooltip: z.enum(['multi', 'single', 'none']).default('multi'),
      })
      .prefault({}),
  }),
  z.strictObject({
    type: z.literal('stat'),
    ...withData,
    options: z
      .strictObject({
        ...reduction,
        graph: z.enum(['none', 'area']).default('area'),
        color: z.enum(['none', 'value', 'background']).default('value'),
        text: z.enum(['auto', 'value', 'value+name', 'name', 'none']).default('auto'),
      })
      .prefault({}),
  }),
  z.strictObject({
    type: z.literal('gauge'),
    ...withData,
    options: z
      .strictObject({
        ...reduction,
        showLabels: z.boolean().default(false),
      })
      .prefault({}),
  }),
  z.strictObject({
    type: z.literal('bar'),
    ...withData,
    options: z
      .strictObject({
        ...reduction,
        /** Longest first, as they come, or by name. */
        sort: z.enum(['none', 'value', 'name']).default('none'),
      })
      .prefault({}),
  }),
  z.strictObject({
    type: z.literal('table'),
    ...withData,
    options: z
      .strictObject({
        sortBy: z.string().max(500).default(''),
        descending: z.boolean().default(false),
        header: z.boolean().default(true),
      })
      .prefault({}),
  }),
  z.strictObject({
    type: z.literal('heatmap'),
    ...withData,
    options: z
      .strictObject({
        /** Buckets as they come (cumulative `le` counts are taken apart), or made from the values of the series. */
        from: z.enum(['buckets', 'series']).default('buckets'),
        scheme: z.enum(['calm', 'spectral', 'grey']).default('calm'),
      })
      .prefault({}),
  }),
  z.strictObject({
    type: z.literal('statetimeline'),
    ...withData,
    options: z
      .strictObject({
        /** Equal neighbours become one span; otherwise every instant is its own cell. */
        merge: z.boolean().default(true),
        showValues: z.boolean().default(true),
        legend: z.boolean().default(true),
      })
      .prefault({}),
  }),
  z.strictObject({
    type: z.literal('text'),
    ...common,
    options: z
      .strictObject({
        mode: z.enum(['markdown', 'plain']).default('markdown'),
        content: z.string().max(100_000).default(''),
      })
      .prefault({}),
  }),
  z.strictObject({
    type: z.literal('row'),
    ...common,
    options: z.strictObject({ collapsed: z.boolean().default(false) }).prefault({}),
  }),
  /** A panel of another system that cannot be shown; kept as it came, so that an export returns it. */
  z.strictObject({
    type: z.literal('unsupported'),
    ...common,
    options: z.strictObject({ kind: z.string().max(200), original: z.json() }),
  }),
] as const;

export const panel = z.discriminatedUnion('type', panelTypes);
export type Panel = z.output<typeof panel>;
/** A panel as it may be written: what has a default may be left out. */
export type PanelInput = z.input<typeof panel>;
export type DataPanel = Extract<Panel, { queries: unknown }>;
