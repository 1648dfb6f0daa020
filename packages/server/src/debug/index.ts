export type { ConfigFacts } from './config-view.ts';
export { type QueueLimits, queuesOf } from './queues.ts';
export { debugApi } from './routes.ts';
