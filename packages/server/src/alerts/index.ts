/** What the alerts slice publishes. */

export { Alertmanager, type AlertmanagerDeps, type QuietSettings } from './alertmanager.ts';
export { alertmanagerApi } from './api/alertmanager-api.ts';
export { alertRoutingApi } from './api/routing-api.ts';
export { BackTester, backTestApi, pastOfSeries, tellingWorldOf } from './back-test/index.ts';
export { readAlertmanagerConfig } from './config/read-file.ts';
export { alertmanagerSection } from './config/section.ts';
export { alertDecisions } from './decisions/table.ts';
export type { ServiceMap } from './folding/service-map.ts';
export { incidentsSection } from './incidents/config.ts';
export { Incidents } from './incidents/incidents.ts';
export { alertIncidentsApi } from './incidents/routes.ts';
export type { FactsQuestion, Happening, IncidentFacts } from './incidents/timeline.ts';
export { maintenanceApi } from './maintenance/routes.ts';
export { egressDoor } from './notifiers/egress-door.ts';
export { onCallApis, onCallSection, readOnCall } from './oncall/index.ts';
export { OwnRules, ownRulesApi } from './own-rules/index.ts';
export { alertCounts } from './pages/alert-routes.ts';
export { alertPagesApi } from './pages/pages-api.ts';
export { firstSigns } from './pages/rule-alerts.ts';
export type { PostedAlert } from './received/accept.ts';
export {
  checkRuleFile,
  createRuleQuery,
  loadRules,
  logRuleFilesSection,
  lokiRulesApi,
  RecentlyTold,
  RULE_LANGUAGES,
  type RuleLanguage,
  RuleManager,
  type RuleSettings,
  readyRuleFile,
  ruleFilesSection,
  rulesSection,
  ruleViews,
  runbooksApi,
  ToldBeforeRules,
  testRules,
} from './rules/index.ts';
export { AlertSender, alertingSection } from './sender/index.ts';
