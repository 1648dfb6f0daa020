import type { ValueType } from './ast.ts';

/**
 * The type of every PromQL function. `variadic`: how many of the trailing arguments may be left out or
 * repeated: 0 none, n > 0 up to n of the last type (the last declared one included), -1 any number.
 */
export interface Signature {
  readonly args: readonly ValueType[];
  readonly variadic: number;
  readonly returns: ValueType;
  readonly experimental: boolean;
}

const matrix = (returns: ValueType = 'vector'): Signature => fixed(['matrix'], returns);
const vector = (): Signature => fixed(['vector'], 'vector');
const dateOf = (): Signature => ({ ...fixed(['vector'], 'vector'), variadic: 1 });

function fixed(args: readonly ValueType[], returns: ValueType): Signature {
  return { args, variadic: 0, returns, experimental: false };
}

function experimental(signature: Signature): Signature {
  return { ...signature, experimental: true };
}

/** Compat §7; the experimental ones need `experimentalFunctions`. */
const SIGNATURES = {
  abs: vector(),
  absent: vector(),
  absent_over_time: matrix(),
  acos: vector(),
  acosh: vector(),
  asin: vector(),
  asinh: vector(),
  atan: vector(),
  atanh: vector(),
  avg_over_time: matrix(),
  ceil: vector(),
  changes: matrix(),
  clamp: fixed(['vector', 'scalar', 'scalar'], 'vector'),
  clamp_max: fixed(['vector', 'scalar'], 'vector'),
  clamp_min: fixed(['vector', 'scalar'], 'vector'),
  cos: vector(),
  cosh: vector(),
  count_over_time: matrix(),
  day_of_month: dateOf(),
  day_of_week: dateOf(),
  day_of_year: dateOf(),
  days_in_month: dateOf(),
  deg: vector(),
  delta: matrix(),
  deriv: matrix(),
  exp: vector(),
  first_over_time: matrix(),
  floor: vector(),
  histogram_fraction: fixed(['scalar', 'scalar', 'vector'], 'vector'),
  histogram_quantile: fixed(['scalar', 'vector'], 'vector'),
  histogram_avg: vector(),
  histogram_count: vector(),
  histogram_stddev: vector(),
  histogram_stdvar: vector(),
  histogram_sum: vector(),
  hour: dateOf(),
  idelta: matrix(),
  increase: matrix(),
  irate: matrix(),
  label_join: {
    args: ['vector', 'string', 'string', 'string'],
    variadic: -1,
    returns: 'vector',
    experimental: false,
  },
  label_replace: fixed(['vector', 'string', 'string', 'string', 'string'], 'vector'),
  last_over_time: matrix(),
  ln: vector(),
  log10: vector(),
  log2: vector(),
  max_over_time: matrix(),
  min_over_time: matrix(),
  minute: dateOf(),
  month: dateOf(),
  pi: fixed([], 'scalar'),
  predict_linear: fixed(['matrix', 'scalar'], 'vector'),
  present_over_time: matrix(),
  quantile_over_time: fixed(['scalar', 'matrix'], 'vector'),
  rad: vector(),
  rate: matrix(),
  resets: matrix(),
  round: { args: ['vector', 'scalar'], variadic: 1, returns: 'vector', experimental: false },
  scalar: fixed(['vector'], 'scalar'),
  sgn: vector(),
  sin: vector(),
  sinh: vector(),
  sort: vector(),
  sort_desc: vector(),
  sqrt: vector(),
  stddev_over_time: matrix(),
  stdvar_over_time: matrix(),
  sum_over_time: matrix(),
  tan: vector(),
  tanh: vector(),
  time: fixed([], 'scalar'),
  timestamp: vector(),
  vector: fixed(['scalar'], 'vector'),
  year: dateOf(),
  double_exponential_smoothing: experimental(fixed(['matrix', 'scalar', 'scalar'], 'vector')),
  end: experimental(fixed([], 'scalar')),
  histogram_quantiles: experimental({
    args: ['vector', 'string', 'scalar', 'scalar'],
    variadic: 9,
    returns: 'vector',
    experimental: true,
  }),
  info: experimental({ args: ['vector', 'vector'], variadic: 1, returns: 'vector', experimental: true }),
  mad_over_time: experimental(matrix()),
  max_of: experimental(fixed(['scalar', 'scalar'], 'scalar')),
  min_of: experimental(fixed(['scalar', 'scalar'], 'scalar')),
  range: experimental(fixed([], 'scalar')),
  sort_by_label: experimental({
    args: ['vector', 'string'],
    variadic: -1,
    returns: 'vector',
    experimental: true,
  }),
  sort_by_label_desc: experimental({
    args: ['vector', 'string'],
    variadic: -1,
    returns: 'vector',
    experimental: true,
  }),
  start: experimental(fixed([], 'scalar')),
  start_timestamp: experimental(vector()),
  step: experimental(fixed([], 'scalar')),
  ts_of_first_over_time: experimental(matrix()),
  ts_of_last_over_time: experimental(matrix()),
  ts_of_max_over_time: experimental(matrix()),
  ts_of_min_over_time: experimental(matrix()),
} as const satisfies Record<string, Signature>;

export type FunctionName = keyof typeof SIGNATURES;

export function isFunctionName(name: string): name is FunctionName {
  return Object.hasOwn(SIGNATURES, name);
}

export function functionNames(): FunctionName[] {
  return Object.keys(SIGNATURES).filter(isFunctionName);
}

export function signatureOf(name: FunctionName): Signature {
  return SIGNATURES[name];
}
