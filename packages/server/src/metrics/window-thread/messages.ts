import type { WindowColumn, WindowJob } from '@pharos/promql';

/** A message to the thread. */
export function jobFrom(message: unknown): { readonly id: unknown; readonly job: WindowJob } | null {
  return isRecord(message) && isJob(message['job']) ? { id: message['id'], job: message['job'] } : null;
}

function isJob(value: unknown): value is WindowJob {
  return (
    isRecord(value) &&
    typeof value['func'] === 'string' &&
    value['timestamps'] instanceof Float64Array &&
    value['values'] instanceof Float64Array &&
    isRecord(value['windows']) &&
    isRecord(value['grid']) &&
    Array.isArray(value['scalars'])
  );
}

/** The thread's answer. */
export function columnFrom(result: unknown): WindowColumn {
  if (!isColumn(result)) throw new TypeError('the thread for windows answered something else');
  return result;
}

function isColumn(value: unknown): value is WindowColumn {
  return isRecord(value) && value['values'] instanceof Float64Array && value['present'] instanceof Uint8Array;
}

/** The memory of a job, which is handed over instead of copied. */
export function buffersOf({ timestamps, values, scalars }: WindowJob): ArrayBuffer[] {
  return [timestamps, values, ...scalars].map(({ buffer }) => buffer);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
