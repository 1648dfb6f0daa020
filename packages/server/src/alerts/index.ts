/** What the alerts slice publishes. */

export {
  checkRuleFile,
  createRuleQuery,
  loadRules,
  RuleManager,
  type RuleSettings,
  ruleFilesSection,
  rulesSection,
  ruleViews,
} from './rules/index.ts';
export { AlertSender, alertingSection } from './sender/index.ts';
