import { overTime } from './over-time.ts';

/** `last_over_time(v[d])`: the newest value in the window; keeps the name. */
export const last_over_time = overTime(1, ({ values }, _from, to) => values[to - 1] ?? Number.NaN, {
  keepsName: true,
});
