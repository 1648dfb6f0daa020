export { healthSection } from './config.ts';
export { HealthHistory } from './history.ts';
export { HealthMonitor, type ScrapedTarget, type ServiceHealth, type ServiceTransition } from './monitor.ts';
export { type HealthFetcher, HealthPoller } from './poller.ts';
export { type Dependency, healthApi, renderServiceHealth, systemStatus } from './routes/health.ts';
export { healthTransitions } from './tables.ts';
export { healthTelemetry } from './telemetry.ts';
