import { expect } from 'vitest';
import type { Json } from './bad-values.ts';

/** A request that must be taken, however much nonsense comes beside it. */
export interface ValidRequest {
  /** Values of the path's parameters. */
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: string;
  readonly body?: Json;
  /** Instead of a body of JSON. */
  readonly text?: string;
  /** Where it can be read afterwards, and how it looks there. */
  readonly kept?: (answer: unknown) => { readonly path: string; readonly shape: object };
}

/** What a round has made so far, by what it is: `probe`, `window`, `incident` ... */
export type Made = Map<string, string>;

export interface ValidDoor {
  readonly request: (label: string, made: Made) => ValidRequest;
  /** Under which word, and which field of the answer, later requests of the round find what it made. */
  readonly makes?: readonly [word: string, field: string];
  /** Takes away what the round made: not done with what is to last. */
  readonly removes?: true;
  /** Once is enough, or all that is allowed. */
  readonly once?: true;
  /** Is told to come again while a change of the rules has the same done. */
  readonly waits?: true;
  /** What the first round keeps here is looked for after every round, and at the end. */
  readonly lasts?: true;
}

const MONITORING = '/api/v1/monitoring';
const counts = {
  requests: 0,
  total_successes: 0,
  total_failures: 0,
  consecutive_successes: 0,
  consecutive_failures: 0,
};
const rule = (label: string) => ({ name: label, when: 'data.never == "said"', message: '{data.never}' });
export const probe = (label: string) => ({
  type: 'http',
  name: label,
  target: 'http://192.0.2.1/',
  interval: '1h',
  service: label,
});
const alertRule = (label: string) => ({ alert: label, expr: 'never > 1', labels: { severity: 'info' } });
const window = (label: string) => ({ title: label, at: '02:30', duration: '90m', tags: [label] });
export const error = (label: string, name: string) => ({
  service: label,
  name,
  message: `${label} is broken`,
  type: 'internal',
  severity: 'high',
});
const SOURCE_MAP = '{"version":3,"sources":["a.ts"],"names":[],"mappings":"AAAA"}';
const of = (made: Made, word: string): string => made.get(word) ?? 'none';
const byId = (made: Made, word: string) => ({ id: of(made, word) });

/** What stands in an answer at a path such as `archive.name`. */
export function fieldOf(answer: unknown, path: string): string {
  let at = answer;
  for (const field of path.split('.'))
    at = at !== null && typeof at === 'object' ? Reflect.get(at, field) : undefined;
  return String(at);
}

const foundBy = (at: string, shape: object) => (answer: unknown) => ({
  path: `${at}/${fieldOf(answer, 'id')}`,
  shape,
});
const listedIn = (path: string, list: string) => (answer: unknown) => ({
  path,
  shape: { [list]: expect.arrayContaining([expect.objectContaining({ id: fieldOf(answer, 'id') })]) },
});

/** 32 hex digits of a label. */
export function eventIdOf(label: string): string {
  return Buffer.from(label).toString('hex').padStart(32, '0').slice(-32);
}

/** Every door that writes, in the order in which a round asks them. */
export const VALID: Readonly<Record<string, ValidDoor>> = {
  [`POST ${MONITORING}/events`]: {
    request: (label) => ({
      body: { id: label, source: label, event_type: 'a', data: { latency: 1, status: 'success', output: 1 } },
      kept: () => ({ path: `${MONITORING}/logs/${label}`, shape: { source: label } }),
    }),
  },
  [`POST ${MONITORING}/events/batch`]: {
    request: (label) => ({
      text: `{"id":"${label}-b","source":"${label}","event_type":"a","data":{}}\nnonsense\n`,
      kept: () => ({ path: `${MONITORING}/logs/${label}-b`, shape: { source: label } }),
    }),
  },
  [`POST ${MONITORING}/logs/query`]: { request: (label) => ({ body: { source: label } }) },
  [`POST ${MONITORING}/analysis/llm`]: {
    request: (label) => ({ body: { lookback_minutes: 1, focus_areas: [label] } }),
  },
  [`POST ${MONITORING}/analysis/re-evaluate`]: {
    request: () => ({ query: 'lookback_minutes=1' }),
    waits: true,
  },
  [`POST ${MONITORING}/rules`]: {
    request: (label) => ({
      body: rule(label),
      kept: () => ({ path: `${MONITORING}/rules/${label}`, shape: rule(label) }),
    }),
    makes: ['rule', 'name'],
    lasts: true,
  },
  [`PUT ${MONITORING}/rules/{name}`]: {
    lasts: true,
    request: (label) => ({
      params: { name: label },
      body: { ...rule(label), suggestion: label },
      kept: () => ({ path: `${MONITORING}/rules/${label}`, shape: { suggestion: label } }),
    }),
  },
  [`POST ${MONITORING}/rules/test`]: { request: (label) => ({ body: { rule: rule(label) } }) },
  [`DELETE ${MONITORING}/rules/{name}`]: {
    request: (label) => ({ params: { name: label } }),
    removes: true,
  },
  [`POST ${MONITORING}/maintenance/cleanup`]: {
    request: () => ({ query: 'older_than_hours=0' }),
    once: true,
  },
  [`POST ${MONITORING}/maintenance/restore`]: {
    request: (_, made) => ({ body: { archive: of(made, 'archive') } }),
    once: true,
  },
  'POST /api/v1/breakers/report': {
    request: (label) => ({
      body: {
        service: label,
        instance: 'a',
        session: label,
        commands: true,
        breakers: [
          {
            name: `${label}-client`,
            service: 'kept',
            state: 'OPEN',
            counts,
            last_change: null,
            actions: ['reset'],
          },
        ],
      },
      kept: () => ({
        path: `/api/v1/breakers?service=${label}`,
        shape: { breakers: [{ name: `${label}-client`, state: 'OPEN' }] },
      }),
    }),
  },
  'POST /api/v1/breakers/commands': {
    request: (label) => ({ body: { action: 'reset', service: label, reason: label } }),
  },
  'POST /api/v1/breakers/poll': {
    request: (label) => ({ body: { service: label, instance: 'a', session: label } }),
  },
  'POST /monitoring/circuit-breakers/reset': { request: () => ({ query: 'service=kept' }) },
  'POST /api/errors': {
    lasts: true,
    request: (label) => ({
      text: `nonsense\n${JSON.stringify({ id: eventIdOf(label), ...error(label, 'TypeError') })}\n{"message":5}`,
      kept: () => ({ path: `/api/v1/errors/events/${eventIdOf(label)}`, shape: { id: eventIdOf(label) } }),
    }),
  },
  'POST /api/{project}/store/': {
    lasts: true,
    request: (label) => ({
      params: { project: '1' },
      query: 'sentry_key=a',
      body: { event_id: eventIdOf(`s-${label}`), message: label, tags: { service: label } },
      kept: () => ({
        path: `/api/v1/errors/events/${eventIdOf(`s-${label}`)}`,
        shape: { id: eventIdOf(`s-${label}`) },
      }),
    }),
  },
  'POST /api/{project}/envelope/': {
    lasts: true,
    request: (label) => ({
      params: { project: '1' },
      query: 'sentry_key=a',
      text: `{}\n{"type":"event"}\n{"event_id":"${eventIdOf(`e-${label}`)}","message":"${label}","tags":{"service":"${label}"}}\nnonsense`,
      kept: () => ({
        path: `/api/v1/errors/events/${eventIdOf(`e-${label}`)}`,
        shape: { id: eventIdOf(`e-${label}`) },
      }),
    }),
  },
  'POST /api/v1/errors/groups/{id}/resolve': { request: (_, made) => ({ params: byId(made, 'group') }) },
  'POST /api/v1/errors/groups/{id}/reopen': { request: (_, made) => ({ params: byId(made, 'group') }) },
  'POST /api/v1/errors/groups/{id}/ignore': {
    request: (_, made) => ({ params: byId(made, 'group'), body: { count: 1000 } }),
  },
  'POST /api/v1/errors/groups/{id}/merge': {
    request: (_, made) => ({ params: byId(made, 'group'), body: { groups: [of(made, 'other group')] } }),
    once: true,
  },
  'POST /api/v1/errors/source-maps': {
    request: (label) => ({
      query: `release=${label}&file=${label}.js`,
      text: SOURCE_MAP,
      kept: listedIn('/api/v1/errors/source-maps', 'maps'),
    }),
    makes: ['map', 'id'],
    lasts: true,
  },
  'DELETE /api/v1/errors/source-maps/{id}': {
    request: (_, made) => ({ params: byId(made, 'map') }),
    removes: true,
  },
  'POST /api/v1/probes': {
    request: (label) => ({
      body: probe(label),
      kept: foundBy('/api/v1/probes', { definition: { name: label, target: 'http://192.0.2.1/' } }),
    }),
    makes: ['probe', 'id'],
    lasts: true,
  },
  'PUT /api/v1/probes/{id}': {
    request: (label, made) => ({
      params: byId(made, 'probe'),
      body: { ...probe(label), tags: [label] },
      kept: foundBy('/api/v1/probes', { definition: { tags: [label] } }),
    }),
  },
  'POST /api/v1/probes/{id}/pause': { request: (_, made) => ({ params: byId(made, 'probe') }) },
  'POST /api/v1/probes/{id}/resume': { request: (_, made) => ({ params: byId(made, 'probe') }) },
  'POST /api/v1/probes/{id}/test': { request: (_, made) => ({ params: byId(made, 'probe') }) },
  'POST /api/v1/probes/test': { request: (label) => ({ body: probe(label) }) },
  'GET /runbooks/{name}': { request: () => ({ params: { name: 'errors' } }) },
  'GET /api/v1/heartbeat/{token}': {
    request: (_, made) => ({ params: { token: of(made, 'token') }, query: 'status=up&msg=well' }),
  },
  'POST /api/v1/heartbeat/{token}': { request: (_, made) => ({ params: { token: of(made, 'token') } }) },
  'POST /api/v1/probes/maintenance': {
    request: (label) => ({
      body: window(label),
      kept: listedIn('/api/v1/probes/maintenance', 'windows'),
    }),
    makes: ['window', 'id'],
    lasts: true,
  },
  'PUT /api/v1/probes/maintenance/{id}': {
    request: (label, made) => ({
      params: byId(made, 'window'),
      body: { ...window(label), days: ['mon'] },
    }),
  },
  'DELETE /api/v1/probes/maintenance/{id}': {
    request: (_, made) => ({ params: byId(made, 'window') }),
    removes: true,
  },
  'DELETE /api/v1/probes/{id}': { request: (_, made) => ({ params: byId(made, 'probe') }), removes: true },
  'PUT /api/v1/status-page': {
    request: (label, made) => ({
      body: {
        enabled: true,
        title: label,
        webhooks: true,
        groups: [{ name: label, components: [{ name: label, of: { probe: of(made, 'lasting probe') } }] }],
      },
      kept: () => ({ path: '/api/v1/status-page', shape: { page: { title: label } } }),
    }),
  },
  'POST /status/subscribe': {
    request: (label) => ({ body: { address: `http://${label}.invalid/hook` } }),
    once: true,
  },
  'POST /api/v1/status-page/incidents': {
    request: (label) => ({
      body: { title: label, text: label },
      kept: listedIn('/api/v1/status-page/incidents', 'incidents'),
    }),
    makes: ['incident', 'id'],
    lasts: true,
  },
  'POST /api/v1/status-page/incidents/{id}/updates': {
    request: (label, made) => ({ params: byId(made, 'incident'), body: { phase: 'resolved', text: label } }),
  },
  'DELETE /api/v1/status-page/incidents/{id}': {
    request: (_, made) => ({ params: byId(made, 'incident') }),
    removes: true,
  },
  'DELETE /api/v1/status-page/subscribers/{id}': {
    request: (_, made) => ({ params: byId(made, 'subscriber') }),
    once: true,
  },
  'POST /api/v1/annotations': {
    request: (label) => ({
      body: { id: label, title: label, kind: 'deployment', service: label },
      kept: listedIn('/api/v1/annotations', 'annotations'),
    }),
    makes: ['annotation', 'id'],
    lasts: true,
  },
  'DELETE /api/v1/annotations/{id}': {
    request: (_, made) => ({ params: byId(made, 'annotation') }),
    removes: true,
  },
  'POST /api/v2/alerts': {
    request: (label) => ({
      body: [{ labels: { alertname: label }, annotations: {}, generatorURL: 'http://192.0.2.1/' }],
      kept: () => ({
        path: `/api/v2/alerts?filter=alertname%3D${label}`,
        shape: [{ labels: { alertname: label } }],
      }),
    }),
  },
  'POST /api/v2/silences': {
    request: (label) => ({
      body: {
        matchers: [{ name: 'alertname', value: label, isRegex: false, isEqual: true }],
        startsAt: '2040-01-01T00:00:00Z',
        endsAt: '2041-01-01T00:00:00Z',
        createdBy: 'fuzz',
        comment: label,
      },
      kept: (answer) => ({
        path: `/api/v2/silence/${fieldOf(answer, 'silenceID')}`,
        shape: { comment: label, status: { state: 'pending' } },
      }),
    }),
    makes: ['silence', 'silenceID'],
    lasts: true,
  },
  'DELETE /api/v2/silence/{id}': {
    request: (_, made) => ({ params: byId(made, 'silence') }),
    removes: true,
  },
  'POST /api/v1/alerting/maintenance': {
    request: (label) => ({
      body: { name: label, matchers: [`team="${label}"`], at: '02:30', duration: '90m', days: ['sun'] },
      kept: (answer) => listedIn('/api/v1/alerting/maintenance', 'windows')(answer),
    }),
    makes: ['alert window', 'id'],
    lasts: true,
  },
  'DELETE /api/v1/alerting/maintenance/{id}': {
    request: (_, made) => ({ params: byId(made, 'alert window') }),
    removes: true,
  },
  'POST /api/v1/oncall/schedules/{name}/overrides': {
    request: () => ({
      params: { name: 's' },
      body: { person: 'ada', from: 4_000_000_000_000, until: 4_000_000_100_000 },
      kept: (answer) => ({
        path: '/api/v1/oncall/schedules',
        shape: {
          schedules: [
            { overrides: expect.arrayContaining([expect.objectContaining({ id: fieldOf(answer, 'id') })]) },
          ],
        },
      }),
    }),
    makes: ['override', 'id'],
  },
  'DELETE /api/v1/oncall/schedules/{name}/overrides/{id}': {
    request: (_, made) => ({ params: { name: 's', ...byId(made, 'override') } }),
    removes: true,
  },
  ...Object.fromEntries(
    ['acknowledge', 'unacknowledge', 'escalate'].map((act) => [
      `POST /api/v1/oncall/pages/{id}/${act}`,
      {
        request: (label: string, made: Made) => ({
          params: byId(made, 'paged'),
          body: { by: label },
          kept: () => ({ path: `/api/v1/oncall/pages/${of(made, 'paged')}`, shape: { receiver: 'pager' } }),
        }),
      },
    ]),
  ),
  'PATCH /api/v1/incidents/{id}': {
    request: (label, made) => ({
      params: byId(made, 'alert incident'),
      body: { by: label, title: label, severity: 'high', assignee: 'ada' },
      kept: () => ({
        path: `/api/v1/incidents/${of(made, 'alert incident')}`,
        shape: { incident: { title: label } },
      }),
    }),
  },
  'POST /api/v1/incidents/{id}/notes': {
    request: (label, made) => ({
      params: byId(made, 'alert incident'),
      body: { by: label, text: label },
      kept: () => ({
        path: `/api/v1/incidents/${of(made, 'alert incident')}`,
        shape: {
          incident: { note_list: expect.arrayContaining([expect.objectContaining({ text: label })]) },
        },
      }),
    }),
  },
  ...Object.fromEntries(
    ['resolve', 'reopen'].map((act) => [
      `POST /api/v1/incidents/{id}/${act}`,
      {
        request: (label: string, made: Made) => ({
          params: byId(made, 'alert incident'),
          body: { by: label },
        }),
      },
    ]),
  ),
  'POST /api/v1/incidents/{id}/merge': {
    request: (label, made) => ({
      params: byId(made, 'alert incident'),
      body: { by: label, other: of(made, 'other incident') },
    }),
  },
  'POST /api/v1/incidents/{id}/split': {
    request: (label, made) => ({
      params: byId(made, 'alert incident'),
      body: { by: label, fingerprints: [of(made, 'other alert')] },
    }),
    makes: ['other incident', 'id'],
  },
  'POST /api/v1/incidents/{id}/unmerge': {
    request: (label, made) => ({
      params: byId(made, 'alert incident'),
      body: { by: label, other: of(made, 'other incident') },
    }),
  },
  'POST /api/v1/oncall/acknowledge': {
    request: (label, made) => ({ body: { pages: [of(made, 'paged')], by: label } }),
  },
  'POST /api/v1/alerting/silences/preview': {
    request: (label) => ({ body: { matchers: [{ name: 'alertname', value: label, isRegex: false }] } }),
  },
  'POST /api/v1/alerting/own-rules': {
    request: (label) => ({
      body: { rule: alertRule(label) },
      kept: (answer) => ({
        path: `/api/v1/alerting/own-rules/${fieldOf(answer, 'id')}`,
        shape: { rule: { alert: label } },
      }),
    }),
    makes: ['own rule', 'id'],
    lasts: true,
  },
  'PUT /api/v1/alerting/own-rules/{id}': {
    request: (label, made) => ({
      params: byId(made, 'own rule'),
      body: { rule: { ...alertRule(label), annotations: { summary: label } } },
      kept: () => ({
        path: `/api/v1/alerting/own-rules/${of(made, 'own rule')}`,
        shape: { rule: { annotations: { summary: label } } },
      }),
    }),
  },
  'DELETE /api/v1/alerting/own-rules/{id}': {
    request: (_, made) => ({ params: byId(made, 'own rule') }),
    removes: true,
  },
  'POST /api/v1/alerting/rules/back-test': {
    request: (label) => ({ body: { rule: alertRule(label), window: '5m' } }),
  },
  'POST /api/v1/alerting/rules/preview': { request: (label) => ({ body: { rule: alertRule(label) } }) },
  'POST /api/v1/alerting/routes/test': { request: (label) => ({ body: { labels: { team: label } } }) },
  'POST /api/health/{service}': {
    request: (label) => ({ params: { service: label }, body: { status: 'degraded' } }),
  },
  'POST /api/metrics/http': {
    request: (label) => ({
      body: { method: 'GET', route: '/a', status: 200, duration: 0.1, service: label },
    }),
  },
  'POST /api/metrics/users': { request: (label) => ({ body: { count: 3, service: label } }) },
};

/** Doors that read one thing: which of the things a round makes. */
export const READS: Readonly<Record<string, string>> = {
  [`GET ${MONITORING}/logs/{id}`]: 'event',
  [`GET ${MONITORING}/rules/{name}`]: 'rule',
  'GET /api/v1/errors/groups/{id}': 'group',
  'GET /api/v1/errors/groups/{id}/events': 'group',
  'GET /api/v1/errors/events/{id}': 'error',
  'GET /api/v1/alerting/alerts/{id}': 'alert',
  'GET /api/v1/alerting/alerts/{id}/why': 'alert',
  'GET /api/v1/alerting/rules/{id}': 'own rule',
  'GET /api/v1/alerting/own-rules/{id}': 'own rule',
  'GET /api/v1/incidents/{id}': 'alert incident',
  'GET /api/v1/incidents/{id}/root_cause': 'alert incident',
  'GET /api/v1/incidents/{id}/export.md': 'alert incident',
  'GET /api/v2/silence/{id}': 'silence',
  'GET /api/v1/oncall/pages/{id}': 'paged',
  'GET /api/v1/oncall/schedules/{name}/shifts': 'schedule',
  'GET /api/v1/oncall/schedules/{name}/weeks': 'schedule',
  'GET /api/v1/oncall/schedules/{name}/calendar.ics': 'schedule',
  'GET /api/v1/slos/{name}': 'slo',
  'GET /api/v1/probes/{id}': 'probe',
  'GET /api/v1/probes/{id}/history': 'probe',
  'GET /status/badges/{id}/{kind}': 'page',
};

/** Doors of which no request of a test is taken: only who was written to gets their token. */
export const UNREACHED: ReadonlySet<string> = new Set([
  'GET /acknowledge',
  'POST /acknowledge',
  'GET /status/confirm/{token}',
  'POST /status/confirm/{token}',
  'GET /status/unsubscribe/{token}',
  'POST /status/unsubscribe/{token}',
]);

/** Doors whose answer comes late or never ends: their answer's head is enough, or that they hold the question. */
export const HELD: ReadonlySet<string> = new Set([
  `GET ${MONITORING}/stream`,
  'GET /api/v1/stream',
  'POST /api/v1/breakers/poll',
]);
