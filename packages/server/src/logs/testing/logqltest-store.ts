import { compareLogqltest } from '@pharos/logql/testing';
import type { Engine } from '../../engine/index.ts';
import { createMemoryJournal, flushTables } from '../../journal/testing/index.ts';
import { logsTables } from '../tables.ts';
import { asStored, openLogsStore, pushEntries } from './contract-store.ts';

/** What the scripts' times are counted from, and an hour more. */
const NOW = 1_767_225_600_000 + 3_600_000;
/** Of the lines so many are in the engine, the others in memory. */
const STORED = 0.7;

let tenants = 0;

/** The evaluations of a logqltest script over a store on the engine, compared with memory. */
export function logqltestOverStore(engine: Engine, text: string): ReturnType<typeof compareLogqltest> {
  return compareLogqltest(text, async (entries) => {
    const tenant = `logqltest${tenants++}`;
    const journal = createMemoryJournal();
    const store = await openLogsStore(engine, journal, NOW);
    const stored = Math.ceil(entries.length * STORED);
    await pushEntries(store, tenant, entries.slice(0, stored));
    await flushTables(engine, journal, logsTables);
    await pushEntries(store, tenant, entries.slice(stored));
    return { storage: store.reader(tenant), entries: asStored(entries) };
  });
}
