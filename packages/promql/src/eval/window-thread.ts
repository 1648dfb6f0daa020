import type { FunctionName } from '../parse/signatures.ts';
import type { Grid } from '../result.ts';
import type { Windows } from './value.ts';

/** A function of the windows of one series, as numbers alone: what one thread can ask of another. Times are ms. */
export interface WindowJob {
  readonly func: FunctionName;
  /** Of the samples, rising; staleness markers are not among them. The job's own memory, as all arrays are. */
  readonly timestamps: Float64Array<ArrayBuffer>;
  readonly values: Float64Array<ArrayBuffer>;
  readonly windows: Windows;
  /** Step k is that of window k. */
  readonly grid: Grid;
  /** The scalar arguments, one value per step. */
  readonly scalars: readonly Float64Array<ArrayBuffer>[];
}

/** A value per window, meaningful where `present` is 1. */
export interface WindowColumn {
  readonly values: Float64Array<ArrayBuffer>;
  readonly present: Uint8Array<ArrayBuffer>;
}

/** Does jobs elsewhere, so that the thread of whoever asks can do other things meanwhile. */
export interface WindowThread {
  /** Null where that thread has no room for it, or ended; the job's memory may be gone either way. Never rejects. */
  run(job: WindowJob): Promise<WindowColumn | null>;
}
