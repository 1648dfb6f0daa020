export { globalSection, type ScrapeConfig, scrapeSection } from './config.ts';
export type { HttpFetcher } from './fetcher.ts';
export { createHttpFetcher } from './fetcher.ts';
export { ScrapeManager } from './manager.ts';
