/** Rules: Prometheus' rule files, evaluated. */

export { ruleFilesSection, rulesSection } from './config.ts';
export { checkRuleFile, loadRules } from './file/load.ts';
export { RuleManager, type RuleSettings } from './manager.ts';
export { readyRuleFile } from './ready/registry.ts';
export { runbooksApi } from './ready/runbooks-api.ts';
export { createRuleQuery } from './rule-query.ts';
export type { OutgoingAlert } from './state/sending.ts';
export { testRules } from './unit-test/test-rules.ts';
export { ruleViews } from './views.ts';
