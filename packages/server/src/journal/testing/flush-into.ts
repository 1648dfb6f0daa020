import type { Engine, TableSpec } from '../../engine/index.ts';
import type { Frame, Position } from '../types.ts';
import type { MemoryJournal } from './memory-journal.ts';

/** Moves a memory journal's unflushed frames into a real engine, one insert per table, schema version and day, as the flusher does. */
export async function flushTables(
  engine: Engine,
  journal: MemoryJournal,
  tables: readonly TableSpec[],
): Promise<void> {
  const upTo: Position = journal.appended.length;
  const groups = new Map<string, Frame[]>();
  for (const { position, frames } of journal.appended) {
    if (position <= journal.flushedPosition()) continue;
    for (const frame of frames) {
      const id = `${frame.table} ${frame.schemaVersion} ${frame.day}`;
      groups.set(id, [...(groups.get(id) ?? []), frame]);
    }
  }
  for (const frames of groups.values()) {
    for (let at = 0; at < frames.length; at += 20) await insert(engine, frames.slice(at, at + 20), tables);
  }
  journal.flush(upTo);
}

async function insert(engine: Engine, frames: readonly Frame[], tables: readonly TableSpec[]): Promise<void> {
  const [first] = frames;
  const table = tables.find((spec) => spec.name === first?.table);
  if (first === undefined || table === undefined) throw new Error('a frame of an unknown table');
  await engine.insert(
    {
      table,
      schemaVersion: first.schemaVersion,
      day: first.day,
      rows: frames.reduce((sum, frame) => sum + frame.rows, 0),
      payload: frames.map((frame) => frame.payload),
      reconcile: false,
    },
    { purpose: 'test.flush' },
  );
}
