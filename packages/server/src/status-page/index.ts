/** The public status page: what anybody may see of how things are, and who is told of changes. */

export { manageStatusApi } from './routes/manage.ts';
export { publicStatusApi } from './routes/public.ts';
export { StatusPageService, type StatusSources } from './service.ts';
export { StatusPageStore } from './store.ts';
export { Subscriptions } from './subscribe/subscriptions.ts';
export { webhookChannel } from './subscribe/webhook.ts';
export { statusPageTelemetry } from './telemetry.ts';
