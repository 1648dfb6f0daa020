export { type OpsOptions, opsApi } from './routes.ts';
