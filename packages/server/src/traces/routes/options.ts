import type { Clock } from '../../kernel/clock.ts';
import type { ServiceNames } from '../../kernel/names.ts';
import type { TraceReader } from '../store/reader.ts';
import type { SpanGraph } from '../topology/index.ts';
import type { TraceGuard } from './guard.ts';

/** What every API over traces works with. */
export interface TraceApiOptions {
  readonly reader: TraceReader;
  readonly graph: Pick<SpanGraph, 'read' | 'readExactly' | 'readSteps'>;
  readonly clock: Clock;
  readonly names: ServiceNames;
  /** Most traces of one answer. */
  readonly maxTraces: number;
  readonly breathe: () => Promise<void>;
  /** Every answer that reads spans passes it. */
  readonly guard: TraceGuard;
}
