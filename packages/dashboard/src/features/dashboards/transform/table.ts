import { type Frame, rowOf } from '../../../api/frame.ts';

export type Cell = number | string | null;
/** A column of values with what is known of it. */
export interface Field {
  readonly name: string;
  readonly kind: 'number' | 'string' | 'time';
  readonly ref: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Epoch ms where the kind is time. */
  readonly values: ArrayLike<Cell>;
}
export interface Table {
  readonly ref: string;
  readonly fields: readonly Field[];
}

export function rowCount(table: Table): number {
  return table.fields[0]?.values.length ?? 0;
}

const NO_LABELS: Readonly<Record<string, string>> = {};

/** Each series as its own table: instants and values. */
export function seriesTables(frame: Frame): Table[] {
  const times = Array.from(frame.times, (at) => at * 1000);
  return frame.names.map((name, index) => ({
    ref: frame.ref,
    fields: [
      { name: 'Time', kind: 'time', ref: frame.ref, labels: NO_LABELS, values: times },
      {
        name,
        kind: 'number',
        ref: frame.ref,
        labels: frame.labels[index] ?? NO_LABELS,
        values: Array.from(rowOf(frame, index), (value) => (Number.isNaN(value) ? null : value)),
      },
    ],
  }));
}

/** One row per series (its last value): the labels as columns, then the value, called `Value` or, of several queries, `Value #A`. */
export function labelTable(frame: Frame, several: boolean): Table {
  const names = [...new Set(frame.labels.flatMap((labels) => Object.keys(labels)))].toSorted();
  const width = frame.times.length;
  const lastAt = frame.names.map((_, row) =>
    rowOf(frame, row).findLastIndex((value) => !Number.isNaN(value)),
  );
  const { ref } = frame;
  const own = { ref, labels: NO_LABELS };
  return {
    ref,
    fields: [
      {
        ...own,
        name: 'Time',
        kind: 'time',
        values: lastAt.map((at) => (frame.times[at === -1 ? width - 1 : at] ?? 0) * 1000),
      },
      ...names.map(
        (name): Field => ({
          ...own,
          name,
          kind: 'string',
          values: frame.labels.map((labels) => labels[name] ?? null),
        }),
      ),
      {
        ...own,
        name: several ? `Value #${ref}` : 'Value',
        kind: 'number',
        values: lastAt.map((at, row) => (at === -1 ? null : (rowOf(frame, row)[at] ?? null))),
      },
    ],
  };
}
