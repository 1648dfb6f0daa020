export type { InstantValue, PromReader, RangeValues } from './reader.ts';
export { overviewApi } from './routes.ts';
export { LiveStream } from './stream.ts';
export type { OverviewSources } from './summary.ts';
