import type { EngineProcess, EngineState, LimitClass } from './types.ts';

export interface HostStatement {
  readonly text: string;
  readonly limits: LimitClass;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Where statements run: in this process, in a supervised child, or on a cluster. Knows nothing of tenants, tables or
 * columns; the door (door.ts) does.
 */
export interface EngineHost {
  start(signal?: AbortSignal): Promise<void>;
  stop(deadline?: AbortSignal): Promise<void>;
  /** The answer's bytes, Native. Rejects with an `engineErrors` error; `gone` while the engine is down. */
  run(statement: HostStatement): Promise<Uint8Array>;
  state(): EngineState;
  process(): EngineProcess;
  onState(listener: (state: EngineState) => void): () => void;
}

/** What a host tells the counters. */
export interface HostEvents {
  discarded(sessions: number): void;
  anonymousMemory(bytes: number): void;
}

/** The state of a host and who listens to it. */
export class StateCell {
  #state: EngineState = 'stopped';
  readonly #listeners = new Set<(state: EngineState) => void>();

  get(): EngineState {
    return this.#state;
  }

  set(state: EngineState): void {
    if (state === this.#state) return;
    this.#state = state;
    for (const listener of this.#listeners) listener(state);
  }

  listen(listener: (state: EngineState) => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }
}
