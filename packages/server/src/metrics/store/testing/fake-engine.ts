import type { Engine, EngineState } from '../../../engine/index.ts';
import { engineErrors } from '../../../engine/index.ts';

/** An engine that only has a state; anything asked of it fails as if it were down. */
export function stateOnlyEngine(initial: EngineState = 'down'): Engine & { set(state: EngineState): void } {
  let state = initial;
  const listeners = new Set<(state: EngineState) => void>();
  const gone = async (): Promise<never> => {
    throw engineErrors.make('gone', 'no engine in this test');
  };
  return {
    query: gone,
    execute: gone,
    insert: gone,
    state: () => state,
    onState: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    set: (next) => {
      state = next;
      for (const listener of listeners) listener(next);
    },
  };
}
