/** The durable journal between doors and engine, and what stands on its frames. */
export { type JournalConfig, journalConfigSchema } from './config.ts';
export {
  DATA_FORMAT,
  type DataDirectory,
  type DataDirectoryOptions,
  openDataDirectory,
} from './data-directory.ts';
export { dataDirectoryErrors, type FullReason, journalErrors } from './errors.ts';
export { createFlusher, type Flusher, type FlusherOptions } from './flusher.ts';
export { type FileSystem, nodeFileSystem, type OpenFile } from './fs.ts';
export { type JournalOptions, openJournal } from './journal.ts';
export { type ProcessIdentity, type ProcessTable, startTime, systemProcesses } from './process-table.ts';
export { createQuarantine, type Quarantine, type QuarantineOptions } from './quarantine.ts';
export { type StateConfig, stateConfigSchema } from './state/config.ts';
export { stateErrors } from './state/errors.ts';
export { openStateStore, type StateStoreOptions } from './state/store.ts';
export { type StateTelemetry, stateTelemetry } from './state/telemetry.ts';
export type {
  Expected,
  OpenStateStore,
  StateChange,
  StateEntry,
  StateKind,
  StateStore,
  StateWrite,
  WriteOptions,
} from './state/types.ts';
export { type JournalTelemetry, journalTelemetry } from './telemetry.ts';
export type {
  Cut,
  CutFrame,
  CutLimits,
  FlushSource,
  Frame,
  Journal,
  JournalPressure,
  OpenJournal,
  Position,
  RecoveryReport,
} from './types.ts';
