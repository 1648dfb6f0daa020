export { builtInDashboards } from './builtin/index.ts';
export { dashboardsSection } from './config.ts';
export { randomUid } from './ids.ts';
export { dashboardsApi } from './routes.ts';
export { DashboardStore } from './store.ts';
