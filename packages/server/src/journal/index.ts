/** The durable journal between doors and engine, and what stands on its frames. */
export { dataDirectoryErrors, journalErrors } from './errors.ts';
export { stateErrors } from './state/errors.ts';
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
export type { Frame, Journal, JournalPressure, OpenJournal, Position, RecoveryReport } from './types.ts';
