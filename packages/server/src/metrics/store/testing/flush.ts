import type { Engine, TableSpec } from '../../../engine/index.ts';
import type { Frame, Position } from '../../../journal/index.ts';
import type { MemoryJournal } from '../../../journal/testing/index.ts';
import { metricsTables } from '../../tables.ts';

/** Moves a memory journal's unflushed frames into a real engine, one insert per table, schema version and day, as the flusher does. */
export async function flushInto(engine: Engine, journal: MemoryJournal): Promise<void> {
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
    for (let at = 0; at < frames.length; at += 20) await insert(engine, frames.slice(at, at + 20));
  }
  journal.flush(upTo);
}

async function insert(engine: Engine, frames: readonly Frame[]): Promise<void> {
  const [first] = frames;
  const table: TableSpec | undefined = metricsTables.find((spec) => spec.name === first?.table);
  if (first === undefined || table === undefined) throw new Error('a frame of no metrics table');
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
