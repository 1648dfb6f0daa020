import type { CountedSeries } from '@pharos/logql';
import { Labels } from '@pharos/promql';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { HttpApp } from '../../../http/types.ts';
import { logsErrors } from '../../errors.ts';
import { documented, GET_POST } from './docs.ts';
import { runGuarded } from './guarded.ts';
import { decimalText, labelsJson, secondsText } from './json.ts';
import { bad, LokiParams, type RangeParams } from './params.ts';
import type { QueryDeps } from './query.ts';

const DEFAULT_LIMIT = 100;
const MOST_POINTS = 11_000;
const WINDOW = [
  ['query', 'stream selector; default all'],
  ['start', 'seconds, nanoseconds or RFC 3339; default an hour before the end'],
  ['end', 'the same; default now'],
] as const;
const VOLUME = [
  ...WINDOW,
  ['limit', 'most series, the largest first; default 100'],
  ['targetLabels', 'labels to add up by, separated by commas; default those of the selector'],
  ['aggregateBy', 'series or labels'],
] as const;

/** How much there is: `index/stats`, `index/volume`, `index/volume_range`. */
export function registerVolumeRoutes(app: HttpApp, deps: QueryDeps): void {
  app.route({
    method: GET_POST,
    url: '/loki/api/v1/index/stats',
    ...documented('Streams, lines and bytes of a selector.', WINDOW),
    handler: (request, reply) => answerStats(deps, request, reply),
  });
  app.route({
    method: GET_POST,
    url: '/loki/api/v1/index/volume',
    ...documented('Bytes of a selector, by labels.', VOLUME),
    handler: (request, reply) => answerVolume(deps, request, reply, false),
  });
  app.route({
    method: GET_POST,
    url: '/loki/api/v1/index/volume_range',
    ...documented('Bytes of a selector per step, by labels.', [
      ...VOLUME,
      ['step', 'float seconds or duration'],
    ]),
    handler: (request, reply) => answerVolume(deps, request, reply, true),
  });
}

interface Counting {
  readonly params: LokiParams;
  readonly range: RangeParams;
  readonly what: 'lines' | 'bytes';
  readonly labels: readonly string[];
  readonly stepNs: number;
}

/** Lines or bytes per step, from the start on; one step is the whole range. */
async function count(
  reader: ReturnType<QueryDeps['store']['reader']>,
  { params, range: { start, end }, what, labels, stepNs }: Counting,
  signal: AbortSignal,
): Promise<readonly CountedSeries[]> {
  const range = end - start;
  const steps = Math.max(1, Number((range + BigInt(stepNs) - 1n) / BigInt(stepNs)));
  const counted = await reader.count(
    {
      matchers: params.matchers(),
      lineFilters: [],
      labelFilters: [],
      what,
      // A window does not hold the time it begins at; the range does.
      windows: { end: start - 1n + BigInt(stepNs), stepNs, rangeNs: stepNs, count: steps },
      grouping: { without: false, labels },
    },
    signal,
  );
  if (counted === null)
    throw logsErrors.make(
      'badQuery',
      'too many streams and steps to be counted: select fewer streams or a shorter time',
    );
  return counted;
}

/** Longer windows are no whole number of nanoseconds any more (2^53 are 104 days). */
const LONGEST_WINDOW = 2n ** 52n;

/** Nanoseconds of the windows that a range is counted in as a whole: one, and a few for years. */
function wholeRange({ start, end }: RangeParams): number {
  const range = end - start;
  const windows = range / LONGEST_WINDOW + 1n;
  return Math.max(1, Number((range + windows - 1n) / windows));
}

function sumOf({ values }: CountedSeries): number {
  return values.reduce((all, value) => all + value, 0);
}

async function answerStats(deps: QueryDeps, request: FastifyRequest, reply: FastifyReply) {
  const params = new LokiParams(request);
  const range = params.range(deps.clock.now());
  const reader = deps.store.reader(request.tenant);
  const { result } = await runGuarded(deps, 'index_stats', reply, async (signal) => {
    const { byId } = await reader.streams(params.matchers(), { from: range.start, to: range.end + 1n });
    const total = async (what: Counting['what']): Promise<number> => {
      const [all] = await count(
        reader,
        { params, range, what, labels: [], stepNs: wholeRange(range) },
        signal,
      );
      return all === undefined ? 0 : sumOf(all);
    };
    // Chunks are Loki's; to whoever asks for them, a stream is one.
    return {
      streams: byId.size,
      chunks: byId.size,
      bytes: await total('bytes'),
      entries: await total('lines'),
    };
  });
  return reply.type('application/json').send(JSON.stringify(result));
}

async function answerVolume(
  deps: QueryDeps,
  request: FastifyRequest,
  reply: FastifyReply,
  perStep: boolean,
): Promise<FastifyReply> {
  const params = new LokiParams(request);
  const range = params.range(deps.clock.now());
  const limit = params.count('limit', DEFAULT_LIMIT);
  const stepNs = perStep ? params.stepNs(range) : wholeRange(range);
  if (!Number.isSafeInteger(stepNs)) throw bad('step', 'expected at most 104 days');
  if (Number(range.end - range.start) / stepNs > MOST_POINTS)
    throw bad('step', `exceeded maximum resolution of ${MOST_POINTS} points, expected a larger step`);
  const asked = params
    .text('targetLabels')
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
  const labels = asked.length > 0 ? asked : [...new Set(params.matchers().map(({ name }) => name))];
  const reader = deps.store.reader(request.tenant);
  const { result } = await runGuarded(deps, perStep ? 'volume_range' : 'volume', reply, (signal) =>
    count(reader, { params, range, what: 'bytes', labels, stepNs }, signal),
  );
  const series = params.text('aggregateBy') === 'labels' ? byName(result) : result;
  const largest = [...series].sort((a, b) => sumOf(b) - sumOf(a)).slice(0, limit);
  const text = largest.map((one) => {
    const metric = `{"metric":${labelsJson(one.labels)},`;
    if (!perStep) return `${metric}"value":[${secondsText(range.end)},"${decimalText(sumOf(one))}"]}`;
    const points = Array.from(one.values, (value, k) => [k, value] as const)
      .filter(([k]) => one.present[k] === 1)
      .map(
        ([k, value]) => `[${secondsText(range.start + BigInt(k) * BigInt(stepNs))},"${decimalText(value)}"]`,
      );
    return `${metric}"values":[${points.join(',')}]}`;
  });
  const type = perStep ? 'matrix' : 'vector';
  return reply
    .type('application/json')
    .send(`{"status":"success","data":{"resultType":"${type}","result":[${text.join(',')}]}}`);
}

/** By the names of labels, whatever their values: a line counts for each name it has. */
function byName(series: readonly CountedSeries[]): readonly CountedSeries[] {
  const sums = new Map<string, CountedSeries>();
  for (const { labels, values, present } of series)
    for (const name of labels.toMap().keys()) {
      const known = sums.get(name);
      if (known === undefined)
        sums.set(name, {
          labels: Labels.fromSortedPairs([name, '']),
          values: values.slice(),
          present: present.slice(),
        });
      else
        for (const [k, value] of values.entries()) {
          known.values[k] = (known.values[k] ?? 0) + value;
          if (present[k] === 1) known.present[k] = 1;
        }
    }
  return [...sums.values()];
}
