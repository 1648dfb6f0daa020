export { globalSection, type ScrapeConfig, scrapeSection } from './config.ts';
export type { HttpFetcher } from './fetcher.ts';
export { createHttpFetcher } from './fetcher.ts';
export type { TargetState } from './loop.ts';
export { ScrapeManager } from './manager.ts';
export type { TargetSpec } from './target.ts';
export type { ActiveTarget, TargetRetriever } from './targets.ts';
