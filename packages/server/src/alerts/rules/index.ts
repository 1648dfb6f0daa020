/** Rules: Prometheus' rule files, evaluated. */

export { logRuleFilesSection, ruleFilesSection, rulesSection } from './config.ts';
export { RULE_LANGUAGES, type RuleLanguage } from './definition.ts';
export { checkRuleFile, loadRules } from './file/load.ts';
export { lokiRulesApi } from './loki-rules-api.ts';
export { RuleManager, type RuleSettings } from './manager.ts';
export { readyRuleFile } from './ready/registry.ts';
export { runbooksApi } from './ready/runbooks-api.ts';
export { RecentlyTold } from './recently-told.ts';
export { createRuleQuery } from './rule-query.ts';
export type { OutgoingAlert } from './state/sending.ts';
export { ToldBeforeRules } from './told-before.ts';
export { testRules } from './unit-test/test-rules.ts';
export { ruleViews } from './views.ts';
