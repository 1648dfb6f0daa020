export { Retention } from './retention.ts';
export { opsApi } from './routes.ts';
