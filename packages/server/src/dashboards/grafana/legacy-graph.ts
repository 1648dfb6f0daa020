import { type Json, number, record, records, text } from './json.ts';

/**
 * Panels of Grafana before version 8, rewritten into the shape of today's, so that one reader serves both. The meanings follow
 * Grafana's documentation of the old graph panel.
 */

type Property = { readonly id: string; readonly value: unknown };
const CALCS: Readonly<Record<string, string>> = {
  min: 'min',
  max: 'max',
  avg: 'mean',
  current: 'lastNotNull',
  total: 'sum',
};

/** `graph` becomes `timeseries`. */
export function graphPanel(old: Json): Json {
  const [left, right] = records(old['yaxes']);
  const legend = record(old['legend']);
  const custom = drawingOf(old, left);
  return {
    ...old,
    type: 'timeseries',
    fieldConfig: {
      defaults: {
        ...axisOf(left),
        custom,
        ...thresholdsOf(old),
        color: { mode: 'palette-classic' },
        links: record(record(old['fieldConfig'])['defaults'])['links'],
      },
      overrides: [...colorOverrides(old), ...seriesOverrides(old, right)],
    },
    options: {
      legend: {
        showLegend: legend['show'] !== false,
        displayMode: legend['alignAsTable'] === true ? 'table' : 'list',
        placement: legend['rightSide'] === true ? 'right' : 'bottom',
        calcs:
          legend['values'] === true
            ? Object.entries(CALCS).flatMap(([name, calc]) => (legend[name] === true ? [calc] : []))
            : [],
      },
      tooltip: { mode: record(old['tooltip'])['shared'] === false ? 'single' : 'multi' },
    },
  };
}

function axisOf(axis: Json | undefined): Json {
  if (axis === undefined) return {};
  const unit = text(axis['format']);
  return {
    ...(unit === '' ? {} : { unit }),
    min: number(axis['min']),
    max: number(axis['max']),
    decimals: number(axis['decimals']),
  };
}

function drawingOf(old: Json, left: Json | undefined): Json {
  const width = number(old['linewidth']) ?? 1;
  const bars = old['bars'] === true;
  const lines = old['lines'] !== false;
  const logBase = number(left?.['logBase']);
  return {
    drawStyle: bars ? 'bars' : lines ? 'line' : 'points',
    lineWidth: width,
    fillOpacity: bars ? 100 : (number(old['fill']) ?? 1) * 10,
    showPoints: old['points'] === true ? 'always' : 'never',
    lineInterpolation: old['steppedLine'] === true ? 'stepAfter' : 'linear',
    spanNulls: old['nullPointMode'] === 'connected',
    stacking: { mode: old['stack'] === true ? (old['percentage'] === true ? 'percent' : 'normal') : 'none' },
    axisLabel: text(left?.['label']),
    axisPlacement: left?.['show'] === false ? 'hidden' : 'auto',
    ...(logBase === 2 || logBase === 10 || logBase === 32 || logBase === 1024
      ? { scaleDistribution: { type: 'log', log: logBase === 2 ? 2 : 10 } }
      : {}),
    ...(records(old['thresholds']).length > 0 ? { thresholdsStyle: { mode: 'line' } } : {}),
  };
}

const THRESHOLD_COLORS: Readonly<Record<string, string>> = {
  critical: 'red',
  warning: 'orange',
  ok: 'green',
};

function thresholdsOf(old: Json): Json {
  const lines = records(old['thresholds'])
    .flatMap((line) => {
      const value = number(line['value']);
      if (value === undefined) return [];
      const custom = text(line['lineColor']) || text(line['fillColor']);
      const color = THRESHOLD_COLORS[text(line['colorMode'])] ?? (custom || 'red');
      return [{ value, color, below: line['op'] === 'lt' }];
    })
    .sort((a, b) => a.value - b.value);
  const first = lines[0];
  if (first === undefined) return {};
  return {
    thresholds: {
      mode: 'absolute',
      steps: [
        { value: null, color: first.below ? first.color : 'transparent' },
        ...lines.map(({ value, color, below }) => ({ value, color: below ? 'transparent' : color })),
      ],
    },
  };
}

function colorOverrides(old: Json): Json[] {
  return Object.entries(record(old['aliasColors'])).map(([name, fixedColor]) => ({
    matcher: { id: 'byName', options: name },
    properties: [{ id: 'color', value: { mode: 'fixed', fixedColor } }],
  }));
}

function seriesOverrides(old: Json, right: Json | undefined): Json[] {
  return records(old['seriesOverrides']).map((entry) => {
    const alias = text(entry['alias']);
    const pattern = /^\/.*\/[a-z]*$/s.test(alias);
    return {
      matcher: { id: pattern ? 'byRegexp' : 'byName', options: alias },
      properties: properties(entry, right),
    };
  });
}

function properties(entry: Json, right: Json | undefined): Property[] {
  const found: Property[] = [];
  const set = (id: string, value: unknown): void => {
    found.push({ id, value });
  };
  if (number(entry['yaxis']) === 2) {
    set('custom.axisPlacement', 'right');
    const { unit, min, max } = axisOf(right);
    if (unit !== undefined) set('unit', unit);
    if (min !== undefined) set('min', min);
    if (max !== undefined) set('max', max);
  }
  if (typeof entry['color'] === 'string') set('color', { mode: 'fixed', fixedColor: entry['color'] });
  const fill = number(entry['fill']);
  if (fill !== undefined) set('custom.fillOpacity', fill * 10);
  if (number(entry['linewidth']) !== undefined) set('custom.lineWidth', entry['linewidth']);
  if (entry['stack'] === false) set('custom.stacking', { mode: 'none' });
  else if (entry['stack'] !== undefined) set('custom.stacking', { mode: 'normal' });
  if (entry['transform'] === 'negative-Y') set('custom.transform', 'negative-Y');
  if (entry['bars'] === true) set('custom.drawStyle', 'bars');
  else if (entry['lines'] === false && entry['points'] === true) set('custom.drawStyle', 'points');
  if (entry['dashes'] === true) set('custom.lineStyle', { fill: 'dash' });
  if (entry['steppedLine'] === true) set('custom.lineInterpolation', 'stepAfter');
  if (
    entry['hiddenSeries'] === true ||
    (entry['lines'] === false && entry['points'] !== true && entry['bars'] !== true)
  )
    set('custom.hideFrom', { viz: true, legend: entry['legend'] === false });
  return found;
}
