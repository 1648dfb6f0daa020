import { z } from 'zod';
import { forDefaultTenant } from '../../http/default-tenant.ts';
import type { ApiModule, ErrorRenderer, HttpApp } from '../../http/types.ts';
import type { Clock } from '../../kernel/clock.ts';
import type { Alertmanager } from '../alertmanager.ts';
import { alertErrors, noAlertmanager } from '../errors.ts';
import { listOf, reading, repeated } from './asked.ts';
import { parseFilters, receiverFilter, silencePasses } from './filters.ts';
import { postedAlerts, postedAlertsOf } from './posted-alerts.ts';
import type { AlertQuery } from './query.ts';
import { gettableSilence, postableSilence, sortSilences, wantedSilence } from './silences.ts';
import { alertmanagerStatus } from './status.ts';

export interface AlertmanagerApiOptions {
  readonly alertmanager: Alertmanager;
  readonly clock: Clock;
  readonly version: string;
}

const tags = ['alertmanager'];
const AT = '/api/v2';
const MAX_BODY = 32 * 1024 * 1024;

/** Alertmanager answers failures with a JSON text. */
const renderText: ErrorRenderer = (error, _request, reply) => {
  void reply.type('application/json; charset=utf-8');
  return JSON.stringify(error.message);
};

/** Go's words for true and false. */
const flag = z.string().optional();
const TRUE: ReadonlySet<string> = new Set([
  'true',
  '1',
  'yes',
  'ok',
  'y',
  'on',
  'selected',
  'checked',
  't',
  'enabled',
]);

const alertParams = z.object({
  active: flag,
  silenced: flag,
  inhibited: flag,
  unprocessed: flag,
  receiver: z.string().optional().describe('A pattern of names, anchored.'),
  filter: repeated.describe('Matchers, such as `severity=~"warn.*"`; may be given again.'),
});
const groupParams = alertParams.extend({ muted: flag });
const byId = z.object({ id: z.string().min(1).max(100) });

/** `/api/v2`: Alertmanager's API, for Prometheus, amtool and whoever else speaks to one. */
export function alertmanagerApi(options: AlertmanagerApiOptions): ApiModule {
  return {
    name: 'alertmanager',
    early: true,
    renderError: renderText,
    register(app) {
      forDefaultTenant(app, noAlertmanager);
      about(app, options);
      alerts(app, options);
      silences(app, options);
    },
  };
}

function about(app: HttpApp, { alertmanager, version }: AlertmanagerApiOptions): void {
  app.get(
    `${AT}/status`,
    { schema: { tags, summary: 'Version, start and configuration; secrets are masked' } },
    () => alertmanagerStatus(alertmanager.config.shown, version, alertmanager.startedAt),
  );
  app.get(`${AT}/receivers`, { schema: { tags, summary: 'Names of the receivers' } }, () =>
    alertmanager.config.receivers.map(({ name }) => ({ name })),
  );
}

function alerts(app: HttpApp, { alertmanager }: AlertmanagerApiOptions): void {
  app.get(
    `${AT}/alerts`,
    { schema: { tags, summary: 'Alerts that have not ended', querystring: alertParams } },
    ({ query }) => alertmanager.alerts(queryOf(query)),
  );
  app.get(
    `${AT}/alerts/groups`,
    { schema: { tags, summary: 'Alerts by the groups they are told of in', querystring: groupParams } },
    ({ query }) => alertmanager.groups({ ...queryOf(query), isMutedWanted: isWanted(query.muted) }),
  );
  app.post(
    `${AT}/alerts`,
    {
      bodyLimit: MAX_BODY,
      schema: { tags, summary: 'Takes alerts; 200 when they are on disk', body: postedAlerts },
    },
    async ({ body }, reply) => {
      const refusals = await alertmanager.receive(postedAlertsOf(body));
      if (refusals.length > 0) throw alertErrors.make('invalid', refusals.join('; '));
      return await reply.code(200).send();
    },
  );
}

function silences(app: HttpApp, { alertmanager, clock }: AlertmanagerApiOptions): void {
  const store = alertmanager.silences;
  app.get(
    `${AT}/silences`,
    { schema: { tags, summary: 'Silences', querystring: z.object({ filter: repeated }) } },
    ({ query }) => {
      const filters = reading(() => parseFilters(listOf(query.filter)));
      const wanted = store.book.all().filter((silence) => silencePasses(silence, filters));
      const now = clock.now();
      return sortSilences(wanted, now).map((silence) => gettableSilence(silence, now));
    },
  );
  app.post(
    `${AT}/silences`,
    { schema: { tags, summary: 'Makes a silence, or changes the one of an id', body: postableSilence } },
    async ({ body }) => ({ silenceID: await store.set(wantedSilence(body)) }),
  );
  app.get(`${AT}/silence/:id`, { schema: { tags, summary: 'One silence', params: byId } }, ({ params }) => {
    const silence = store.book.get(params.id);
    if (silence === undefined) throw alertErrors.make('unknownSilence', 'silence not found');
    return gettableSilence(silence, clock.now());
  });
  app.delete(
    `${AT}/silence/:id`,
    { schema: { tags, summary: 'Ends a silence', params: byId } },
    async ({ params }, reply) => {
      await store.expire(params.id);
      return await reply.code(200).send();
    },
  );
}

function queryOf(query: z.output<typeof alertParams>): AlertQuery {
  const isReceiver = reading(() => receiverFilter(query.receiver));
  return {
    filters: reading(() => parseFilters(listOf(query.filter))),
    wanted: {
      active: isWanted(query.active),
      silenced: isWanted(query.silenced),
      inhibited: isWanted(query.inhibited),
      unprocessed: isWanted(query.unprocessed),
    },
    isReceiver,
  };
}

function isWanted(word: string | undefined): boolean {
  return word === undefined || TRUE.has(word.toLowerCase());
}
