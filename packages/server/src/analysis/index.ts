export { analysisSection, llmSection } from './config.ts';
export type { ModelFetch } from './model/diagnose.ts';
export { analysisApi } from './routes.ts';
export type { AnalysisSources } from './sources.ts';
