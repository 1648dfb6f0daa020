export { OwnRules } from './own-rules.ts';
export { ownRulesApi } from './routes.ts';
