import type { Engine } from '../../../engine/index.ts';
import { flushTables, type MemoryJournal } from '../../../journal/testing/index.ts';
import { metricsTables } from '../../tables.ts';

/** Moves a memory journal's unflushed frames into a real engine. */
export function flushInto(engine: Engine, journal: MemoryJournal): Promise<void> {
  return flushTables(engine, journal, metricsTables);
}
