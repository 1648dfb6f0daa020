export { Retention } from './retention.ts';
export { type OpsOptions, opsApi } from './routes.ts';
