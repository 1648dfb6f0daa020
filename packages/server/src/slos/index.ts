/** Service level objectives: rules that are generated from them, and how they stand. */

export { slosSection } from './config.ts';
export { slosApi } from './routes.ts';
export { SLO_FILE, sloRuleFile } from './rules.ts';
