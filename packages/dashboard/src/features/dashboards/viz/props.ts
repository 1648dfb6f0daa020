import { rowOf } from '../../../api/frame.ts';
import type { Marker } from '../../../ui/chart/plot.ts';
import type { Exemplar } from '../../../ui/exemplars/exemplars.ts';
import type { Zone } from '../../../ui/format.ts';
import type { PanelData } from '../asking/use-panel-data.ts';
import { reduce } from '../field/reduce.ts';
import { settingsOf } from '../field/settings.ts';
import type { FieldSettings, Panel } from '../model.ts';
import { labelTable, seriesTables, type Table } from '../transform/table.ts';
import { transform } from '../transform/transform.ts';
import { fillText, type Values } from '../vars/interpolate.ts';

/** What every kind of panel gets. */
export interface VizProps {
  readonly panel: Panel;
  readonly data: PanelData;
  readonly values: Values;
  readonly zone: Zone;
  /** Of the panel's body, px. */
  readonly width: number;
  readonly height: number;
  readonly markers: readonly Marker[];
  readonly exemplars: readonly Exemplar[];
}

/** One line, figure or bar with its settings. */
export interface SeriesView {
  readonly name: string;
  readonly ref: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly settings: FieldSettings;
  /** NaN is a gap. */
  readonly values: Float64Array;
}
export interface SeriesSet {
  /** Epoch seconds. */
  readonly times: Float64Array;
  readonly series: readonly SeriesView[];
}

function named(
  settings: FieldSettings,
  name: string,
  labels: Readonly<Record<string, string>>,
  values: Values,
): string {
  if (settings.displayName === undefined) return name;
  const wanted = settings.displayName
    .replaceAll(/\$\{__field\.labels\.(\w+)\}/g, (_, label: string) => labels[label] ?? '')
    .replaceAll(/\$\{__(field|series)\.(name|displayName)\}/g, name);
  return fillText(wanted, values) || name;
}

/** The answers as tables after the panel's transformations. */
export function tablesOf(panel: Panel, data: PanelData): readonly Table[] {
  const several =
    data.frames.filter((frame) =>
      panel.queries.some((query) => query.ref === frame.ref && query.format === 'table'),
    ).length > 1;
  const raw = data.frames.flatMap((frame) => {
    const query = panel.queries.find(({ ref }) => ref === frame.ref);
    const asTable =
      query?.format === 'table' || (panel.type === 'table' && panel.transformations.length === 0);
    return asTable ? [labelTable(frame, several)] : seriesTables(frame);
  });
  return transform(raw, panel.transformations);
}

/** Series over common instants. Without transformations they are taken as they came, without a copy. */
export function seriesOf(panel: Panel, data: PanelData, values: Values): SeriesSet {
  const view = (
    name: string,
    ref: string,
    labels: Readonly<Record<string, string>>,
    row: Float64Array,
  ): SeriesView => {
    const settings = settingsOf(panel.field, panel.overrides, { name, ref, kind: 'number' });
    return { name: named(settings, name, labels, values), ref, labels, settings, values: row };
  };
  if (panel.transformations.length === 0) {
    const first = data.frames[0];
    if (first === undefined) return { times: new Float64Array(), series: [] };
    const same = data.frames.every(
      (frame) => frame.times.length === first.times.length && frame.times[0] === first.times[0],
    );
    if (same) {
      const series = data.frames.flatMap((frame) =>
        frame.names.map((name, row) => view(name, frame.ref, frame.labels[row] ?? {}, rowOf(frame, row))),
      );
      return { times: first.times, series: distinct(series) };
    }
  }
  const columns = tablesOf(panel, data).flatMap((table) => {
    const time = table.fields.find(({ kind }) => kind === 'time');
    return table.fields
      .filter(({ kind }) => kind === 'number')
      .map((field) => ({
        field,
        at: Array.from(time?.values ?? field.values, (_, row) => Number(time?.values[row] ?? data.to) / 1000),
      }));
  });
  const times = Float64Array.from(new Set(columns.flatMap(({ at }) => at))).sort();
  const places = new Map(Array.from(times, (at, index) => [at, index] as const));
  const series = columns.map(({ field, at }) => {
    const row = new Float64Array(times.length).fill(Number.NaN);
    at.forEach((instant, index) => {
      const value = field.values[index];
      if (typeof value === 'number') row[places.get(instant) ?? 0] = value;
    });
    return view(field.name, field.ref, field.labels, row);
  });
  return { times, series: distinct(series) };
}

/** Series of the same name are told apart by a number, since legends and colours go by name. */
function distinct(series: readonly SeriesView[]): readonly SeriesView[] {
  const seen = new Map<string, number>();
  return series
    .filter(({ settings }) => settings.hidden !== true)
    .map((one) => {
      const count = (seen.get(one.name) ?? 0) + 1;
      seen.set(one.name, count);
      return count === 1 ? one : { ...one, name: `${one.name} (${count})` };
    });
}

export interface FigureView extends Omit<SeriesView, 'values'> {
  readonly value: number | null;
  /** A word where the figure is one. */
  readonly word: string | null;
  readonly trend: Float64Array;
}

/** One figure per series, or per row where the panel wants all values. */
export function figuresOf(panel: Panel, data: PanelData, values: Values): readonly FigureView[] {
  const calc = typeof panel.options['calc'] === 'string' ? panel.options['calc'] : 'lastNotNull';
  const { series } = seriesOf(panel, data, values);
  if (panel.options['allValues'] === true) {
    return series.flatMap(({ values: row, ...rest }) =>
      Array.from(
        row,
        (value): FigureView => ({
          ...rest,
          value: Number.isNaN(value) ? null : value,
          word: null,
          trend: row,
        }),
      ),
    );
  }
  const figures = series.map(
    ({ values: row, ...rest }): FigureView => ({
      ...rest,
      value: reduce(calc, row),
      word: calc === 'name' ? rest.name : null,
      trend: row,
    }),
  );
  if (panel.options['sort'] === 'value')
    return figures.toSorted(
      (a, b) => (b.value ?? Number.NEGATIVE_INFINITY) - (a.value ?? Number.NEGATIVE_INFINITY),
    );
  return panel.options['sort'] === 'name'
    ? figures.toSorted((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true }))
    : figures;
}
