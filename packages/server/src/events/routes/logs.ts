import { z } from 'zod';
import { sendPieces } from '../../http/json-stream.ts';
import { renderPharosError } from '../../http/render.ts';
import { instant } from '../../http/times.ts';
import type { ApiModule } from '../../http/types.ts';
import { eventsErrors } from '../errors.ts';
import { DECISIONS, STATUSES } from '../event.ts';
import type { EventFilter } from '../store/filter.ts';
import type { EventPage, EventReader } from '../store/reader.ts';
import type { StoredEvent } from '../store/stored-event.ts';
import { type Bands, SCORE_ROWS, scoreRowOf, WEIGHTS } from '../verdict.ts';
import { logEntry, logsAnswer } from './shapes.ts';
import { entryText } from './texts.ts';

const tags = ['events'];
const MOST_LIMIT = 1000;
const MOST_OFFSET = 1_000_000;

/** One or many, in a list or repeated, separated by commas too. */
const texts = z
  .union([z.string(), z.array(z.string())])
  .nullish()
  .transform((value) => {
    const all = value == null ? [] : [value].flat().flatMap((text) => text.split(','));
    const named = all.map((text) => text.trim()).filter((text) => text !== '');
    return named.length === 0 ? undefined : named;
  });

const statuses = texts
  .transform((all) => all?.map((text) => text.toUpperCase()))
  .pipe(z.array(z.enum(STATUSES)).optional())
  .describe('Only these; repeat it, or separate with commas.');

const decisions = texts
  .transform((all) => all?.map((text) => text.toUpperCase()))
  .pipe(z.array(z.enum(DECISIONS)).optional())
  .describe('Only these decisions.');

const filter = z.object({
  status: statuses,
  decision: decisions,
  source: texts.describe('Only these sources.'),
  event_type: texts.describe('Only these types.'),
  rule: texts.describe('Only events in which one of these rules found something.'),
  start_time: instant.nullish().describe('The first moment.'),
  end_time: instant.nullish().describe('The last moment.'),
});

const queryFilter = filter.extend({
  limit: z.coerce.number().int().min(1).max(MOST_LIMIT).default(100),
  offset: z.coerce.number().int().min(0).max(MOST_OFFSET).default(0),
});

const bodyFilter = filter.extend({
  limit: z.number().int().min(1).max(MOST_LIMIT).default(100),
  offset: z.number().int().min(0).max(MOST_OFFSET).default(0),
});

type LogsQuery = z.output<typeof queryFilter>;

/** `GET /api/v1/monitoring/logs`, `POST /logs/query`, and one event by its id. */
export function eventLogsApi(reader: EventReader, bands: Bands): ApiModule {
  return {
    name: 'event-logs',
    renderError: renderPharosError,
    register(app) {
      const summary = 'Judged events, filtered, newest first';
      app.get(
        '/api/v1/monitoring/logs',
        { schema: { tags, summary, querystring: queryFilter, response: { 200: logsAnswer } } },
        async ({ tenant, query, signal }, reply) => {
          const page = await pageOf(reader, tenant, query, signal);
          return sendPieces(reply.type('application/json'), pieces(page, query));
        },
      );
      app.post(
        '/api/v1/monitoring/logs/query',
        { schema: { tags, summary, body: bodyFilter.nullish(), response: { 200: logsAnswer } } },
        async ({ tenant, body }, reply) => {
          const query = body ?? bodyFilter.parse({});
          // Not with the request's signal: of a request with a body it ends with the body.
          const page = await pageOf(reader, tenant, query);
          return sendPieces(reply.type('application/json'), pieces(page, query));
        },
      );
      app.get(
        '/api/v1/monitoring/logs/:id',
        {
          schema: {
            tags,
            summary:
              'One judged event, with the row of the table that gave its score and what it was compared with',
            params: z.object({ id: z.string().min(1).max(200) }),
            response: {
              200: logEntry.extend({
                received: z.string(),
                rule_version: z.number(),
                severity: severityAnswer,
                baseline: z
                  .array(
                    z.object({
                      field: z.string(),
                      value: z.number(),
                      count: z.number().describe('Values before.'),
                      mean: z.number(),
                      deviation: z.number().describe('Standard deviation.'),
                    }),
                  )
                  .describe("The source's own history as of the event."),
              }),
            },
          },
        },
        async ({ tenant, params }, reply) => {
          const event = await reader.one(tenant, params.id);
          if (event === undefined)
            throw eventsErrors.make('unknownEvent', `there is no event "${params.id}"`);
          const { names, values, counts, means, variances } = event.baseline;
          const baseline = names.map((field, i) => ({
            field,
            value: values[i],
            count: counts[i],
            mean: means[i],
            deviation: Math.sqrt(variances[i]),
          }));
          const more = JSON.stringify({
            received: new Date(event.received).toISOString(),
            rule_version: event.ruleVersion,
            severity: severityOf(event, bands),
            baseline,
          });
          return sendPieces(reply.type('application/json'), [
            `${entryText(event).slice(0, -1)},${more.slice(1)}`,
          ]);
        },
      );
    },
  };
}

const severityAnswer = z.object({
  row: z.string().describe('The row that gave the score.'),
  rows: z.array(z.object({ when: z.string(), scored: z.string() })),
  warning: z.number().describe('Score from which a verdict is WARNING today.'),
  critical: z.number(),
});

const weighed = z.array(z.object({ weight: z.enum(WEIGHTS), field: z.string() }));

function severityOf({ issues }: StoredEvent, { warning, critical }: Bands): z.output<typeof severityAnswer> {
  const row = scoreRowOf(weighed.parse(JSON.parse(issues)));
  return { row, rows: SCORE_ROWS.map((one) => ({ ...one })), warning, critical };
}

async function pageOf(
  reader: EventReader,
  tenant: string,
  query: LogsQuery,
  signal?: AbortSignal,
): Promise<EventPage> {
  const { start_time: from, end_time: last } = query;
  if (from != null && last != null && from > last)
    throw eventsErrors.make(
      'badParameter',
      `start_time ${new Date(from).toISOString()} is after end_time ${new Date(last).toISOString()}`,
    );
  const wanted: EventFilter = {
    statuses: query.status,
    decisions: query.decision,
    sources: query.source,
    eventTypes: query.event_type,
    rules: query.rule,
    from: from == null ? undefined : Math.max(0, Math.ceil(from)),
    // The last millisecond belongs to the window.
    to: last == null ? undefined : Math.max(0, Math.floor(last) + 1),
  };
  return await reader.page(tenant, wanted, {
    offset: query.offset,
    limit: query.limit,
    ...(signal !== undefined && { signal }),
  });
}

function* pieces({ total, events, warnings }: EventPage, { limit, offset }: LogsQuery) {
  yield `{"total":${total},"limit":${limit},"offset":${offset},"warnings":${JSON.stringify(warnings)},"logs":[`;
  for (const [i, event] of events.entries()) yield `${i === 0 ? '' : ','}${entryText(event)}`;
  yield ']}';
}
