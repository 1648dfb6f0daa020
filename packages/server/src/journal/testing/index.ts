/** What other slices' tests may use. */
export { createMemoryJournal, type MemoryJournal } from './memory-journal.ts';
