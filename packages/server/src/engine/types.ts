import type { ColumnBlock } from './columns.ts';
import type { Sql } from './sql.ts';
import type { TableSpec } from './tables.ts';

/** Which session pool and limits a statement runs under. */
export type LimitClass = 'interactive' | 'background' | 'write';

export interface QueryOptions {
  /** What the statement is for, `slice.purpose`; becomes a SQL comment and a metric label, so bounded in number. */
  readonly purpose: string;
  /** Rendered by the door into every statement through `${tenantOf(...)}`; see sql.ts. */
  readonly tenant: string;
  readonly limits?: LimitClass;
  readonly signal?: AbortSignal;
}

/** RowBinary rows of one table and one day: exactly one INSERT of one block. */
export interface InsertBlock {
  readonly table: TableSpec;
  /** Which column list the bytes were written with. */
  readonly schemaVersion: number;
  readonly rows: number;
  readonly payload: readonly Uint8Array[];
  /** Set when an earlier attempt may have succeeded: insert only rows that are not there, by the table's identity columns. */
  readonly reconcile: boolean;
}

export type EngineState = 'starting' | 'ready' | 'down' | 'stopped';

/**
 * The one door to ClickHouse. Failures are PharosErrors of `engineErrors` (retryable, resource, badQuery, gone),
 * classified by ClickHouse's code.
 */
export interface Engine {
  query(statement: Sql, options: QueryOptions): Promise<ColumnBlock>;
  /** DDL and other statements without a result. */
  execute(statement: Sql, options: QueryOptions): Promise<void>;
  insert(block: InsertBlock, options: Pick<QueryOptions, 'purpose' | 'signal'>): Promise<void>;
  state(): EngineState;
  /** Calls back on each change; returns the unsubscribe. */
  onState(listener: (state: EngineState) => void): () => void;
}
