import type { EngineOptions } from '../options.ts';
import type { PlanGrid } from '../plan/grids.ts';
import type { Annotations } from './annotations.ts';
import type { Dialect } from './binary/operators.ts';
import type { Budget } from './budget.ts';
import type { WindowThread } from './window-thread.ts';

/** What every operator of one query shares. */
export interface EvalContext {
  /** The query as it was written. */
  readonly text: string;
  readonly annotations: Annotations;
  readonly budget: Budget;
  readonly options: EngineOptions;
  /** The outermost grid: what `start()`, `end()`, `step()` and `range()` tell. */
  readonly query: PlanGrid;
  readonly lookbackMs: number;
  /** Does long work over windows elsewhere. */
  readonly windowThread?: WindowThread | undefined;
  /** Where a sibling language differs; PromQL itself has none. */
  readonly dialect?: Dialect | undefined;
}
