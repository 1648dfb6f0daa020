export { Retention, type RetentionGuard } from './retention.ts';
export { opsApi } from './routes.ts';
