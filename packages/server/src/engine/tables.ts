import type { RowBinaryRows } from './rowbinary.ts';

/** Every table of ours lives here: `default` is a special database of the embedded engine. */
export const DATABASE = 'pharos';

/** What has a time to keep of its own. */
export type Signal = 'metrics' | 'metrics_5m' | 'metrics_1h' | 'logs' | 'traces' | 'events' | 'state';

/** A table as data, rendered for the embedded engine or a cluster from this one source. */
export interface TableSpec {
  readonly name: string;
  /** Columns of the newest schema version, in RowBinary order. */
  readonly columns: readonly ColumnSpec[];
  /** Columns that the engine computes from the others at inserts and keeps; no writer writes them. Rows from before are computed when read. */
  readonly derived?: readonly DerivedColumn[];
  readonly orderBy: readonly string[];
  /** The time column that the daily partition is cut by. */
  readonly timeColumn: string;
  /** Columns that tell two rows apart; a replay is reconciled by anti-join on them. */
  readonly identity: readonly string[];
  /** Columns that cut a day's partition further, so that each of their values can be dropped by itself. */
  readonly partitionBy?: readonly string[];
  /** Which retention setting drops its partitions. */
  readonly signal: Signal;
  /** Set on a table that names the rows of others: its days go once none of these tables has rows of that day or an older one. */
  readonly follows?: readonly string[];
  readonly indexes?: readonly string[];
  /** Schema version that added to {@link indexes} last; rows from before are in none of the new ones, and are read. */
  readonly indexesSince?: number;
  /** Indexes that tables of an older version have and this one does not. */
  readonly retired?: readonly RetiredIndex[];
  readonly settings?: Readonly<Record<string, string | number>>;
  /** Rows of another table that tell where to look in this one. */
  readonly index?: IndexRows;
}

/** Rows as they are inserted. */
export interface RowBlock {
  /** Which column list the bytes were written with, and whether they are packed (packed-rows.ts). */
  readonly schemaVersion: number;
  readonly rows: number;
  readonly payload: readonly Uint8Array[];
}

/**
 * An index of our own: it is made once, when rows are inserted, where the engine would make its own again with each merge. Its rows go in
 * before those they are of, so that no row is without; of an insert that fails or is repeated they may be there for nothing, or twice.
 */
export interface IndexRows {
  readonly table: TableSpec;
  /**
   * The index rows of a block, in pieces of at most 100,000 or so; null where other work may go on. Throws `refused` for bytes that are no
   * rows of the table.
   */
  readonly rowsOf: (block: RowBlock) => Generator<RowBinaryRows | null, void>;
  /** Schema version of the table that brought the index. */
  readonly since: number;
  /** Rows from this version on are told of by an index that came before this one. */
  readonly elsewhereSince?: number;
  /** For rows from before all of them: one index row for all of a tenant and day, that says they may hold anything. An expression for each column of `table`. */
  readonly forOlder: readonly string[];
}

export interface ColumnSpec {
  readonly name: string;
  readonly type: string;
  readonly codec?: string;
  /** Schema version that added the column (1 is the first); older rows take the default. */
  readonly since?: number;
  readonly default?: string;
}

export interface DerivedColumn {
  readonly name: string;
  readonly type: string;
  readonly codec?: string;
  /** An expression over the other columns. */
  readonly from: string;
  /** Schema version that added the column (1 is the first). */
  readonly since?: number;
}

interface RetiredIndex {
  readonly name: string;
  /** Schema version that dropped it. */
  readonly since: number;
}

/** The newest schema version of a table: what its writers write. */
export function schemaVersionOf(spec: TableSpec): number {
  return [...spec.columns, ...(spec.derived ?? []), ...(spec.retired ?? [])].reduce(
    (newest, part) => Math.max(newest, part.since ?? 1),
    Math.max(spec.index?.since ?? 1, spec.indexesSince ?? 1),
  );
}

/** The columns of the RowBinary rows of a schema version, in order. */
export function columnsOf(spec: TableSpec, schemaVersion: number): readonly ColumnSpec[] {
  return spec.columns.filter((column) => (column.since ?? 1) <= schemaVersion);
}

/** Whether statements over the table must name the tenant. */
export function hasTenant(spec: TableSpec): boolean {
  return spec.columns.some((column) => column.name === 'tenant');
}
