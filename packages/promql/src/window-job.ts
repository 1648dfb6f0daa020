import type { WindowColumn, WindowJob } from './eval/window-thread.ts';
import { FUNCTIONS } from './functions/registry.ts';
import { Labels } from './labels.ts';

/** Does a job on the thread that it is called on. */
export function runWindowJob({ func, timestamps, values, windows, grid, scalars }: WindowJob): WindowColumn {
  const implementation = FUNCTIONS[func];
  const everySample = implementation.kind === 'range' ? implementation.everySample : undefined;
  if (everySample === undefined) throw new TypeError(`${func} is no work for another thread`);
  const column = { values: new Float64Array(windows.count), present: new Uint8Array(windows.count) };
  const series = {
    labels: Labels.EMPTY,
    dropName: false,
    timestamps,
    values,
    from: 0,
    to: timestamps.length,
  };
  everySample.kernel(series, windows, column, { grid, scalars });
  return column;
}
