export { analysisSection, llmSection } from './config.ts';
export type { ModelFetch } from './model/diagnose.ts';
export { findIncidentCause, type IncidentCause, type IncidentQuestion } from './root-cause/incident-cause.ts';
export { incidentCauseAnswer } from './root-cause/shapes.ts';
export { analysisApi } from './routes.ts';
export type { AnalysisSources } from './sources.ts';
