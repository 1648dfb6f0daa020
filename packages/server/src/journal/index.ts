/** The durable journal between doors and engine, and what stands on its frames. */

export { crc32c } from './checksum.ts';
export { columnOf, DayChunks, grown, payloadOf, type RowChunk, rowsBut } from './chunks.ts';
export { journalConfigSchema } from './config.ts';
export { type DataDirectory, openDataDirectory } from './data-directory.ts';
export { type Beside, DurableRows } from './durable-rows.ts';
export { dataDirectoryErrors, journalErrors } from './errors.ts';
export { createFlusher, type Flusher } from './flusher.ts';
export {
  type FileSystem,
  nodeFileSystem,
  readWhole,
  removeIfThere,
  replaceDurably,
} from './fs.ts';
export { openJournal } from './journal.ts';
export { PendingRows } from './pending.ts';
export { createQuarantine } from './quarantine.ts';
export { RetriedRows } from './retried-rows.ts';
export { stateConfigSchema } from './state/config.ts';
export { stateErrors } from './state/errors.ts';
export { openStateStore } from './state/store.ts';
export { stateTelemetry } from './state/telemetry.ts';
export type {
  OpenStateStore,
  StateChange,
  StateEntry,
  StateKind,
  StateStore,
  StateWrite,
} from './state/types.ts';
export { journalTelemetry } from './telemetry.ts';
export type {
  Frame,
  Journal,
  JournalFollower,
  JournalPressure,
  OpenJournal,
  Position,
} from './types.ts';
