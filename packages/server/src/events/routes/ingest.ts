import type { Counter } from 'prom-client';
import { z } from 'zod';
import { type JsonPieces, sendPieces } from '../../http/json-stream.ts';
import { renderPharosError } from '../../http/render.ts';
import type { ApiModule } from '../../http/types.ts';
import { eventsErrors } from '../errors.ts';
import type { BatchOutcome, EventDoors } from '../ingest/doors.ts';
import { BATCH_LIMIT, bytesOf, takeBytes } from './bodies.ts';
import { batchAnswer, eventBody, verdictAnswer } from './shapes.ts';
import { verdictText } from './texts.ts';

export interface IngestApiDeps {
  readonly doors: EventDoors;
  readonly repeats: Counter;
}

const tags = ['events'];
const MOST_ERRORS_TOLD = 20;

/** `POST /api/v1/monitoring/events` and `/events/batch` (SPEC 5). */
export function eventIngestApi({ doors, repeats }: IngestApiDeps): ApiModule {
  return {
    name: 'event-ingest',
    renderError: renderPharosError,
    register(app) {
      takeBytes(app);
      app.post(
        '/api/v1/monitoring/events',
        {
          compress: false,
          config: { readsBody: eventBody },
          schema: {
            tags,
            summary: 'Judges one event: {source, event_type, data, metadata, timestamp?, id?}',
            response: { 200: verdictAnswer },
          },
        },
        async ({ tenant, body }, reply) => {
          const { event, duplicate } = await doors.one(tenant, bytesOf(body));
          if (duplicate) repeats.inc();
          return sendPieces(reply.type('application/json'), [verdictText(event, duplicate)]);
        },
      );
      app.post(
        '/api/v1/monitoring/events/batch',
        {
          bodyLimit: BATCH_LIMIT,
          config: { readsBody: z.array(eventBody) },
          schema: {
            tags,
            summary: 'Judges many events: a JSON array, or one JSON object per line; valid ones are kept',
            querystring: z.object({
              verdicts: z
                .enum(['all', 'abnormal', 'none'])
                .default('all')
                .describe('Which verdicts the answer carries.'),
            }),
            response: { 200: batchAnswer },
          },
        },
        async ({ tenant, body, query }, reply) => {
          const outcome = await doors.batch(tenant, bytesOf(body));
          const accepted = outcome.judged.filter((one) => one?.duplicate === false).length;
          const duplicates = outcome.judged.filter((one) => one?.duplicate === true).length;
          repeats.inc(duplicates);
          if (accepted + duplicates === 0) throw allRefused(outcome);
          void reply.type('application/json');
          return sendPieces(reply, batchPieces(outcome, { accepted, duplicates }, query.verdicts));
        },
      );
    },
  };
}

function allRefused({ errors }: BatchOutcome): Error {
  const [first] = errors;
  return eventsErrors.make(
    'badBatch',
    `none of ${errors.length} items is an event; item ${first?.index}: ${first?.message}`,
    {
      details: { errors: errors.slice(0, MOST_ERRORS_TOLD) },
    },
  );
}

function* batchPieces(
  { judged, errors }: BatchOutcome,
  { accepted, duplicates }: { readonly accepted: number; readonly duplicates: number },
  wanted: 'all' | 'abnormal' | 'none',
): JsonPieces {
  yield `{"total":${judged.length},"accepted":${accepted},"duplicates":${duplicates},"rejected":${errors.length},"verdicts":[`;
  let first = true;
  if (wanted !== 'none')
    for (const [index, one] of judged.entries()) {
      if (one === undefined || (wanted === 'abnormal' && one.event.status === 'NORMAL')) continue;
      yield `${first ? '' : ','}${verdictText(one.event, one.duplicate, index)}`;
      first = false;
    }
  yield `],"errors":${JSON.stringify(errors)}}`;
}
