import type { z } from 'zod';
import type { ManagedEngine, TableUsage } from '../engine/index.ts';
import { PharosError } from '../kernel/errors.ts';
import type { engineAnswer } from './shapes.ts';

export type EngineView = Pick<ManagedEngine, 'status' | 'tableUsage'>;

type Answer = Omit<z.output<typeof engineAnswer>, 'timestamp' | 'window' | 'services'>;

/** The engine's process, what it does, and what its tables take; what it must be asked for is missing while it is down. */
export async function engineView(engine: EngineView): Promise<Answer> {
  // Before the tables are asked for, which is a statement too.
  const { state, process, restarts, statements } = engine.status();
  return {
    state,
    pid: process.pid,
    uptimeSeconds: process.readyForMs === null ? null : process.readyForMs / 1000,
    restarts,
    memoryBytes: process.memoryBytes,
    statements: statements.map(({ purpose, limits, ageMs }) => ({
      purpose,
      class: limits,
      seconds: ageMs / 1000,
    })),
    ...(await tablesOf(engine)),
  };
}

async function tablesOf(engine: EngineView): Promise<Pick<Answer, 'tables' | 'tablesError'>> {
  try {
    return { tables: (await engine.tableUsage()).map(tableShown), tablesError: null };
  } catch (error) {
    if (!(error instanceof PharosError)) throw error;
    return { tables: null, tablesError: error.message };
  }
}

function tableShown({ table, rows, parts, bytes, plainBytes }: TableUsage) {
  return { name: table, rows, parts, bytes, plainBytes };
}
