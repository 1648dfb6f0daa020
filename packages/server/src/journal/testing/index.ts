/** What other slices' tests may use. */

export { FAULTS, FaultPlan, withFaults } from './faulty-fs.ts';
export { flushTables } from './flush-into.ts';
export { createMemoryFileSystem } from './memory-fs.ts';
export { createMemoryJournal, type MemoryJournal } from './memory-journal.ts';
export { openBench } from './setup.ts';
export { type StateFixture, stateStoreContract } from './state-contract.ts';
export { openTestState } from './state-setup.ts';
