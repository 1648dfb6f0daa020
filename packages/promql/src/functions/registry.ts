import type { FunctionName } from '../parse/signatures.ts';
import { abs } from './abs.ts';
import { absent } from './absent.ts';
import { absent_over_time } from './absent_over_time.ts';
import { acos } from './acos.ts';
import { acosh } from './acosh.ts';
import { asin } from './asin.ts';
import { asinh } from './asinh.ts';
import { atan } from './atan.ts';
import { atanh } from './atanh.ts';
import { avg_over_time } from './avg_over_time.ts';
import { ceil } from './ceil.ts';
import { changes } from './changes.ts';
import { clamp } from './clamp.ts';
import { clamp_max } from './clamp_max.ts';
import { clamp_min } from './clamp_min.ts';
import { cos } from './cos.ts';
import { cosh } from './cosh.ts';
import { count_over_time } from './count_over_time.ts';
import { day_of_month } from './day_of_month.ts';
import { day_of_week } from './day_of_week.ts';
import { day_of_year } from './day_of_year.ts';
import { days_in_month } from './days_in_month.ts';
import { deg } from './deg.ts';
import { delta } from './delta.ts';
import { deriv } from './deriv.ts';
import { double_exponential_smoothing } from './double_exponential_smoothing.ts';
import { end } from './end.ts';
import { exp } from './exp.ts';
import { first_over_time } from './first_over_time.ts';
import { floor } from './floor.ts';
import { histogram_avg } from './histogram_avg.ts';
import { histogram_count } from './histogram_count.ts';
import { histogram_fraction } from './histogram_fraction.ts';
import { histogram_quantile } from './histogram_quantile.ts';
import { histogram_quantiles } from './histogram_quantiles.ts';
import { histogram_stddev } from './histogram_stddev.ts';
import { histogram_stdvar } from './histogram_stdvar.ts';
import { histogram_sum } from './histogram_sum.ts';
import { hour } from './hour.ts';
import { idelta } from './idelta.ts';
import { increase } from './increase.ts';
import { info } from './info.ts';
import { irate } from './irate.ts';
import { label_join } from './label_join.ts';
import { label_replace } from './label_replace.ts';
import { last_over_time } from './last_over_time.ts';
import { ln } from './ln.ts';
import { log2 } from './log2.ts';
import { log10 } from './log10.ts';
import { mad_over_time } from './mad_over_time.ts';
import { max_of } from './max_of.ts';
import { max_over_time } from './max_over_time.ts';
import { min_of } from './min_of.ts';
import { min_over_time } from './min_over_time.ts';
import { minute } from './minute.ts';
import { month } from './month.ts';
import { pi } from './pi.ts';
import { predict_linear } from './predict_linear.ts';
import { present_over_time } from './present_over_time.ts';
import { quantile_over_time } from './quantile_over_time.ts';
import { rad } from './rad.ts';
import { range } from './range.ts';
import { rate } from './rate.ts';
import { resets } from './resets.ts';
import { round } from './round.ts';
import { scalar } from './scalar.ts';
import { sgn } from './sgn.ts';
import { sin } from './sin.ts';
import { sinh } from './sinh.ts';
import { sort } from './sort.ts';
import { sort_by_label } from './sort_by_label.ts';
import { sort_by_label_desc } from './sort_by_label_desc.ts';
import { sort_desc } from './sort_desc.ts';
import { sqrt } from './sqrt.ts';
import { start } from './start.ts';
import { start_timestamp } from './start_timestamp.ts';
import { stddev_over_time } from './stddev_over_time.ts';
import { stdvar_over_time } from './stdvar_over_time.ts';
import { step } from './step.ts';
import { sum_over_time } from './sum_over_time.ts';
import { tan } from './tan.ts';
import { tanh } from './tanh.ts';
import { time } from './time.ts';
import { timestamp } from './timestamp.ts';
import { ts_of_first_over_time } from './ts_of_first_over_time.ts';
import { ts_of_last_over_time } from './ts_of_last_over_time.ts';
import { ts_of_max_over_time } from './ts_of_max_over_time.ts';
import { ts_of_min_over_time } from './ts_of_min_over_time.ts';
import type { FunctionImplementation } from './types.ts';
import { vector } from './vector.ts';
import { year } from './year.ts';

/** Every PromQL function; one without an implementation does not compile. */
export const FUNCTIONS: Readonly<Record<FunctionName, FunctionImplementation>> = {
  abs,
  absent,
  absent_over_time,
  acos,
  acosh,
  asin,
  asinh,
  atan,
  atanh,
  avg_over_time,
  ceil,
  changes,
  clamp,
  clamp_max,
  clamp_min,
  cos,
  cosh,
  count_over_time,
  day_of_month,
  day_of_week,
  day_of_year,
  days_in_month,
  deg,
  delta,
  deriv,
  double_exponential_smoothing,
  end,
  exp,
  first_over_time,
  floor,
  histogram_avg,
  histogram_count,
  histogram_fraction,
  histogram_quantile,
  histogram_quantiles,
  histogram_stddev,
  histogram_stdvar,
  histogram_sum,
  hour,
  idelta,
  increase,
  info,
  irate,
  label_join,
  label_replace,
  last_over_time,
  ln,
  log10,
  log2,
  mad_over_time,
  max_of,
  max_over_time,
  min_of,
  min_over_time,
  minute,
  month,
  pi,
  predict_linear,
  present_over_time,
  quantile_over_time,
  rad,
  range,
  rate,
  resets,
  round,
  scalar,
  sgn,
  sin,
  sinh,
  sort,
  sort_by_label,
  sort_by_label_desc,
  sort_desc,
  sqrt,
  start,
  start_timestamp,
  stddev_over_time,
  stdvar_over_time,
  step,
  sum_over_time,
  tan,
  tanh,
  time,
  timestamp,
  ts_of_first_over_time,
  ts_of_last_over_time,
  ts_of_max_over_time,
  ts_of_min_over_time,
  vector,
  year,
};
