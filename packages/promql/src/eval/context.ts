import type { EngineOptions } from '../options.ts';
import type { Grid } from '../result.ts';
import type { Annotations } from './annotations.ts';
import type { Budget } from './budget.ts';

/** What every operator of one query shares. */
export interface EvalContext {
  readonly annotations: Annotations;
  readonly budget: Budget;
  readonly options: EngineOptions;
  /** The outermost grid: what `start()`, `end()`, `step()` and `range()` tell. */
  readonly query: Grid;
  readonly lookbackMs: number;
}
