export type { GlobalConfig, ScrapeConfig } from './config.ts';
export { globalSection, scrapeSection } from './config.ts';
export type { FetcherFactory, FetchRequest, FetchResponse, HttpFetcher } from './fetcher.ts';
export { createHttpFetcher } from './fetcher.ts';
export type { TargetHealth, TargetState } from './loop.ts';
export type { ScrapeConfiguration, ScrapeManagerDeps } from './manager.ts';
export { ScrapeManager } from './manager.ts';
export type { TargetSpec } from './target.ts';
export type { ActiveTarget, DroppedTarget, TargetListener, TargetRetriever } from './targets.ts';
