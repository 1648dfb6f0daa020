import { lastTwoGeneral } from './last-two.ts';
import { overTime } from './over-time.ts';

/** `idelta(v[d])`: the difference between the last two samples. */
export const idelta = overTime(2, ({ values }, _from, to) => values[to - 1] - values[to - 2], {
  general: lastTwoGeneral(false),
});
