import type { FieldSettings, Override } from '../field-model.ts';

type Out = Record<string, unknown>;

const INTERPOLATION = {
  linear: 'linear',
  smooth: 'smooth',
  'step-before': 'stepBefore',
  'step-after': 'stepAfter',
} as const;
const CELLS = {
  auto: 'auto',
  text: 'auto',
  'color-text': 'color-text',
  'color-background': 'color-background',
  gauge: 'gauge',
} as const;

/** The settings that are set, under Grafana's names; `custom.` ones apart. */
function properties(settings: FieldSettings): { readonly plain: Out; readonly custom: Out } {
  const { draw, column, color, mappings, links, hidden } = settings;
  const plain: Out = {
    unit: settings.unit,
    decimals: settings.decimals,
    min: settings.min,
    max: settings.max,
    displayName: settings.displayName,
    noValue: settings.noValue,
    color: color === undefined ? undefined : colorOut(color),
    thresholds: settings.thresholds,
    mappings: mappings === undefined ? undefined : mappingsOut(mappings),
    links: links?.map(({ title, url, newTab }) => ({ title, url, targetBlank: newTab })),
  };
  const custom: Out = {
    ...(draw === undefined ? {} : drawOut(draw)),
    ...(column === undefined
      ? {}
      : {
          width: column.width,
          align: column.align,
          hidden: column.hidden,
          cellOptions: column.cell === undefined ? undefined : { type: CELLS[column.cell] },
        }),
    hideFrom: hidden === true ? { viz: true, legend: true, tooltip: true } : undefined,
  };
  return { plain: set(plain), custom: set(custom) };
}

function set(values: Out): Out {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}

function colorOut(color: NonNullable<FieldSettings['color']>): Out {
  switch (color.mode) {
    case 'fixed':
      return { mode: 'fixed', fixedColor: color.fixed };
    case 'thresholds':
      return { mode: 'thresholds' };
    case 'continuous':
      return { mode: 'continuous-GrYlRd' };
    case 'palette':
      return { mode: 'palette-classic' };
  }
}

function drawOut(draw: NonNullable<FieldSettings['draw']>): Out {
  return {
    drawStyle: draw.style,
    lineInterpolation: draw.interpolation === undefined ? undefined : INTERPOLATION[draw.interpolation],
    lineWidth: draw.width,
    fillOpacity: draw.fill,
    showPoints: draw.points,
    spanNulls: draw.spanGaps,
    stacking: draw.stack === undefined ? undefined : { mode: draw.stack, group: 'A' },
    axisPlacement: draw.axis,
    axisLabel: draw.axisLabel,
    scaleDistribution:
      draw.scale === undefined || draw.scale === 'linear'
        ? undefined
        : { type: 'log', log: draw.scale === 'log2' ? 2 : 10 },
    thresholdsStyle: draw.thresholds === undefined ? undefined : { mode: draw.thresholds },
    transform: draw.negative === true ? 'negative-Y' : undefined,
    lineStyle: draw.dashed === true ? { fill: 'dash', dash: [10, 10] } : undefined,
  };
}

/** Value mappings stand together in one entry, the others each in their own. */
function mappingsOut(mappings: NonNullable<FieldSettings['mappings']>): Out[] {
  const values = mappings.filter((mapping) => mapping.type === 'value');
  const out: Out[] = [];
  if (values.length > 0) {
    const options = values.map(({ value, text, color }, index) => [value, { text, color, index }] as const);
    out.push({ type: 'value', options: Object.fromEntries(options) });
  }
  for (const mapping of mappings) {
    const result = 'type' in mapping ? { text: mapping.text, color: mapping.color } : {};
    if (mapping.type === 'range')
      out.push({ type: 'range', options: { from: mapping.from, to: mapping.to, result } });
    else if (mapping.type === 'regex')
      out.push({ type: 'regex', options: { pattern: mapping.pattern, result } });
    else if (mapping.type === 'special')
      out.push({ type: 'special', options: { match: mapping.match, result } });
  }
  return out;
}

export function defaultsOut(settings: FieldSettings): Out {
  const { plain, custom } = properties(settings);
  return { ...plain, custom };
}

export function overrideOut({ match, set: settings }: Override): Out {
  const { plain, custom } = properties(settings);
  return {
    matcher: matcherOut(match),
    properties: [
      ...Object.entries(plain).map(([id, value]) => ({ id, value })),
      ...Object.entries(custom).map(([name, value]) => ({ id: `custom.${name}`, value })),
    ],
  };
}

function matcherOut({ by, value }: Override['match']): Out {
  switch (by) {
    case 'name':
      return { id: 'byName', options: value };
    case 'names':
      return { id: 'byNames', options: { mode: 'include', names: value.split('\n'), prefix: 'All except:' } };
    case 'regex':
      return { id: 'byRegexp', options: `/${value}/` };
    case 'query':
      return { id: 'byFrameRefID', options: value };
    case 'type':
      return { id: 'byType', options: value };
  }
}
