import type { LogEntry, LogResult } from '@pharos/logql';
import type { Labels } from '@pharos/promql';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { HttpApp } from '../../../http/types.ts';
import { logsErrors } from '../../errors.ts';
import { documented, GET_POST } from './docs.ts';
import { runGuarded } from './guarded.ts';
import { pathParams } from './labels.ts';
import { LokiParams } from './params.ts';
import type { QueryDeps } from './query.ts';

const DEFAULT_LINES = 1000;
const MOST_LINES = 5000;
const DEFAULT_FIELDS = 1000;
/** Values of a field that are listed with their counts. */
const MOST_LISTED = 100;
/** A label of more values tells no more than the line. */
const MOST_VALUES = 50;
const RANGE = [
  ['query', 'LogQL log query'],
  ['start', 'seconds, nanoseconds or RFC 3339; default an hour before the end'],
  ['end', 'the same; default now'],
] as const;
const LINES = [
  ...RANGE,
  ['line_limit', 'newest lines looked at; default 1000'],
  ['limit', 'most fields or values; default 1000'],
] as const;

/** What Logs Drilldown asks: which labels and fields there are, seen from the newest lines. */
export function registerDetectedRoutes(app: HttpApp, deps: QueryDeps): void {
  app.route({
    method: GET_POST,
    url: '/loki/api/v1/detected_labels',
    ...documented('Stream labels with few values.', RANGE),
    handler: (request, reply) => answerLabels(deps, request, reply),
  });
  app.route({
    method: GET_POST,
    url: '/loki/api/v1/detected_fields',
    ...documented('Fields of the newest lines: structured metadata, and what json and logfmt find.', [
      ...LINES,
      [
        'values',
        'so many of the most frequent values of each field, with how many lines have them; stream labels are fields then, too; default 0',
      ],
    ]),
    handler: async (request, reply) => {
      const params = new LokiParams(request);
      const limit = params.count('limit', DEFAULT_FIELDS);
      const most = params.count('values', 0, MOST_LISTED);
      const { fields, lines } = await fieldsOf(deps, 'detected_fields', { request, reply, params });
      const all = [...fields]
        .filter(([, { isLabel }]) => !isLabel || most > 0)
        .slice(0, limit)
        .map(([label, { values, parsers, isLabel }]) => ({
          label,
          type: typeOf(values),
          cardinality: values.size,
          parsers: parsers.size === 0 ? null : [...parsers].sort(),
          ...(most > 0 && { isLabel, values: frequent(values, most) }),
        }));
      const answer = { fields: all, limit, ...(most > 0 && { lines }) };
      return reply.type('application/json').send(JSON.stringify(answer));
    },
  });
  app.route({
    method: GET_POST,
    url: '/loki/api/v1/detected_field/:name/values',
    ...documented('Values of one field of the newest lines.', LINES),
    handler: async (request, reply) => {
      const params = new LokiParams(request);
      const limit = params.count('limit', DEFAULT_FIELDS);
      const { fields } = await fieldsOf(deps, 'detected_field_values', { request, reply, params });
      const found = fields.get(pathParams.parse(request.params).name);
      const names = found === undefined || found.isLabel ? [] : found.values.keys();
      const values = [...names].sort().slice(0, limit);
      return reply.type('application/json').send(JSON.stringify({ values, limit }));
    },
  });
}

async function answerLabels(deps: QueryDeps, request: FastifyRequest, reply: FastifyReply) {
  const params = new LokiParams(request);
  const { start, end } = params.range(deps.clock.now());
  const { byId } = await deps.store
    .reader(request.tenant)
    .streams(params.matchers(), { from: start, to: end + 1n });
  const values = new Map<string, Set<string>>();
  for (const labels of byId.values()) for (const [name, value] of labels.toMap()) add(values, name, value);
  const detectedLabels = [...values]
    .filter(([, { size }]) => size <= MOST_VALUES)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([label, { size }]) => ({ label, cardinality: size }));
  return reply.type('application/json').send(JSON.stringify({ detectedLabels }));
}

function add(sets: Map<string, Set<string>>, name: string, value: string): void {
  const known = sets.get(name);
  if (known === undefined) sets.set(name, new Set([value]));
  else known.add(value);
}

interface Field {
  /** Values, with how many lines have them. */
  readonly values: Map<string, number>;
  readonly parsers: Set<string>;
  /** It is a label of the stream. */
  readonly isLabel: boolean;
}

/** The most frequent values. */
function frequent(values: ReadonlyMap<string, number>, most: number) {
  return [...values]
    .sort(([a, many], [b, others]) => others - many || (a < b ? -1 : 1))
    .slice(0, most)
    .map(([value, count]) => ({ value, count }));
}

interface Asking {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly params: LokiParams;
}

/** The fields of the newest lines of a query, by name. */
async function fieldsOf(
  deps: QueryDeps,
  call: string,
  { request, reply, params }: Asking,
): Promise<{ readonly fields: ReadonlyMap<string, Field>; readonly lines: number }> {
  const query = params.query();
  const range = params.range(deps.clock.now());
  const limit = params.count('line_limit', DEFAULT_LINES, MOST_LINES);
  const storage = deps.store.reader(request.tenant);
  const fields = new Map<string, Field>();
  let lines = 0;
  await runGuarded(deps, call, reply, async (signal) => {
    // A comment at the query's end must not swallow the stage.
    for (const parser of ['json', 'logfmt'] as const) {
      const result = await deps.engine.range({
        query: `${query}\n| ${parser}`,
        ...range,
        storage,
        stepNs: 1,
        limit,
        direction: 'backward',
        signal,
      });
      if (result.type !== 'streams')
        throw logsErrors.make('badQuery', 'the query answers numbers, expected one that answers log lines');
      gather(fields, parser, result);
      lines = result.entries.length;
    }
  });
  return { fields, lines };
}

function gather(fields: Map<string, Field>, parser: 'json' | 'logfmt', { entries }: LogResult): void {
  for (const entry of entries) {
    // Both parsers see the same lines: what is not parsed counts once.
    if (parser === 'json') {
      take(fields, entry.labels.metadata, { isLabel: false });
      take(fields, entry.labels.stream, { isLabel: true });
    }
    // What looks like JSON is none to logfmt, and the other way round.
    if (isJson(entry) === (parser === 'json')) take(fields, entry.labels.parsed, { isLabel: false, parser });
  }
}

function isJson({ line }: LogEntry): boolean {
  return /^\s*\{/.test(line);
}

function take(
  fields: Map<string, Field>,
  labels: Labels,
  { isLabel, parser }: { readonly isLabel: boolean; readonly parser?: string },
): void {
  for (const [name, value] of labels.toMap()) {
    if (name.startsWith('__error')) continue;
    let field = fields.get(name);
    if (field === undefined) fields.set(name, (field = { values: new Map(), parsers: new Set(), isLabel }));
    field.values.set(value, (field.values.get(value) ?? 0) + 1);
    if (parser !== undefined) field.parsers.add(parser);
  }
}

const TYPES: readonly (readonly [type: string, pattern: RegExp])[] = [
  ['int', /^-?\d{1,18}$/],
  ['float', /^-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?$/],
  ['boolean', /^(?:true|false)$/i],
  ['duration', /^(?:\d+(?:\.\d+)?(?:ns|us|µs|ms|s|m|h))+$/],
  ['bytes', /^\d+(?:\.\d+)?\s?(?:[kKMGTPE]i?)?B$/],
];

/** The first type that all values have. */
function typeOf(values: ReadonlyMap<string, number>): string {
  return (
    TYPES.find(([, pattern]) => [...values.keys()].every((value) => pattern.test(value)))?.[0] ?? 'string'
  );
}
