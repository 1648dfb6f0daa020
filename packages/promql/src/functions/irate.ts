import { lastTwoGeneral } from './last-two.ts';
import { overTime } from './over-time.ts';

/** `irate(v[d])`: the per-second increase between the last two samples; after a reset, from zero. */
export const irate = overTime(
  2,
  ({ timestamps, values }, _from, to) => {
    const last = values[to - 1];
    const before = values[to - 2];
    const increase = last < before ? last : last - before;
    return increase / ((timestamps[to - 1] - timestamps[to - 2]) / 1000);
  },
  { general: lastTwoGeneral(true) },
);
