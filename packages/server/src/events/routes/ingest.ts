import type { Counter } from 'prom-client';
import { z } from 'zod';
import { type JsonPieces, sendPieces } from '../../http/json-stream.ts';
import { renderPharosError } from '../../http/render.ts';
import type { ApiModule } from '../../http/types.ts';
import { eventsErrors } from '../errors.ts';
import type { RenderVerdict } from '../ingest/batch-answers.ts';
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

/** `POST /api/v1/monitoring/events` and `/events/batch`. */
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
          const outcome = await doors.batch(tenant, bytesOf(body), RENDERED[query.verdicts]);
          repeats.inc(outcome.duplicates);
          if (outcome.accepted + outcome.duplicates === 0) throw allRefused(outcome);
          return sendPieces(reply.type('application/json'), batchPieces(outcome));
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

const RENDERED: Readonly<Record<'all' | 'abnormal' | 'none', RenderVerdict>> = {
  all: verdictText,
  abnormal: (event, duplicate, index) =>
    event.status === 'NORMAL' ? '' : verdictText(event, duplicate, index),
  none: () => '',
};

function* batchPieces({ total, accepted, duplicates, errors, verdicts }: BatchOutcome): JsonPieces {
  yield `{"total":${total},"accepted":${accepted},"duplicates":${duplicates},"rejected":${errors.length},"verdicts":[`;
  yield* verdicts;
  yield `],"errors":${JSON.stringify(errors)}}`;
}
