export type { Transition as BreakerTransition } from './model.ts';
export { breakersApi } from './routes/breakers.ts';
export { breakerChannelApi } from './routes/channel.ts';
export { breakerMonitoringApi } from './routes/monitoring.ts';
export { Breakers } from './service.ts';
export { breakerTransitions } from './tables.ts';
