import { KahanSum } from '../eval/kahan.ts';
import { overTime } from './over-time.ts';

const total = new KahanSum();

/** `sum_over_time(v[d])`: the compensated sum of the window. */
export const sum_over_time = overTime(1, ({ values }, from, to) => {
  total.reset();
  for (let i = from; i < to; i++) total.add(values[i]);
  return total.value;
});
