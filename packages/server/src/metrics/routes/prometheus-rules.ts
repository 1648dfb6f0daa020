import { createHash } from 'node:crypto';
import type { Labels, Matcher } from '@pharos/promql';
import { formatValue } from '@pharos/promql';
import type { HttpApp } from '../../http/types.ts';
import { badParameter } from './prometheus-errors.ts';
import { sendSmall } from './prometheus-json.ts';
import { Params } from './prometheus-params.ts';
import { documented } from './route-docs.ts';

/** An alert of a rule that is active. Times in ms since the Unix epoch. */
export interface AlertView {
  readonly labels: Labels;
  readonly annotations: ReadonlyMap<string, string>;
  readonly state: 'pending' | 'firing';
  readonly activeAt: number;
  readonly keepFiringSince: number | null;
  readonly value: number;
}

interface RuleBaseView {
  readonly name: string;
  readonly query: string;
  /** As they are written, sorted by name. */
  readonly labels: ReadonlyMap<string, string>;
  readonly health: 'unknown' | 'ok' | 'err';
  readonly lastError: string | null;
  readonly evaluationMs: number;
  /** Null before the first. */
  readonly lastEvaluation: number | null;
}

export interface AlertingRuleView extends RuleBaseView {
  readonly type: 'alerting';
  readonly state: 'unknown' | 'inactive' | 'pending' | 'firing';
  readonly forMs: number;
  readonly keepFiringForMs: number;
  readonly annotations: ReadonlyMap<string, string>;
  /** Made when asked for: there may be very many. */
  readonly alerts: () => readonly AlertView[];
}

export interface RecordingRuleView extends RuleBaseView {
  readonly type: 'recording';
}

export interface RuleGroupView {
  readonly name: string;
  readonly file: string;
  /** Of the rules' queries. */
  readonly language: 'promql' | 'logql';
  readonly intervalMs: number;
  readonly limit: number;
  readonly evaluationMs: number;
  readonly lastEvaluation: number | null;
  readonly rules: readonly (AlertingRuleView | RecordingRuleView)[];
}

/** What is known of rules now; whoever evaluates them answers it. */
export interface RulesRetriever {
  /** By file and name. */
  groups(): readonly RuleGroupView[];
  /** Where alerts of rules are sent. */
  alertmanagers(): readonly string[];
}

/** Rules, alerts and where alerts go (PQ-10). */
export function registerRuleRoutes(app: HttpApp, rules: RulesRetriever): void {
  registerRulesAt(app, '/api/v1', { about: 'all', groups: () => rules.groups() });
  // Where a data source of Loki's looks for its rules.
  registerRulesAt(app, '/prometheus/api/v1', {
    about: 'LogQL',
    groups: () => rules.groups().filter(({ language }) => language === 'logql'),
  });
  app.route({
    method: 'GET',
    url: '/api/v1/alertmanagers',
    ...documented('Where alerts are sent.', []),
    handler: (_request, reply) =>
      sendSmall(reply, {
        activeAlertmanagers: rules.alertmanagers().map((url) => ({ url })),
        droppedAlertmanagers: [],
      }),
  });
}

interface ServedRules {
  /** Which they are, in a word. */
  readonly about: string;
  readonly groups: RulesRetriever['groups'];
}

function registerRulesAt(app: HttpApp, base: string, { about, groups }: ServedRules): void {
  app.route({
    method: 'GET',
    url: `${base}/rules`,
    ...documented(`Rule groups: ${about}.`, [
      ['type', 'alert or record'],
      ['rule_name[]', 'only these rules; repeatable'],
      ['rule_group[]', 'only these groups; repeatable'],
      ['file[]', 'only these files; repeatable'],
      ['match[]', 'only rules whose labels match; repeatable'],
      ['exclude_alerts', 'true leaves active alerts out'],
      ['group_limit', 'most groups of one page'],
      ['group_next_token', 'where the last page ended'],
    ]),
    handler: (request, reply) => sendSmall(reply, rulePage(groups(), questionOf(new Params(request)))),
  });
  app.route({
    method: 'GET',
    url: `${base}/alerts`,
    ...documented(`Active alerts of rules: ${about}.`, []),
    handler: (_request, reply) => sendSmall(reply, { alerts: groups().flatMap(alertsOf) }),
  });
}

interface RuleQuestion {
  /** Empty for all. */
  readonly type: string;
  readonly names: ReadonlySet<string>;
  readonly groups: ReadonlySet<string>;
  readonly files: ReadonlySet<string>;
  readonly matcherSets: readonly (readonly Matcher[])[];
  readonly excludesAlerts: boolean;
  /** 0 for no pages. */
  readonly limit: number;
  /** Empty for the first page. */
  readonly token: string;
}

function questionOf(params: Params): RuleQuestion {
  const type = params.text('type').toLowerCase();
  if (type !== '' && type !== 'alert' && type !== 'record')
    throw badParameter('type', `not supported value ${JSON.stringify(type)}`);
  const matcherSets = params.matcherSets();
  const excludesAlerts = params.flag('exclude_alerts', false);
  const limit = params.text('group_limit');
  const token = params.text('group_next_token');
  if (limit !== '' && !(/^\d{1,9}$/.test(limit) && Number(limit) > 0))
    throw badParameter('group_limit', 'group_limit needs to be a valid number greater than 0');
  if (token !== '' && limit === '')
    throw badParameter('group_limit', 'group_limit needs to be present in order to paginate over the groups');
  return {
    type,
    names: new Set(params.all('rule_name[]')),
    groups: new Set(params.all('rule_group[]')),
    files: new Set(params.all('file[]')),
    matcherSets,
    excludesAlerts,
    limit: limit === '' ? 0 : Number(limit),
    token,
  };
}

/** The groups asked for, up to the end of the page; groups of which no rule is asked for are left out. */
function rulePage(groups: readonly RuleGroupView[], question: RuleQuestion): object {
  const { limit, token } = question;
  const from = token === '' ? 0 : groups.findIndex((group) => tokenOf(group) === token);
  if (from < 0)
    throw badParameter('group_next_token', `invalid group_next_token '${token}'. were rule groups changed?`);
  const page: object[] = [];
  for (const group of groups.slice(from)) {
    if (!isAsked(question.groups, group.name) || !isAsked(question.files, group.file)) continue;
    const rules = group.rules.filter((rule) => isRuleAsked(rule, question));
    if (rules.length === 0) continue;
    if (limit > 0 && page.length === limit) return { groups: page, groupNextToken: tokenOf(group) };
    page.push(groupJson(group, rules, question.excludesAlerts));
  }
  return { groups: page };
}

function isAsked(wanted: ReadonlySet<string>, name: string): boolean {
  return wanted.size === 0 || wanted.has(name);
}

function isRuleAsked(
  rule: AlertingRuleView | RecordingRuleView,
  { type, names, matcherSets }: RuleQuestion,
): boolean {
  if (type !== '' && type !== (rule.type === 'alerting' ? 'alert' : 'record')) return false;
  if (!isAsked(names, rule.name)) return false;
  const fits = (matchers: readonly Matcher[]): boolean =>
    matchers.every((matcher) => matcher.matches(rule.labels.get(matcher.name) ?? ''));
  return matcherSets.length === 0 || matcherSets.some(fits);
}

/** Where a page begins: who the group is, so that a page goes on after groups before it were changed. */
function tokenOf({ file, name }: RuleGroupView): string {
  return createHash('sha1').update(`${file};${name}`, 'utf8').digest('hex');
}

function groupJson(group: RuleGroupView, rules: RuleGroupView['rules'], excludesAlerts: boolean): object {
  return {
    name: group.name,
    file: group.file,
    // Prometheus' groups speak no other language, and have no such field.
    ...(group.language === 'promql' ? {} : { language: group.language }),
    rules: rules.map((rule) => ruleJson(rule, excludesAlerts)),
    interval: group.intervalMs / 1000,
    limit: group.limit,
    evaluationTime: group.evaluationMs / 1000,
    lastEvaluation: timeText(group.lastEvaluation),
  };
}

function ruleJson(rule: RuleGroupView['rules'][number], excludesAlerts: boolean): object {
  const evaluated = {
    health: rule.health,
    ...(rule.lastError === null ? {} : { lastError: rule.lastError }),
    evaluationTime: rule.evaluationMs / 1000,
    lastEvaluation: timeText(rule.lastEvaluation),
    type: rule.type,
  };
  if (rule.type === 'recording')
    return {
      name: rule.name,
      query: rule.query,
      ...(rule.labels.size === 0 ? {} : { labels: textsJson(rule.labels) }),
      ...evaluated,
    };
  return {
    state: rule.state,
    name: rule.name,
    query: rule.query,
    duration: rule.forMs / 1000,
    keepFiringFor: rule.keepFiringForMs / 1000,
    labels: textsJson(rule.labels),
    annotations: textsJson(rule.annotations),
    // Null, not absent and not empty, is what Prometheus answers here.
    alerts: excludesAlerts ? null : rule.alerts().map(alertJson),
    ...evaluated,
  };
}

function alertsOf({ rules }: RuleGroupView): readonly object[] {
  return rules.flatMap((rule) => (rule.type === 'alerting' ? rule.alerts().map(alertJson) : []));
}

function alertJson(alert: AlertView): object {
  return {
    labels: alert.labels.toRecord(),
    annotations: textsJson(alert.annotations),
    state: alert.state,
    activeAt: timeText(alert.activeAt),
    ...(alert.keepFiringSince === null ? {} : { keepFiringSince: timeText(alert.keepFiringSince) }),
    value: exponentText(alert.value),
  };
}

/** Go's `FormatFloat(v, 'e', -1, 64)`: `1e+00`, `1.25e-07`. */
function exponentText(value: number): string {
  if (!Number.isFinite(value)) return formatValue(value);
  const text = value.toExponential().replace(/e([+-])(\d)$/, 'e$10$2');
  return Object.is(value, -0) ? `-${text}` : text;
}

/** RFC 3339 as Go writes it, zeros at the end of a fraction left out; its zero time for what never was. */
function timeText(ms: number | null): string {
  if (ms === null) return '0001-01-01T00:00:00Z';
  return new Date(ms).toISOString().replace(/\.?0*Z$/, 'Z');
}

/** Names are arbitrary: no prototype that one of them could mean. */
function textsJson(texts: ReadonlyMap<string, string>): object {
  const record: Record<string, string> = Object.create(null) as Record<string, string>; // oxlint-disable-line typescript/no-unsafe-type-assertion -- Object.create(null) is typed any
  for (const [name, text] of texts) record[name] = text;
  return record;
}
