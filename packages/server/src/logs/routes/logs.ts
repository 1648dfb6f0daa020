import { z } from 'zod';
import { sendPieces } from '../../http/json-stream.ts';
import { renderPharosError } from '../../http/render.ts';
import { instant, iso, nanosOf, windowQuery } from '../../http/times.ts';
import type { ApiModule, HttpApp } from '../../http/types.ts';
import type { Clock } from '../../kernel/clock.ts';
import type { ServiceNames } from '../../kernel/names.ts';
import { logsErrors } from '../errors.ts';
import { LOG_LEVELS } from '../level.ts';
import { type FoundLine, type LinePlace, type LineQuery, wordsOf } from '../store/query.ts';
import type { LogsStore } from '../store/store.ts';
import { timeOfNanos } from '../time.ts';

export interface LogsApiOptions {
  readonly store: Pick<LogsStore, 'search'>;
  readonly clock: Clock;
  readonly names: ServiceNames;
  /** Most lines of one answer. */
  readonly maxEntries: number;
}

/** `GET /api/logs`. */
export function logsApi(options: LogsApiOptions): ApiModule {
  return {
    name: 'logs',
    renderError: renderPharosError,
    register: (app) => searchRoute(app, options),
  };
}

const list = (what: string) =>
  z
    .union([z.string(), z.array(z.string())])
    .optional()
    .describe(what)
    .transform((value) =>
      value === undefined
        ? undefined
        : [value]
            .flat()
            .flatMap((text) => text.split(','))
            .filter((text) => text !== ''),
    );

const searchQuery = windowQuery.extend({
  start: instant.optional().describe('Where the window begins, instead of `window`.'),
  level: list('Only these levels; repeat it, or separate with commas.').pipe(
    z.array(z.enum(LOG_LEVELS)).optional(),
  ),
  q: z.string().max(2000).optional().describe('Words that must all be in the message, whatever their case.'),
  trace_id: z.string().max(64).optional(),
  request_id: z.string().max(200).optional(),
  correlation_id: z.string().max(200).optional(),
  user: z.string().max(200).optional().describe('Structured metadata `username`.'),
  direction: z.enum(['backward', 'forward']).default('backward').describe('Newest first, or oldest first.'),
  limit: z.coerce.number().int().min(1).default(100).describe('At most `logs.max_entries`.'),
  cursor: z.string().max(200).optional().describe('`next` of the answer before.'),
});

const logLine = z.object({
  timestamp: z.string().describe('ISO 8601 with nanoseconds.'),
  time_ns: z.string(),
  service: z.string(),
  level: z.string(),
  message: z.string(),
  trace_id: z.string(),
  span_id: z.string(),
  request_id: z.string(),
  labels: z.record(z.string(), z.string()).describe('Of the stream.'),
  metadata: z.record(z.string(), z.string()),
});

const searchAnswer = z.object({
  timestamp: z.string(),
  window: z.string(),
  services: z.array(z.string()).describe('The services of the lines in this answer.'),
  total: z.number().describe('Lines in this answer.'),
  next: z.string().nullable().describe('Give it as `cursor` to read on; null at the end.'),
  warnings: z.array(z.string()),
  logs: z.array(logLine),
});

function searchRoute(app: HttpApp, { store, clock, names, maxEntries }: LogsApiOptions): void {
  app.get(
    '/api/logs',
    {
      schema: {
        tags: ['logs'],
        summary: 'Log lines, filtered, newest first',
        querystring: searchQuery,
        response: { 200: searchAnswer },
      },
    },
    async ({ tenant, query, signal }, reply) => {
      const now = clock.now();
      const lines = await store.search(toLineQuery(tenant, query, now, names, maxEntries), signal);
      const last = lines.lines.at(-1);
      const answer: z.input<typeof searchAnswer> = {
        timestamp: iso(now),
        window: query.window.text,
        services: [...new Set(lines.lines.map(({ service }) => service))].sort(),
        total: lines.lines.length,
        next: lines.more && last !== undefined ? cursorText(last.place) : null,
        warnings: [...lines.warnings],
        logs: lines.lines.map(rendered),
      };
      // As text: to go through hundreds of lines once more and see that they are what the compiler says takes longer than to write them.
      return sendPieces(reply.type('application/json; charset=utf-8'), [JSON.stringify(answer)]);
    },
  );
}

function toLineQuery(
  tenant: string,
  query: z.output<typeof searchQuery>,
  now: number,
  names: ServiceNames,
  maxEntries: number,
): LineQuery {
  const end = query.end ?? now;
  const start = query.start ?? end - query.window.ms;
  if (start > end)
    throw logsErrors.make('badParameter', `start ${iso(start)} is after end ${iso(end)}, expected it before`);
  if (query.limit > maxEntries)
    throw logsErrors.make('badParameter', `limit ${query.limit}, expected at most ${maxEntries}`);
  const words = query.q === undefined ? undefined : wordsOf(query.q);
  if (words?.length === 0)
    throw logsErrors.make(
      'badParameter',
      `q ${JSON.stringify(query.q)} has no word, expected letters or digits`,
    );
  const metadata = new Map<string, string>();
  if (query.correlation_id !== undefined) metadata.set('correlation_id', query.correlation_id);
  if (query.user !== undefined) metadata.set('username', query.user);
  return {
    tenant,
    from: nanosOf(start),
    // The last millisecond belongs to the window.
    to: nanosOf(end) + 1_000_000n,
    direction: query.direction,
    limit: query.limit,
    ...(query.service !== undefined && { services: query.service.map((name) => names.canonical(name)) }),
    ...(query.level !== undefined && { levels: query.level }),
    ...(words !== undefined && { words }),
    ...(query.trace_id !== undefined && { trace: query.trace_id.toLowerCase() }),
    ...(query.request_id !== undefined && { request: query.request_id }),
    ...(metadata.size > 0 && { metadata }),
    ...(query.cursor !== undefined && { after: parseCursor(query.cursor) }),
  };
}

function cursorText({ time, stream, id }: LinePlace): string {
  return `${time}-${stream}-${id}`;
}

function parseCursor(text: string): LinePlace {
  const match = /^(\d{1,19})-(\d{1,20})-(\d{1,20})$/.exec(text);
  const [, time = '', stream = '', id = ''] = match ?? [];
  const place = match === null ? null : { time: BigInt(time), stream: BigInt(stream), id: BigInt(id) };
  if (place === null || place.stream >= 2n ** 64n || place.id >= 2n ** 64n)
    throw logsErrors.make(
      'badParameter',
      `cursor ${JSON.stringify(text)}, expected the \`next\` of an earlier answer`,
    );
  return place;
}

function rendered({ place, labels, metadata, ...line }: FoundLine): z.input<typeof logLine> {
  return {
    timestamp: isoNanos(place.time),
    time_ns: String(place.time),
    service: line.service,
    level: line.level,
    message: line.message,
    trace_id: line.trace,
    span_id: line.span,
    request_id: line.request,
    labels: Object.fromEntries(labels.toMap()),
    metadata: recordOf(metadata),
  };
}

/** Names come from outside: one may be `__proto__`. */
function recordOf(pairs: readonly string[]): Record<string, string> {
  const entries: [string, string][] = [];
  for (let i = 0; i < pairs.length; i += 2) entries.push([pairs[i] ?? '', pairs[i + 1] ?? '']);
  return Object.fromEntries(entries);
}

function isoNanos(time: bigint): string {
  const { ms, nanos } = timeOfNanos(time);
  return `${new Date(ms).toISOString().slice(0, -1)}${String(nanos).padStart(6, '0')}Z`;
}
