import {
  type Engine,
  type EngineState,
  engineErrors,
  type InsertBlock,
  type TableSpec,
} from '../../engine/index.ts';
import type { Frame } from '../types.ts';
import { FaultPlan } from './faulty-fs.ts';

/** Each row is its 8-byte number; numbers from here on are rows that the engine refuses. */
export const POISON = 1_000_000_000;

export const rowsTable: TableSpec = {
  name: 'rows',
  columns: [{ name: 'id', type: 'UInt64' }],
  orderBy: ['id'],
  timeColumn: 'id',
  identity: ['id'],
  signal: 'metrics',
};

export function rowsFrame(ids: readonly number[], over: Partial<Frame> = {}): Frame {
  const payload = Buffer.alloc(ids.length * 8);
  for (const [index, id] of ids.entries()) payload.writeDoubleLE(id, index * 8);
  return {
    table: 'rows',
    schemaVersion: 1,
    tenant: 'default',
    day: 20_000,
    rows: ids.length,
    payload,
    ...over,
  };
}

export function idsOf(payload: Uint8Array): number[] {
  const bytes = Buffer.from(payload);
  return Array.from({ length: bytes.length / 8 }, (_, index) => bytes.readDoubleLE(index * 8));
}

/** What outlives engine restarts: how often each row is stored. */
export type StoredRows = Map<number, number>;

export interface FakeEngine extends Engine {
  readonly stored: StoredRows;
  readonly inserts: InsertBlock[];
  set(state: EngineState): void;
  /** Called before each insert; throw to refuse it. */
  before: ((block: InsertBlock) => void) | null;
}

/**
 * Models what ClickHouse does to an insert: all of it or none, perhaps all of it with an error all the same, an
 * anti-join when asked to reconcile, duplicates when not. Begin and commit are operations of the fault plan, so a kill
 * can fall before the commit (the deduplication record is written, the part is not) or between commit and answer.
 */
export function createFakeEngine(stored: StoredRows = new Map(), plan = new FaultPlan()): FakeEngine {
  const listeners = new Set<(state: EngineState) => void>();
  let state: EngineState = 'ready';
  const commit = async (block: InsertBlock): Promise<void> => {
    for (const id of block.payload.flatMap(idsOf)) {
      if (block.reconcile && stored.has(id)) continue;
      stored.set(id, (stored.get(id) ?? 0) + 1);
    }
  };
  const engine: FakeEngine = {
    stored,
    inserts: [],
    before: null,
    async insert(block) {
      engine.inserts.push(block);
      engine.before?.(block);
      if (state !== 'ready') throw engineErrors.make('gone', 'the engine is down');
      if (block.payload.flatMap(idsOf).some((id) => id >= POISON))
        throw engineErrors.make('refused', 'rows of other years');
      try {
        await plan.step('engine begin', async () => {});
        await plan.step('engine commit', () => commit(block));
      } catch (cause) {
        throw engineErrors.make('retryable', 'injected', { cause });
      }
    },
    query: () => Promise.reject(new Error('the fake engine does not answer queries')),
    execute: async () => {},
    state: () => state,
    onState(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    set(next) {
      state = next;
      for (const listener of listeners) listener(next);
    },
  };
  return engine;
}
