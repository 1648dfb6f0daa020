export type { Column, ColumnBlock } from './columns.ts';
export { createEmbeddedEngine, createInProcessEngine } from './create.ts';
export { asksTooMuch, engineErrors, isFull } from './errors.ts';
export { MAX_LIST } from './literals.ts';
export { isPacked, PackedWriter, packed, packedRows } from './packed-rows.ts';
export { recordStatements, StatementRecorder } from './recorder.ts';
export { type RowBinaryRows, RowBinaryWriter } from './rowbinary.ts';
export { RowBinaryReader } from './rowbinary-reader.ts';
export {
  acrossTenants,
  dateTime64,
  day,
  identifier,
  inList,
  join,
  type Sql,
  sql,
  table,
  tenant,
  uint64,
  writtenSince,
} from './sql.ts';
export { type RowBlock, type Signal, schemaVersionOf, type TableSpec } from './tables.ts';
export type {
  Engine,
  EngineAdmin,
  EngineState,
  InsertBlock,
  LimitClass,
  ManagedEngine,
  PartitionState,
  PartitionUsage,
  TableUsage,
} from './types.ts';
