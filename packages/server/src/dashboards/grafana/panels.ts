import { z } from 'zod';
import type { Panel, PanelInput, Reducer } from '../panel-model.ts';
import { GRID_COLUMNS, reducer } from '../panel-model.ts';
import { fillIn, type ImportContext } from './context.ts';
import { fieldSettingsOf, linksOf, overridesOf } from './fields.ts';
import { integer, isRecord, type Json, list, number, record, records, text, texts } from './json.ts';
import { graphPanel } from './legacy-graph.ts';
import { singlestatPanel } from './legacy-single.ts';
import { oldTablePanel } from './legacy-table.ts';
import { queriesOf, whereOf } from './queries.ts';
import { transformationsOf } from './transformations.ts';

type Kind = Exclude<Panel['type'], 'row' | 'unsupported'>;
interface Rule {
  readonly type: Kind;
  /** Rewrites an older shape into today's. */
  readonly modernize?: (old: Json) => Json;
  /** What the reader should know about the change. */
  readonly note?: string;
}

/** How each kind of Grafana panel is shown. What is not listed is kept as `unsupported` and named. */
const RULES: Readonly<Record<string, Rule>> = {
  timeseries: { type: 'timeseries' },
  graph: { type: 'timeseries', modernize: graphPanel },
  trend: { type: 'timeseries', note: 'a trend is shown over time' },
  stat: { type: 'stat' },
  singlestat: { type: 'stat', modernize: singlestatPanel },
  'grafana-singlestat-panel': { type: 'stat', modernize: singlestatPanel },
  gauge: { type: 'gauge' },
  'grafana-polystat-panel': { type: 'stat', note: 'a polystat is shown as figures' },
  bargauge: { type: 'bar' },
  barchart: { type: 'bar', note: 'a bar chart is shown as horizontal bars, one per series' },
  piechart: { type: 'bar', note: 'a pie is shown as bars' },
  'grafana-piechart-panel': { type: 'bar', note: 'a pie is shown as bars' },
  table: { type: 'table' },
  'table-old': { type: 'table', modernize: oldTablePanel },
  heatmap: { type: 'heatmap' },
  'heatmap-new': { type: 'heatmap' },
  'state-timeline': { type: 'statetimeline' },
  'status-history': { type: 'statetimeline' },
  'natel-discrete-panel': { type: 'statetimeline', note: 'a discrete panel is shown as a state timeline' },
  'flant-statusmap-panel': { type: 'statetimeline', note: 'a status map is shown as a state timeline' },
  text: { type: 'text' },
};
const MAX_ORIGINAL = 100_000;

/** One panel of Grafana in the model. Its place and id are settled by the caller. */
export function panelOf(json: Json, context: ImportContext): PanelInput {
  const rule = ruleOf(json);
  return context.report.at(whereOf(json), () => {
    if (rule === null) return unsupported(json, context);
    if (rule.note !== undefined) context.report.changed(rule.note);
    if (json['alert'] !== undefined)
      context.report.lost('its alert; alert rules are kept as rules, not in panels');
    const modern = rule.modernize?.(json) ?? json;
    const type = RULES[text(modern['type'])]?.type ?? rule.type;
    if (type === 'text')
      return { ...commonOf(modern, context), type: 'text', options: textOptions(modern, context) };
    const withData = { ...commonOf(modern, context), ...dataOf(modern, context) };
    return { ...withData, ...OPTIONS[type](modern, json) } as PanelInput; // oxlint-disable-line typescript/no-unsafe-type-assertion -- each entry of OPTIONS carries the type its options belong to
  });
}

function ruleOf(json: Json): Rule | null {
  const type = text(json['type']);
  // Until version 7 today's name of the table meant the old one.
  if (type === 'table' && Array.isArray(json['styles'])) return RULES['table-old'] ?? null;
  return Object.hasOwn(RULES, type) ? (RULES[type] ?? null) : null;
}

function unsupported(json: Json, { report }: ImportContext): PanelInput {
  const kind = text(json['type'], 'unknown', 200);
  const whole = z.json().safeParse(json);
  const fits = whole.success && JSON.stringify(whole.data).length <= MAX_ORIGINAL;
  report.lost(
    `panels of the kind "${kind}" cannot be shown; ${fits ? 'it is kept for an export' : 'it is too large to keep'}`,
  );
  return {
    ...placeOf(json),
    title: text(json['title'], '', 500),
    type: 'unsupported',
    options: { kind, original: fits ? whole.data : null },
  };
}

function placeOf(json: Json) {
  const grid = record(json['gridPos']);
  const w = integer(grid['w'], 1, GRID_COLUMNS) ?? 12;
  return {
    id: integer(json['id'], 0, 100_000_000) ?? 0,
    grid: {
      x: Math.min(integer(grid['x'], 0, GRID_COLUMNS - 1) ?? 0, GRID_COLUMNS - w),
      y: integer(grid['y'], 0, 100_000) ?? 0,
      w,
      h: integer(grid['h'], 1, 200) ?? 8,
    },
  };
}

function commonOf(json: Json, context: ImportContext) {
  const repeated = text(json['repeat'], '', 100);
  return {
    ...placeOf(json),
    title: fillIn(text(json['title'], '', 500), context),
    description: fillIn(text(json['description'], '', 5000), context),
    links: linksOf(json['links'], context),
    ...(repeated === ''
      ? {}
      : {
          repeat: {
            variable: repeated,
            direction: json['repeatDirection'] === 'v' ? ('vertical' as const) : ('horizontal' as const),
            perRow: integer(json['maxPerRow'], 1, 24) ?? 4,
          },
        }),
  };
}

function dataOf(json: Json, context: ImportContext) {
  const fieldConfig = record(json['fieldConfig']);
  const maxPoints = integer(json['maxDataPoints'], 1, 11_000);
  const queries = queriesOf(json, context);
  if (queries.length === 0 && records(json['targets']).length === 0)
    context.report.changed('it has no queries');
  return {
    queries,
    transformations: transformationsOf(json['transformations'], context),
    field: fieldSettingsOf(record(fieldConfig['defaults']), context),
    overrides: overridesOf(fieldConfig['overrides'], context),
    interval: fillIn(text(json['interval'], '', 50), context).replace(/^>/, ''),
    // Old dashboards say 100 points for a figure, where only the last value counts.
    ...(maxPoints === undefined ? {} : { maxPoints }),
    timeFrom: text(json['timeFrom'], '', 20),
    timeShift: text(json['timeShift'], '', 20),
  };
}

function textOptions(json: Json, context: ImportContext) {
  const options = record(json['options']);
  const mode = text(options['mode']) || text(json['mode']);
  const content = fillIn(text(options['content']) || text(json['content'], '', 100_000), context).slice(
    0,
    100_000,
  );
  if (mode !== 'html') return { mode: 'markdown' as const, content };
  context.report.changed('HTML is shown as plain text');
  return { mode: 'plain' as const, content: plainText(content) };
}

const BREAKS = /<(br|\/p|\/div|\/h\d|\/li|\/tr)\b[^>]*>/gi;
const ENTITIES: Readonly<Record<string, string>> = {
  '&amp;': '&',
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&nbsp;': ' ',
};

function plainText(html: string): string {
  return html
    .replaceAll(/<(style|script)\b[\s\S]*?<\/\1>/gi, '')
    .replaceAll(BREAKS, '\n')
    .replaceAll(/<[^>]*>/g, '')
    .replaceAll(/&\w+;/g, (entity) => ENTITIES[entity] ?? entity)
    .trim();
}

const CALCS: Readonly<Record<string, Reducer>> = {
  delta: 'diff',
  allIsNull: 'count',
  changeCount: 'count',
  variance: 'stdDev',
  stdDev: 'stdDev',
  diffperc: 'diff',
  uniqueValues: 'distinctCount',
};

function calcOf(value: unknown): Reducer | undefined {
  const parsed = reducer.safeParse(value);
  return parsed.success ? parsed.data : CALCS[text(value)];
}

/** Version 6 had `fieldOptions`, later ones `reduceOptions`. */
function reduction(modern: Json) {
  const options = record(modern['options']);
  const reduce = isRecord(options['reduceOptions'])
    ? options['reduceOptions']
    : record(options['fieldOptions']);
  const orientation = options['orientation'];
  return {
    calc: calcOf(list(reduce['calcs'])[0]) ?? 'lastNotNull',
    allValues: reduce['values'] === true,
    orientation: orientation === 'horizontal' || orientation === 'vertical' ? orientation : 'auto',
  };
}

const pick = <const T extends string>(value: unknown, allowed: readonly T[], otherwise: T): T =>
  allowed.find((candidate) => candidate === value) ?? otherwise;

const TEXT_MODES: Readonly<Record<string, string>> = {
  value_and_name: 'value+name',
  name: 'name',
  value: 'value',
  none: 'none',
};

/** Options of each kind of panel that has data. */
const OPTIONS: Readonly<Record<Exclude<Kind, 'text'>, (modern: Json, original: Json) => Json>> = {
  timeseries: (modern) => {
    const options = record(modern['options']);
    const legend = record(options['legend']);
    return {
      type: 'timeseries',
      options: {
        legend: {
          show: legend['showLegend'] !== false && legend['displayMode'] !== 'hidden',
          mode: pick(legend['displayMode'], ['list', 'table'], 'list'),
          placement: pick(legend['placement'], ['bottom', 'right'], 'bottom'),
          calcs: texts(legend['calcs'])
            .flatMap((calc) => calcOf(calc) ?? [])
            .slice(0, 20),
        },
        tooltip: pick(record(options['tooltip'])['mode'], ['multi', 'single', 'none'], 'multi'),
      },
    };
  },
  stat: (modern) => {
    const options = record(modern['options']);
    return {
      type: 'stat',
      options: {
        ...reduction(modern),
        graph: pick(options['graphMode'], ['none', 'area'], 'none'),
        color: text(options['colorMode']).startsWith('background')
          ? 'background'
          : pick(options['colorMode'], ['none', 'value'], 'value'),
        text: TEXT_MODES[text(options['textMode'])] ?? 'auto',
      },
    };
  },
  gauge: (modern) => ({
    type: 'gauge',
    options: { ...reduction(modern), showLabels: record(modern['options'])['showThresholdLabels'] === true },
  }),
  bar: (modern, original) => ({
    type: 'bar',
    options: { ...reduction(modern), sort: /pie/.test(text(original['type'])) ? 'value' : 'none' },
  }),
  table: (modern) => {
    const options = record(modern['options']);
    const sort = record(list(options['sortBy'])[0]);
    return {
      type: 'table',
      options: {
        sortBy: text(sort['displayName'], '', 500),
        descending: sort['desc'] === true,
        header: options['showHeader'] !== false,
      },
    };
  },
  heatmap: (modern) => {
    const options = record(modern['options']);
    // The old panel says in `dataFormat` whether the series are buckets; the new one whether it has to compute them.
    const buckets =
      modern['dataFormat'] === 'tsbuckets' ||
      (modern['dataFormat'] === undefined && options['calculate'] !== true);
    return { type: 'heatmap', options: { from: buckets ? 'buckets' : 'series', scheme: 'calm' } };
  },
  statetimeline: (modern, original) => {
    const options = record(modern['options']);
    return {
      type: 'statetimeline',
      options: {
        merge: original['type'] !== 'status-history' && options['mergeValues'] !== false,
        showValues: options['showValue'] !== 'never',
        legend: record(options['legend'])['showLegend'] !== false,
      },
    };
  },
};

/** Old heatmaps keep the unit of their vertical axis in `yAxis`. */
export function heatmapUnit(json: Json): string {
  const axis = isRecord(json['yAxis']) ? json['yAxis'] : record(record(json['options'])['yAxis']);
  return text(axis['format']) || text(axis['unit']);
}

/** Whether a number stands where it should; old rows say spans of 12 columns. */
export function spanOf(json: Json): number {
  return Math.min(GRID_COLUMNS, Math.max(1, Math.round((number(json['span']) ?? 4) * 2)));
}
