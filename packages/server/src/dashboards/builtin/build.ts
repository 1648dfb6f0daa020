import type { FieldSettings } from '../field-model.ts';
import type { DashboardInput, VariableInput } from '../model.ts';
import { GRID_COLUMNS, type PanelInput, type Query } from '../panel-model.ts';

/** A panel without its place: `place` gives it one. */
type Draft = {
  readonly w: number;
  readonly h: number;
  readonly make: (id: number, x: number, y: number) => PanelInput;
};

interface Shown {
  readonly unit?: string;
  readonly description?: string;
  readonly w?: number;
  readonly h?: number;
  readonly field?: FieldSettings;
}
/** `legend: PromQL`; an empty legend names series by their labels. */
type Asked = Readonly<Record<string, string>> | string;

function queries(
  asked: Asked,
  instant: boolean,
): { ref: string; expr: string; legend: string; instant: boolean; format: Query['format'] }[] {
  const entries: readonly (readonly [string, string])[] =
    typeof asked === 'string' ? [['', asked]] : Object.entries(asked);
  return entries.map(([legend, expr], index) => ({
    ref: String.fromCodePoint(65 + index),
    expr,
    legend,
    instant,
    format: 'series',
  }));
}

function field({ unit, field: more }: Shown): FieldSettings {
  return { ...(unit === undefined ? {} : { unit }), ...more };
}

/** Curves over time, a third of the width unless told otherwise. */
export function curves(title: string, asked: Asked, shown: Shown = {}): Draft {
  const { w = 8, h = 8, description = '' } = shown;
  return {
    w,
    h,
    make: (id, x, y) => ({
      id,
      type: 'timeseries',
      title,
      description,
      grid: { x, y, w, h },
      queries: queries(asked, false),
      field: field(shown),
    }),
  };
}

/** A figure says good or bad by its colour only where there are thresholds; others are plain text. */
const CALM: FieldSettings = { color: { mode: 'fixed', fixed: 'text' } };

/** One figure (or one per series) with its trend. */
export function figure(
  title: string,
  asked: Asked,
  shown: Shown & { readonly background?: boolean } = {},
): Draft {
  const { w = 4, h = 4, description = '' } = shown;
  return {
    w,
    h,
    make: (id, x, y) => ({
      id,
      type: 'stat',
      title,
      description,
      grid: { x, y, w, h },
      queries: queries(asked, false),
      field: { ...CALM, ...field(shown) },
      options: { color: shown.background === true ? 'background' : 'value' },
    }),
  };
}

export function dial(title: string, expr: string, shown: Shown = {}): Draft {
  const { w = 4, h = 6, description = '' } = shown;
  return {
    w,
    h,
    make: (id, x, y) => ({
      id,
      type: 'gauge',
      title,
      description,
      grid: { x, y, w, h },
      queries: queries(expr, true),
      field: field(shown),
    }),
  };
}

export function bars(title: string, asked: Asked, shown: Shown = {}): Draft {
  const { w = 8, h = 8, description = '' } = shown;
  return {
    w,
    h,
    make: (id, x, y) => ({
      id,
      type: 'bar',
      title,
      description,
      grid: { x, y, w, h },
      queries: queries(asked, true),
      field: field(shown),
      options: { sort: 'value' },
    }),
  };
}

/** Rows of labels with one value column per query; columns that only identify the scrape are left out. */
export function rows(
  title: string,
  columns: Readonly<Record<string, { readonly expr: string; readonly unit?: string }>>,
  shown: Shown & { readonly hide?: readonly string[] } = {},
): Draft {
  const { w = 12, h = 9, description = '' } = shown;
  const entries = Object.entries(columns);
  const names = entries.map(
    ([name], index) => [entries.length === 1 ? 'Value' : `Value #${letter(index)}`, name] as const,
  );
  const hidden = Object.fromEntries(['Time', ...(shown.hide ?? [])].map((name) => [name, true]));
  return {
    w,
    h,
    make: (id, x, y) => ({
      id,
      type: 'table',
      title,
      description,
      grid: { x, y, w, h },
      queries: entries.map(([, { expr }], index) => ({
        ref: letter(index),
        expr,
        instant: true,
        format: 'table' as const,
      })),
      transformations: [
        { id: 'merge', options: {} },
        { id: 'organize', options: { excludeByName: hidden, renameByName: Object.fromEntries(names) } },
      ],
      overrides: entries.flatMap(([name, { unit }]) =>
        unit === undefined ? [] : { match: { by: 'name' as const, value: name }, set: { unit } },
      ),
      options: { sortBy: entries[0]?.[0] ?? '', descending: true },
    }),
  };
}

function letter(index: number): string {
  return String.fromCodePoint(65 + index);
}

export function heat(title: string, expr: string, shown: Shown = {}): Draft {
  const { w = 12, h = 9, description = '' } = shown;
  return {
    w,
    h,
    make: (id, x, y) => ({
      id,
      type: 'heatmap',
      title,
      description,
      grid: { x, y, w, h },
      queries: [{ ref: 'A', expr, legend: '{{le}}', format: 'heatmap' }],
      field: field(shown),
    }),
  };
}

export function states(title: string, asked: Asked, shown: Shown = {}): Draft {
  const { w = 24, h = 7, description = '' } = shown;
  return {
    w,
    h,
    make: (id, x, y) => ({
      id,
      type: 'statetimeline',
      title,
      description,
      grid: { x, y, w, h },
      queries: queries(asked, false),
      field: field(shown),
    }),
  };
}

/** Panels under a heading, left to right, wrapping as words do. */
export interface Group {
  readonly title: string;
  readonly panels: readonly Draft[];
  readonly collapsed?: boolean;
}

export function place(groups: readonly Group[]): PanelInput[] {
  const made: PanelInput[] = [];
  let id = 0;
  let y = 0;
  for (const { title, panels, collapsed = false } of groups) {
    made.push({
      id: ++id,
      type: 'row',
      title,
      grid: { x: 0, y, w: GRID_COLUMNS, h: 1 },
      options: { collapsed },
    });
    y += 1;
    let x = 0;
    let height = 0;
    for (const { w, h, make } of panels) {
      if (x + w > GRID_COLUMNS) {
        y += height;
        x = 0;
        height = 0;
      }
      made.push(make(++id, x, y));
      x += w;
      height = Math.max(height, h);
    }
    y += height;
  }
  return made;
}

/** A variable over the values of a label, all of them at first. */
export function choice(name: string, label: string, query: string): VariableInput {
  return {
    type: 'query',
    name,
    label,
    query,
    multi: true,
    includeAll: true,
    sort: 'natural',
    refresh: 'range',
    current: ['$__all'],
  };
}

export const EVENTS: NonNullable<DashboardInput['annotations']> = [
  { name: 'Deployments and notes', kind: 'events', color: 'blue' },
];

/** Green, then amber and red from the given values on. */
export function alarm(amber: number, red: number): FieldSettings {
  return {
    color: { mode: 'thresholds' },
    thresholds: {
      mode: 'absolute',
      steps: [
        { value: null, color: 'green' },
        { value: amber, color: 'orange' },
        { value: red, color: 'red' },
      ],
    },
  };
}

export const STACKED: FieldSettings = { draw: { stack: 'normal', fill: 40, width: 1 } };
/** A share that goes from 0 to 1. */
export const SHARE: FieldSettings = { min: 0, max: 1, draw: { fill: 10 } };
