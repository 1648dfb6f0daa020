export {
  add,
  FAILED,
  type Line,
  linesBy,
  quantileOf,
  REQUESTS,
  rateOf,
  ratioLine,
  serviceOf,
} from './golden.ts';
export { SATURATION } from './performance.ts';
export { type Grid, gridFor, type InstantValue, type PromReader, type RangeValues } from './reader.ts';
export { overviewApi } from './routes.ts';
export { LiveStream } from './stream.ts';
export type { OverviewSources } from './summary.ts';
