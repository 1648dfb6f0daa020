import { ALL_VALUES, type Dashboard, type Variable } from '../model.ts';
import type { DataPanel, Panel, Query } from '../panel-model.ts';
import { defaultsOut, overrideOut } from './export-fields.ts';

type Out = Record<string, unknown>;
/** Understood by Grafana 10 and later, which migrate it themselves. */
const SCHEMA_VERSION = 39;
const INPUT = 'DS_PHAROS';
const SOURCE = { type: 'prometheus', uid: `\${${INPUT}}` };

/** The dashboard as Grafana's JSON; on import Grafana asks which Prometheus data source (Pharos is one) stands behind it. */
export function exportGrafana(dashboard: Dashboard): Out {
  return {
    __inputs: [
      {
        name: INPUT,
        label: 'Pharos',
        description: 'Pharos as a Prometheus data source',
        type: 'datasource',
        pluginId: 'prometheus',
        pluginName: 'Prometheus',
      },
    ],
    __requires: [
      { type: 'grafana', id: 'grafana', name: 'Grafana', version: '10.0.0' },
      { type: 'datasource', id: 'prometheus', name: 'Prometheus', version: '1.0.0' },
    ],
    id: null,
    uid: dashboard.uid,
    title: dashboard.title,
    description: dashboard.description,
    tags: dashboard.tags,
    timezone: dashboard.zone === 'utc' ? 'utc' : 'browser',
    editable: true,
    graphTooltip: 1,
    schemaVersion: SCHEMA_VERSION,
    version: 0,
    refresh: dashboard.refresh === 'off' ? '' : dashboard.refresh || '10s',
    time: timeOut(dashboard.time),
    templating: { list: dashboard.variables.map(variableOut) },
    annotations: { list: dashboard.annotations.map(annotationOut) },
    links: dashboard.links.map(({ title, type, url, tags, keepTime, keepVariables, newTab }) => ({
      title,
      type,
      url,
      tags,
      keepTime,
      includeVars: keepVariables,
      targetBlank: newTab,
      asDropdown: type === 'dashboards',
      icon: 'external link',
    })),
    panels: panelsOut(dashboard.panels),
  };
}

function timeOut({ range, from, to }: Dashboard['time']): Out {
  if (from === undefined || to === undefined) return { from: `now-${range}`, to: 'now' };
  return { from: new Date(from).toISOString(), to: new Date(to).toISOString() };
}

function annotationOut(entry: Dashboard['annotations'][number]): Out {
  const common = { name: entry.name, enable: entry.enabled, hide: entry.hidden, iconColor: entry.color };
  if (entry.kind === 'events')
    return {
      ...common,
      builtIn: 1,
      type: 'dashboard',
      datasource: { type: 'grafana', uid: '-- Grafana --' },
      target: { type: 'dashboard', tags: entry.tags, matchAny: true, limit: 100 },
    };
  return {
    ...common,
    datasource: SOURCE,
    expr: entry.expr,
    titleFormat: entry.title,
    textFormat: entry.text,
    step: entry.step,
  };
}

const SORTS = {
  none: 0,
  alpha: 1,
  'alpha-desc': 2,
  number: 3,
  'number-desc': 4,
  natural: 7,
  'natural-desc': 8,
};
const HIDE = { no: 0, label: 1, variable: 2 } as const;

function choiceOut(variable: {
  multi: boolean;
  includeAll: boolean;
  allValue: string;
  current: string[];
}): Out {
  const texts = variable.current.map((value) => (value === ALL_VALUES ? 'All' : value));
  return {
    multi: variable.multi,
    includeAll: variable.includeAll,
    allValue: variable.allValue === '' ? null : variable.allValue,
    current: variable.multi
      ? { text: texts, value: variable.current }
      : { text: texts[0] ?? '', value: variable.current[0] ?? '' },
  };
}

function variableOut(variable: Variable): Out {
  const common = {
    name: variable.name,
    label: variable.label,
    description: variable.description,
    hide: HIDE[variable.hide],
    type: variable.type,
    skipUrlSync: false,
  };
  switch (variable.type) {
    case 'query':
      return {
        ...common,
        ...choiceOut(variable),
        datasource: SOURCE,
        definition: variable.query,
        query: { query: variable.query, refId: 'A' },
        regex: variable.regex,
        sort: SORTS[variable.sort],
        refresh: variable.refresh === 'range' ? 2 : 1,
      };
    case 'custom':
      return {
        ...common,
        ...choiceOut(variable),
        query: variable.options
          .map(({ value, text }) => {
            const escaped = value.replaceAll(',', '\\,');
            return text === value ? escaped : `${text.replaceAll(',', '\\,')} : ${escaped}`;
          })
          .join(','),
        options: variable.options.map((option) => ({
          ...option,
          selected: variable.current.includes(option.value),
        })),
      };
    case 'constant':
      return { ...common, query: variable.value, current: { text: variable.value, value: variable.value } };
    case 'interval':
      return {
        ...common,
        query: variable.values.join(','),
        auto: variable.auto !== undefined,
        ...(variable.auto === undefined
          ? {}
          : { auto_count: variable.auto.steps, auto_min: variable.auto.min }),
        current: { text: variable.current[0] ?? '', value: variable.current[0] ?? '' },
      };
    case 'textbox':
      return {
        ...common,
        query: variable.current[0] ?? '',
        current: { text: variable.current[0] ?? '', value: variable.current[0] ?? '' },
      };
    case 'datasource':
      return { ...common, query: variable.kind, current: {}, multi: false, includeAll: false };
  }
}

/** Panels below a collapsed row go into it, where Grafana keeps them; what follows moves up into the room they took. */
function panelsOut(panels: readonly Panel[]): Out[] {
  const ordered = panels.toSorted((a, b) => a.grid.y - b.grid.y || a.grid.x - b.grid.x);
  const made: Out[] = [];
  let inside: { readonly panels: Out[]; readonly top: number; bottom: number } | null = null;
  let saved = 0;
  for (const panel of ordered) {
    const y = panel.grid.y - saved;
    if (panel.type === 'row') {
      if (inside !== null) saved += inside.bottom - inside.top;
      const hidden: Out[] = [];
      inside = panel.options.collapsed
        ? { panels: hidden, top: panel.grid.y + 1, bottom: panel.grid.y + 1 }
        : null;
      made.push({
        ...commonOut(panel, panel.grid.y - saved),
        type: 'row',
        collapsed: panel.options.collapsed,
        panels: hidden,
      });
    } else if (inside === null) made.push(panelOut(panel, y));
    else {
      inside.panels.push(panelOut(panel, y));
      inside.bottom = Math.max(inside.bottom, panel.grid.y + panel.grid.h);
    }
  }
  return made;
}

function commonOut(panel: Panel, y: number): Out {
  const { id, title, description, grid, links, repeat } = panel;
  return {
    id,
    title,
    ...(description === '' ? {} : { description }),
    gridPos: { ...grid, y },
    ...(links.length === 0
      ? {}
      : { links: links.map(({ newTab, ...link }) => ({ ...link, targetBlank: newTab })) }),
    ...(repeat === undefined
      ? {}
      : {
          repeat: repeat.variable,
          repeatDirection: repeat.direction === 'vertical' ? 'v' : 'h',
          maxPerRow: repeat.perRow,
        }),
  };
}

const TYPES = {
  timeseries: 'timeseries',
  stat: 'stat',
  gauge: 'gauge',
  bar: 'bargauge',
  table: 'table',
  heatmap: 'heatmap',
  statetimeline: 'state-timeline',
} as const;

function panelOut(panel: Exclude<Panel, { type: 'row' }>, y: number): Out {
  if (panel.type === 'text')
    return {
      ...commonOut(panel, y),
      type: 'text',
      options: { mode: 'markdown', content: panel.options.content },
    };
  if (panel.type === 'unsupported') {
    const { original, kind } = panel.options;
    const kept =
      typeof original === 'object' && original !== null && !Array.isArray(original)
        ? original
        : { type: kind };
    return { ...kept, id: panel.id, gridPos: { ...panel.grid, y } };
  }
  return {
    ...commonOut(panel, y),
    type: TYPES[panel.type],
    datasource: SOURCE,
    targets: panel.queries.map(targetOut),
    transformations: panel.transformations.map(({ id, disabled, options }) => ({
      id,
      options,
      ...(disabled ? { disabled } : {}),
    })),
    fieldConfig: { defaults: defaultsOut(panel.field), overrides: panel.overrides.map(overrideOut) },
    ...(panel.interval === '' ? {} : { interval: panel.interval }),
    ...(panel.maxPoints === undefined ? {} : { maxDataPoints: panel.maxPoints }),
    ...(panel.timeFrom === '' ? {} : { timeFrom: panel.timeFrom }),
    ...(panel.timeShift === '' ? {} : { timeShift: panel.timeShift }),
    options: optionsOut(panel),
  };
}

const FORMATS: Readonly<Record<Query['format'], string>> = {
  series: 'time_series',
  table: 'table',
  heatmap: 'heatmap',
};

/** Where queries of other signals went before; Grafana asks for the like of it. */
const OTHER_SOURCES: Readonly<Record<Exclude<Query['source'], 'metrics'>, Out>> = {
  logs: { type: 'loki' },
  traces: { type: 'tempo' },
  sql: { type: 'grafana-postgresql-datasource' },
  expression: { type: '__expr__', uid: '__expr__' },
};

function targetOut(query: Query): Out {
  if (query.source === 'expression')
    return { refId: query.ref, datasource: OTHER_SOURCES.expression, type: 'math', expression: query.expr };
  return {
    refId: query.ref,
    datasource: query.source === 'metrics' ? SOURCE : OTHER_SOURCES[query.source],
    expr: query.expr,
    legendFormat: query.legend === '' ? '__auto' : query.legend,
    format: FORMATS[query.format],
    instant: query.instant,
    range: !query.instant,
    ...(query.exemplars ? { exemplar: true } : {}),
    editorMode: 'code',
    ...(query.interval === '' ? {} : { interval: query.interval }),
    ...(query.hidden ? { hide: true } : {}),
  };
}

const TEXT_MODES: Readonly<Record<string, string>> = { 'value+name': 'value_and_name' };

function optionsOut(panel: DataPanel): Out {
  switch (panel.type) {
    case 'timeseries': {
      const { legend, tooltip } = panel.options;
      return {
        legend: {
          showLegend: legend.show,
          displayMode: legend.mode,
          placement: legend.placement,
          calcs: legend.calcs,
        },
        tooltip: { mode: tooltip, sort: 'desc' },
      };
    }
    case 'stat': {
      const { graph, color, text } = panel.options;
      return {
        ...reduceOut(panel.options),
        graphMode: graph,
        colorMode: color,
        textMode: TEXT_MODES[text] ?? text,
        justifyMode: 'auto',
      };
    }
    case 'gauge':
      return {
        ...reduceOut(panel.options),
        showThresholdLabels: panel.options.showLabels,
        showThresholdMarkers: true,
      };
    case 'bar':
      return {
        ...reduceOut({ ...panel.options, orientation: 'horizontal' }),
        displayMode: 'basic',
        showUnfilled: true,
      };
    case 'table':
      return {
        showHeader: panel.options.header,
        sortBy:
          panel.options.sortBy === ''
            ? []
            : [{ displayName: panel.options.sortBy, desc: panel.options.descending }],
      };
    case 'heatmap':
      return { calculate: panel.options.from === 'series', yAxis: { unit: panel.field.unit ?? 'short' } };
    case 'statetimeline':
      return {
        mergeValues: panel.options.merge,
        showValue: panel.options.showValues ? 'auto' : 'never',
        legend: { showLegend: panel.options.legend, displayMode: 'list', placement: 'bottom' },
      };
  }
}

function reduceOut(options: { calc: string; allValues: boolean; orientation: string }): Out {
  return {
    reduceOptions: { calcs: [options.calc], fields: '', values: options.allValues },
    orientation: options.orientation,
  };
}
