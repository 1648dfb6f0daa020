export type { ConfigFacts } from './config-view.ts';
export { debugApi } from './routes.ts';
