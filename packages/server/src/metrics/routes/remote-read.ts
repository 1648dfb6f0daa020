import { Readable } from 'node:stream';
import { compareLabels, type SeriesColumns } from '@pharos/promql';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { ApiModule, HttpApp } from '../../http/types.ts';
import { metricsErrors } from '../errors.ts';
import { remoteReadErrors } from '../remote-read/errors.ts';
import { withExternal, withoutExternal } from '../remote-read/external-labels.ts';
import { decodeReadRequest, type ReadQuery } from '../remote-read/request.ts';
import { encodeSamples } from '../remote-read/samples.ts';
import { streamedFrames } from '../remote-read/streamed.ts';
import type { MetricsStore } from '../store/store.ts';
import { type GuardDeps, runGuarded } from './guarded.ts';
import { documented, plainText } from './route-docs.ts';

export interface RemoteReadDeps extends GuardDeps {
  readonly store: MetricsStore;
  /** `global.external_labels` as they are now. */
  externalLabels(): Readonly<Record<string, string>>;
}

/** Answers are gathered to about this size before they are handed to the socket. */
const PIECE = 64 * 1024;

/** `/api/v1/read` (RR-1, RR-2): samples or streamed chunks, as the client prefers. Errors are plain text. */
export function remoteReadApi(deps: RemoteReadDeps): ApiModule {
  return {
    name: 'remote-read',
    renderError: plainText,
    register(app: HttpApp) {
      app.route({
        method: 'POST',
        url: '/api/v1/read',
        ...documented("Prometheus' remote read: a snappy block of protobuf.", []),
        handler: (request, reply) => answer(deps, request, reply),
      });
    },
  };
}

async function answer(
  deps: RemoteReadDeps,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const body = Buffer.isBuffer(request.body) ? request.body : new Uint8Array(0);
  const { queries, responseType } = decodeReadRequest(body);
  const { result } = await runGuarded(deps, 'remote_read', { reply }, async ({ signal }) => {
    const results: SeriesColumns[][] = [];
    let samples = 0;
    for (const query of queries) {
      const series = await select(deps, request.tenant, query, signal);
      for (const { from, to } of series) samples += to - from;
      if (samples > deps.config.max_samples) throw tooMany(deps);
      results.push(series);
    }
    return results;
  }).catch((error: unknown) => {
    // A limit is the client's to mend: only 400 tells it not to come again (RR-2).
    throw metricsErrors.is(error, 'tooManySamples') || metricsErrors.is(error, 'tooManySeries')
      ? remoteReadErrors.make('tooManySamples', error.message, { cause: error })
      : error;
  });
  if (responseType === 'samples') {
    void reply.headers({ 'content-type': 'application/x-protobuf', 'content-encoding': 'snappy' });
    return reply.send(Buffer.from(encodeSamples(result)));
  }
  void reply.header('content-type', 'application/x-streamed-protobuf; proto=prometheus.ChunkedReadResponse');
  return reply.send(Readable.from(gathered(result), { objectMode: false }));
}

async function select(
  deps: RemoteReadDeps,
  tenant: string,
  { start, end, matchers }: ReadQuery,
  signal: AbortSignal,
): Promise<SeriesColumns[]> {
  const external = deps.externalLabels();
  const { series, warnings = [] } = await deps.store.queryable(tenant).select(
    {
      matchers: withoutExternal(matchers, external),
      startExclusive: start - 1,
      end,
      hints: { start, end, step: 1, range: 0 },
    },
    signal,
  );
  if (warnings.length > 0)
    throw remoteReadErrors.make('incomplete', warnings.join('; '), { retryAfterSeconds: 5 });
  return withExternal(series, external, compareLabels);
}

function tooMany({ config }: RemoteReadDeps): Error {
  return remoteReadErrors.make('tooManySamples', `exceeded sample limit (${config.max_samples})`);
}

/** Frames joined to pieces; the pauses between yields let other requests run. */
async function* gathered(results: readonly (readonly SeriesColumns[])[]): AsyncGenerator<Buffer> {
  let frames: Uint8Array[] = [];
  let bytes = 0;
  for (const [index, series] of results.entries()) {
    for (const frame of streamedFrames(series, index)) {
      frames.push(frame);
      bytes += frame.length;
      if (bytes < PIECE) continue;
      yield Buffer.concat(frames);
      frames = [];
      bytes = 0;
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
  if (bytes > 0) yield Buffer.concat(frames);
}
