import { expect } from 'vitest';
import { createQueryEngine } from '../engine.ts';
import { PROMQLTEST_OPTIONS, runPromqltest } from './promqltest.ts';

/** Runs a promqltest script with names removed at the end and at once, and expects every evaluation to pass. */
export async function expectScript(script: string): Promise<void> {
  for (const delayedNameRemoval of [true, false]) {
    const engine = createQueryEngine({ options: { ...PROMQLTEST_OPTIONS, delayedNameRemoval } });
    const { passed, failed } = await runPromqltest(script, { engine });
    expect(failed, `delayed name removal ${delayedNameRemoval}`).toEqual([]);
    expect(passed, 'a script without evaluations proves nothing').toBeGreaterThan(0);
  }
}
