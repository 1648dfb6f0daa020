export { errorsSection } from './config.ts';
export { ErrorDoors } from './ingest/doors.ts';
export { errorAnalysisApi } from './routes/analysis.ts';
export { errorGroupsApi } from './routes/groups.ts';
export { errorReportsApi } from './routes/report.ts';
export { sentryApi } from './routes/sentry.ts';
export { ErrorStore } from './store/store.ts';
export { errorsTables } from './tables.ts';
