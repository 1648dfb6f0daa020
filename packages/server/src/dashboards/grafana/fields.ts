import { color, type FieldSettings, type Override, safeUrl } from '../field-model.ts';
import { fillIn, type ImportContext } from './context.ts';
import { integer, isRecord, type Json, list, number, record, records, text, texts } from './json.ts';

/** A colour of the model, or nothing for what is none. */
export function colorOf(value: unknown): string | undefined {
  const name = text(value, '', 64);
  return name !== '' && color.safeParse(name).success ? name : undefined;
}

function oneOf<const T extends string>(value: unknown, allowed: readonly T[]): T | undefined {
  return allowed.find((candidate) => candidate === value);
}

type Defined<T> = Exclude<T, undefined>;
type Link = Defined<FieldSettings['links']>[number];

/** Addresses of dashboards in Grafana (`/d/<uid>/<slug>`) become those of Pharos. */
export function linkOf(value: Json, context: ImportContext): Link | null {
  let url = fillIn(text(value['url']), context).trim();
  url = url.replace(/^\/?d\/([\w-]+)(\/[\w-]*)?/, '/dashboards/$1').replace(/^dashboards?\//, '/dashboards/');
  if (url === '' && text(value['dashUri']) !== '')
    url = `/dashboards/${text(value['dashUri']).replace(/^db\//, '')}`;
  if (!safeUrl.safeParse(url).success) {
    context.report.lost(`a link to "${url.slice(0, 60)}": only http(s) addresses and paths are kept`);
    return null;
  }
  return {
    title: text(value['title'], '', 200),
    url,
    newTab: value['targetBlank'] === true,
  };
}

export function linksOf(value: unknown, context: ImportContext): Link[] {
  return records(value)
    .slice(0, 50)
    .flatMap((link) => linkOf(link, context) ?? []);
}

function thresholdsOf(value: unknown): FieldSettings['thresholds'] {
  if (!isRecord(value)) return undefined;
  const steps = records(value['steps'])
    .slice(0, 50)
    .map((step, index) => ({
      value: index === 0 ? (number(step['value']) ?? null) : (number(step['value']) ?? 0),
      color: colorOf(step['color']) ?? 'green',
    }));
  return { mode: value['mode'] === 'percentage' ? 'percentage' : 'absolute', steps };
}

type Mapping = Defined<FieldSettings['mappings']>[number];

function result(value: unknown): { text?: string; color?: string } {
  const shown = record(value);
  const chosen = colorOf(shown['color']);
  return {
    ...(shown['text'] === undefined ? {} : { text: text(shown['text'], '', 500) }),
    ...(chosen === undefined ? {} : { color: chosen }),
  };
}

function mappingOf(value: Json): Mapping[] {
  const options = record(value['options']);
  switch (value['type']) {
    case 'value':
      return Object.entries(options).map(([key, shown]) => ({
        type: 'value',
        value: key.slice(0, 500),
        ...result(shown),
      }));
    case 'range':
      return [
        {
          type: 'range',
          from: number(options['from']) ?? null,
          to: number(options['to']) ?? null,
          ...result(options['result']),
        },
      ];
    case 'regex':
      return [{ type: 'regex', pattern: text(options['pattern'], '', 500), ...result(options['result']) }];
    case 'special': {
      const match = oneOf(options['match'], ['null', 'nan', 'null+nan', 'true', 'false', 'empty']) ?? 'null';
      return [{ type: 'special', match, ...result(options['result']) }];
    }
    // Before version 8: 1 is a value, 2 a range.
    case 1:
      return value['value'] === 'null'
        ? [{ type: 'special', match: 'null', text: text(value['text'], '', 500) }]
        : [{ type: 'value', value: text(value['value'], '', 500), text: text(value['text'], '', 500) }];
    case 2:
      return [
        {
          type: 'range',
          from: number(value['from']) ?? null,
          to: number(value['to']) ?? null,
          text: text(value['text'], '', 500),
        },
      ];
    default:
      return [];
  }
}

function colorMode(value: unknown): FieldSettings['color'] {
  if (!isRecord(value)) return undefined;
  const mode = text(value['mode']);
  const fixed = colorOf(value['fixedColor']);
  if (mode === 'fixed' || mode === 'shades')
    return fixed === undefined ? undefined : { mode: 'fixed', fixed };
  if (mode === 'thresholds') return { mode: 'thresholds' };
  return { mode: mode.startsWith('continuous') ? 'continuous' : 'palette' };
}

const INTERPOLATION: Readonly<Record<string, 'linear' | 'smooth' | 'step-before' | 'step-after'>> = {
  linear: 'linear',
  smooth: 'smooth',
  stepBefore: 'step-before',
  stepAfter: 'step-after',
};
const CELLS: Readonly<Record<string, 'auto' | 'text' | 'color-text' | 'color-background' | 'gauge'>> = {
  auto: 'auto',
  'color-text': 'color-text',
  'color-background': 'color-background',
  'color-background-solid': 'color-background',
  'lcd-gauge': 'gauge',
  'gradient-gauge': 'gauge',
  'basic-gauge': 'gauge',
  basic: 'gauge',
  gauge: 'gauge',
  'json-view': 'text',
};

function drawingOf(custom: Json): FieldSettings['draw'] {
  const stacking = record(custom['stacking'])['mode'];
  const scale = record(custom['scaleDistribution']);
  const points = { auto: 'auto', always: 'always', never: 'never' } as const;
  const thresholds = text(record(custom['thresholdsStyle'])['mode']);
  return {
    style: oneOf(custom['drawStyle'], ['line', 'bars', 'points']),
    interpolation: INTERPOLATION[text(custom['lineInterpolation'])],
    width: limited(custom['lineWidth'], 10),
    fill: limited(custom['fillOpacity'], 100),
    points: points[oneOf(custom['showPoints'], ['auto', 'always', 'never']) ?? 'auto'],
    spanGaps: custom['spanNulls'] === undefined ? undefined : custom['spanNulls'] !== false,
    stack: oneOf(stacking, ['none', 'normal', 'percent']),
    axis: oneOf(custom['axisPlacement'], ['auto', 'left', 'right', 'hidden']),
    axisLabel: text(custom['axisLabel'], '', 200) || undefined,
    scale: scale['type'] === 'log' ? (number(scale['log']) === 2 ? 'log2' : 'log10') : undefined,
    thresholds: thresholds === '' ? undefined : drawnThresholds(thresholds),
    negative: custom['transform'] === 'negative-Y' ? true : undefined,
    dashed: /dash|dot/.test(text(record(custom['lineStyle'])['fill'])) ? true : undefined,
  };
}

function drawnThresholds(mode: string): 'off' | 'line' | 'area' | 'line+area' {
  const line = /line|dashed/.test(mode);
  const area = mode.includes('area');
  if (line) return area ? 'line+area' : 'line';
  return area ? 'area' : 'off';
}

function limited(value: unknown, most: number): number | undefined {
  const parsed = number(value);
  return parsed === undefined ? undefined : Math.min(most, Math.max(0, parsed));
}

function columnOf(custom: Json): FieldSettings['column'] {
  const cell = CELLS[text(record(custom['cellOptions'])['type']) || text(custom['displayMode'])];
  return {
    width: limited(custom['width'], 2000),
    align: oneOf(custom['align'], ['auto', 'left', 'center', 'right']),
    cell,
    hidden: custom['hidden'] === true || record(custom['hideFrom'])['viz'] === true ? true : undefined,
  };
}

function used<T extends object>(value: T): T | undefined {
  return Object.values(value).some((member) => member !== undefined) ? value : undefined;
}

/** Grafana's `fieldConfig.defaults` (or the properties of an override, gathered in the same shape). */
export function fieldSettingsOf(value: Json, context: ImportContext): FieldSettings {
  const custom = record(value['custom']);
  const hidden = record(custom['hideFrom']);
  const displayName = text(value['displayName'], '', 500);
  return {
    unit: text(value['unit'], '', 100) || undefined,
    decimals: integer(value['decimals'], 0, 15),
    min: number(value['min']),
    max: number(value['max']),
    displayName: displayName === '' ? undefined : fillIn(displayName, context),
    noValue: text(value['noValue'], '', 200) || undefined,
    color: colorMode(value['color']),
    thresholds: thresholdsOf(value['thresholds']),
    mappings:
      list(value['mappings']).length === 0
        ? undefined
        : records(value['mappings']).flatMap(mappingOf).slice(0, 500),
    links: list(value['links']).length === 0 ? undefined : linksOf(value['links'], context),
    draw: used(drawingOf(custom) ?? {}),
    column: used(columnOf(custom) ?? {}),
    hidden: hidden['viz'] === true && hidden['legend'] === true ? true : undefined,
  };
}

/** Settings by dotted id (`custom.lineWidth`) gathered into one object. */
function gather(properties: readonly Json[]): Json {
  const custom: Record<string, unknown> = {};
  const plain: Record<string, unknown> = {};
  for (const property of properties) {
    const id = text(property['id']);
    if (id.startsWith('custom.')) custom[id.slice('custom.'.length)] = property['value'];
    else plain[id === 'title' ? 'displayName' : id] = property['value'];
  }
  return { ...plain, custom };
}

function matcherOf(value: Json): Override['match'] | null {
  const { options } = value;
  switch (value['id']) {
    case 'byName':
      return { by: 'name', value: text(options) };
    case 'byNames':
      return { by: 'names', value: texts(record(options)['names'], 500).join('\n').slice(0, 4000) };
    case 'byRegexp':
      return { by: 'regex', value: text(options).replace(/^\/(.*)\/[gimsuy]*$/s, '$1') };
    case 'byFrameRefID':
      return { by: 'query', value: text(options) };
    case 'byType':
      return { by: 'type', value: text(options) };
    default:
      return null;
  }
}

export function overridesOf(value: unknown, context: ImportContext): Override[] {
  return records(value)
    .slice(0, 200)
    .flatMap((entry) => {
      const matcher = record(entry['matcher']);
      const match = matcherOf(matcher);
      if (match !== null)
        return { match, set: fieldSettingsOf(gather(records(entry['properties'])), context) };
      context.report.lost(`an override for fields chosen by "${text(matcher['id'])}"`);
      return [];
    });
}
