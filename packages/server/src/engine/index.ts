export type { ArrayColumn, Column, ColumnBlock, MapColumn } from './columns.ts';
export { createEmbeddedEngine, createInProcessEngine, type EngineOptions } from './create.ts';
export { type DdlTarget, renderCreateTable } from './ddl.ts';
export { type EngineErrorName, engineErrors } from './errors.ts';
export { MAX_LIST, type SqlValue } from './literals.ts';
export { type RowBinaryRows, RowBinaryWriter } from './rowbinary.ts';
export {
  acrossTenants,
  dateTime64,
  day,
  empty,
  float64,
  identifier,
  inList,
  join,
  type Sql,
  sql,
  table,
  tenant,
  uint64,
} from './sql.ts';
export {
  type ColumnSpec,
  columnsOf,
  DATABASE,
  hasTenant,
  schemaVersionOf,
  type TableSpec,
} from './tables.ts';
export {
  type Engine,
  type EngineAdmin,
  type EngineState,
  type InsertBlock,
  type LimitClass,
  MAX_BLOCK_BYTES,
  MAX_BLOCK_ROWS,
  type ManagedEngine,
  type PartitionUsage,
  type QueryOptions,
} from './types.ts';
