import { z } from 'zod';
import type { HttpApp } from '../../http/types.ts';
import { listOf, reading, repeated } from '../api/asked.ts';
import { parseFilters, receiverFilter } from '../api/filters.ts';
import { matcher, matcherSpec } from '../api/silences.ts';
import { alertErrors } from '../errors.ts';
import { LOUDNESS } from '../labels/severity.ts';
import { matchesAll } from '../matchers/matcher.ts';
import { matchersOf } from '../silences/silence.ts';
import { type PagedAlerts, pagedAlerts } from './paged-alerts.ts';
import type { PagesOptions } from './pages-api.ts';
import { ruleAlerts } from './rule-alerts.ts';
import { shownRule } from './rule-routes.ts';
import {
  countShown,
  historyQuery,
  noneShown,
  SHOWN_STATES,
  type ShownAlert,
  type ShownCounts,
  shownAlertJson,
  shownAlerts,
  shownPage,
  stateOf,
} from './shown-alerts.ts';
import { shownRuleOf } from './shown-rules.ts';

const tags = ['alerts'];
const USUAL_LIMIT = 2000;
const MOST_ALERTS = 10_000;
/** Of those a silence would keep quiet; the rest is counted. */
const MOST_PREVIEWED = 200;

const texts = z.record(z.string(), z.string());
const shownAlert = z.object({
  fingerprint: z.string(),
  state: z.enum(SHOWN_STATES),
  labels: texts,
  annotations: texts,
  since: z.number().describe('Epoch ms: since when it is pending, or fires.'),
  active_at: z.number().nullable().describe('Epoch ms: since when the condition of our own rule holds.'),
  updated_at: z.number().nullable().describe('Epoch ms: when its sender told of it last.'),
  value: z.string().nullable().describe("What our own rule's expression answered last."),
  rule: z.object({ id: z.string(), file: z.string(), group: z.string(), name: z.string() }).nullable(),
  generator_url: z.string(),
  receivers: z.array(z.string()),
  silenced_by: z.array(z.string()),
  inhibited_by: z.array(z.string()),
  muted_by: z.array(z.string()),
  folded_into: z
    .array(z.string())
    .describe('Fingerprints of alerts whose pages it is part of; empty, too, while one is waited for.'),
  folded_because: z.string().describe('Which they are, and the way there; empty when it is told by itself.'),
  paged: z
    .array(
      z.object({
        id: z.string(),
        state: z.enum(['escalating', 'acknowledged', 'exhausted', 'ended']),
        acknowledged_by: z.string().describe('Empty while nobody has.'),
        acknowledged_at: z.number().nullable().describe('Epoch ms.'),
      }),
    )
    .describe('Open pages that it is part of: what can be acknowledged.'),
});
const counts = z.object({
  firing: z.number(),
  pending: z.number(),
  silenced: z.number(),
  inhibited: z.number(),
  folded: z.number(),
  muted: z.number(),
  loudest: z
    .enum(LOUDNESS)
    .nullable()
    .describe('The most urgent severity that fires: critical needs a person now; null while none fires.'),
});
const page = z.object({
  at: z.number().describe('Epoch ms.'),
  total: z.number(),
  counts: counts.describe('Of those that the filters keep, in any state.'),
  rules: z.number().describe('Alerting rules that are evaluated.'),
  alerts: z.array(shownAlert),
});
const query = z.object({
  filter: repeated.describe('Matchers, such as `severity=~"warn.*"`; may be given again.'),
  state: z
    .union([z.enum(SHOWN_STATES), z.array(z.enum(SHOWN_STATES))])
    .optional()
    .describe('Only these; may be given again.'),
  receiver: z.string().optional().describe('A pattern of names, anchored.'),
  limit: z.coerce.number().int().min(0).max(MOST_ALERTS).default(USUAL_LIMIT),
});

/** Pending, firing and quiet alerts in one list, whoever evaluates them. */
export function alertRoutes(app: HttpApp, options: PagesOptions): void {
  const { clock, rules } = options;
  app.get(
    '/api/v1/alerting/alerts',
    {
      schema: {
        tags,
        summary: 'Alerts of our own rules and of others, with what keeps them quiet',
        querystring: query,
        response: { 200: page },
      },
    },
    (request) => {
      const { filter, state, receiver, limit } = request.query;
      const question = {
        filters: reading(() => parseFilters(listOf(filter))),
        states: state === undefined ? [] : [state].flat(),
        isReceiver: reading(() => receiverFilter(receiver)),
        limit,
      };
      const { total, counts: counted, alerts } = shownPage(everyAlert(options), question);
      const paged = openPages(options);
      return {
        at: clock.now(),
        total,
        counts: { ...counted },
        rules: alertingRules(rules.groups()),
        alerts: alerts.map((one) => shownAlertJson(one, paged)),
      };
    },
  );
  app.get(
    '/api/v1/alerting/alerts/:id',
    {
      schema: {
        tags,
        summary: 'One alert, with its rule and how to draw its condition',
        params: z.object({
          id: z.string().regex(/^[0-9a-f]{16}$/, 'expected 16 hex digits, as in the field fingerprint'),
        }),
        response: {
          200: z.object({
            alert: shownAlert,
            rule: shownRule.nullable(),
            history_query: z
              .string()
              .describe('PromQL: when it was pending and fired; empty for one of others.'),
          }),
        },
      },
    },
    ({ params: { id } }) => {
      const alert = everyAlert(options).find(({ fingerprint }) => fingerprint === id);
      if (alert === undefined)
        throw alertErrors.make('unknownAlert', `no alert ${id} is pending or fires; it may be over`);
      const { own } = alert;
      return {
        alert: shownAlertJson(alert, openPages(options)),
        rule: own === null ? null : (shownRuleOf(rules.groups(), own.rule.id) ?? null),
        history_query: own === null ? '' : historyQuery(own),
      };
    },
  );
  previewRoute(app, options);
}

function previewRoute(app: HttpApp, options: PagesOptions): void {
  app.post(
    '/api/v1/alerting/silences/preview',
    {
      schema: {
        tags,
        summary: 'The alerts that a silence with these matchers would keep quiet',
        body: z.object({ matchers: z.array(matcher).min(1).max(100) }),
        response: { 200: z.object({ total: z.number(), alerts: z.array(shownAlert) }) },
      },
    },
    ({ body }) => {
      const matchers = reading(() => matchersOf({ matchers: body.matchers.map(matcherSpec) }));
      const touched = everyAlert(options).filter(({ labels }) => matchesAll(matchers, labels));
      const all = { filters: [], states: [], isReceiver: () => true, limit: MOST_PREVIEWED };
      const paged = openPages(options);
      const alerts = shownPage(touched, all).alerts.map((one) => shownAlertJson(one, paged));
      return { total: touched.length, alerts };
    },
  );
}

function everyAlert({ alertmanager, rules }: PagesOptions): readonly ShownAlert[] {
  return shownAlerts(ruleAlerts(rules.groups(), rules.externalLabels), alertmanager.received(), (labels) =>
    alertmanager.receiversOf(labels),
  );
}

function openPages({ alertmanager }: PagesOptions): PagedAlerts {
  return pagedAlerts(alertmanager.onCall.escalations.book.open());
}

function alertingRules(groups: ReturnType<PagesOptions['rules']['groups']>): number {
  return groups.reduce(
    (sum, { group }) => sum + group.rules.filter(({ kind }) => kind === 'alerting').length,
    0,
  );
}

/** How many alerts there are of each state, and how loud they are. Cheaper than their list: the live stream tells them. */
export function alertCounts({ alertmanager, rules }: Omit<PagesOptions, 'clock'>): Readonly<ShownCounts> {
  const counted = noneShown();
  for (const received of alertmanager.received())
    countShown(counted, stateOf(received), received.alert.labels);
  for (const { state } of rules.groups())
    for (const { alerts } of state.rules)
      for (const alert of alerts.values()) if (alert.state === 'pending') counted.pending++;
  return counted;
}
