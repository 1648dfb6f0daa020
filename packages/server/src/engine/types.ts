import type { ColumnBlock } from './columns.ts';
import type { Sql } from './sql.ts';
import type { RowBlock, TableSpec } from './tables.ts';

/**
 * Which session pool and limits a statement runs under. `lookup` is for what is rare and found by an index, such as an id: all of the
 * index is asked before any row is read; without joins and nested queries, as the older analyzer plans it. `point` is a lookup of what lies in
 * a block or two: a second thread costs more than it reads.
 */
export type LimitClass = 'interactive' | 'lookup' | 'point' | 'background' | 'write';

export interface QueryOptions {
  /** What the statement is for, `slice.purpose`; becomes a SQL comment and a metric label, so bounded in number. */
  readonly purpose: string;
  /** Rendered by the door into every statement where it says `${tenant}`; see sql.ts. */
  readonly tenant: string;
  readonly limits?: LimitClass;
  readonly signal?: AbortSignal;
}

/** Rows of one table and one day, RowBinary or packed (packed-rows.ts): exactly one INSERT of one block. */
export interface InsertBlock extends RowBlock {
  readonly table: TableSpec;
  /** Days since the Unix epoch. When given, rows whose time column lies in another day are refused. */
  readonly day?: number;
  /** Set when an earlier attempt may have succeeded: insert only rows that are not there, by the table's identity columns. */
  readonly reconcile: boolean;
}

/** At most this much in one block, so that it is one part and one memory bite. A single value is at most 16 MiB. */
export const MAX_BLOCK_ROWS = 250_000;
export const MAX_BLOCK_BYTES = 64 * 1024 * 1024;

/** 2106-01-01 as days since the Unix epoch: times from there on wrap into days that never expire. */
export const END_DAY = 49_673;

export type EngineState = 'starting' | 'ready' | 'down' | 'stopped';

/**
 * The one door to ClickHouse. Failures are PharosErrors of `engineErrors` (retryable, resource, badQuery, gone),
 * classified by ClickHouse's code.
 */
export interface Engine {
  query(statement: Sql, options: QueryOptions): Promise<ColumnBlock>;
  /** DDL and other statements without a result. */
  execute(statement: Sql, options: QueryOptions): Promise<void>;
  /**
   * All rows of the block or none. Rejects with `refused` when the block can never pass (quarantine it), otherwise retry with
   * `reconcile: true`: after any error it may have been stored.
   */
  insert(block: InsertBlock, options: Pick<QueryOptions, 'purpose' | 'signal'>): Promise<void>;
  state(): EngineState;
  /** Calls back on each change; returns the unsubscribe. */
  onState(listener: (state: EngineState) => void): () => void;
}

/** What retention needs to know of one day of one table. */
export interface PartitionUsage {
  readonly table: string;
  /** Days since the Unix epoch. */
  readonly day: number;
  readonly rows: number;
  /** Real bytes on disk of the active parts. */
  readonly bytes: number;
}

/** What tells whether a partition has changed: each insert brings a number higher than all before it, merges keep them. */
export interface PartitionState {
  /** The engine's own name of it. */
  readonly id: string;
  /** Days since the Unix epoch. */
  readonly day: number;
  readonly rows: number;
  readonly oldestInsert: number;
  readonly newestInsert: number;
}

/** What a table takes on disk, its active parts together. */
export interface TableUsage {
  readonly table: string;
  readonly parts: number;
  readonly rows: number;
  readonly bytes: number;
  /** What the rows are without compression. */
  readonly plainBytes: number;
}

/** The process the engine runs in. */
export interface EngineProcess {
  /** Null while there is none. */
  readonly pid: number | null;
  /** How long it has been ready, ms; null while it is not. */
  readonly readyForMs: number | null;
  /** Its own memory when it last told, without the pages of its library; 0 where the system does not say. */
  readonly memoryBytes: number;
}

/** A statement that runs or waits for a session. */
interface RunningStatement {
  readonly purpose: string;
  readonly limits: LimitClass;
  readonly ageMs: number;
}

/** What the engine does at the moment, from memory: answers also while it is down. */
export interface EngineStatus {
  readonly state: EngineState;
  readonly process: EngineProcess;
  /** Times it went down without being asked to. */
  readonly restarts: number;
  /** Oldest first. */
  readonly statements: readonly RunningStatement[];
}

/** Upkeep of the stored tables, for retention and the disk budget. */
export interface EngineAdmin {
  /** Drops whole daily partitions older than the day; returns the days dropped. */
  dropPartitions(spec: TableSpec, beforeDay: number): Promise<readonly number[]>;
  /** Every partition of a table, oldest first. */
  partitions(spec: TableSpec): Promise<readonly PartitionState[]>;
  /** Drops one partition by its id; nothing when there is none. */
  dropPartition(spec: TableSpec, id: string): Promise<void>;
  /** Every day of every table, for the disk budget. */
  usage(): Promise<readonly PartitionUsage[]>;
  /** What every table takes, largest first. */
  tableUsage(): Promise<readonly TableUsage[]>;
  /** Parts the engine set aside as broken: data that no query sees any more. Alert when above 0. */
  detachedParts(): Promise<number>;
}

/** An engine with a life: started before its users, stopped after them. */
export interface ManagedEngine extends Engine, EngineAdmin {
  status(): EngineStatus;
  /** Opens (and migrates) the data. Rejects with locked, newerData, corrupt, unsupportedPlatform. */
  start(signal?: AbortSignal): Promise<void>;
  /** Ends running statements and closes. Idempotent. */
  stop(deadline?: AbortSignal): Promise<void>;
}
