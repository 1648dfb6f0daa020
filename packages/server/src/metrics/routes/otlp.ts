import type { FastifyRequest } from 'fastify';
import type { GrpcMethod } from '../../http/grpc.ts';
import { encodeStatus, grpcStatusOf } from '../../http/grpc-status.ts';
import { applyErrorHead } from '../../http/render.ts';
import type { ApiModule } from '../../http/types.ts';
import { otlpErrors } from '../ingest/otlp/errors.ts';
import { exportResponse, exportResponseJson } from '../ingest/otlp/messages.ts';
import type { OtlpEncoding, OtlpMetricsService } from '../ingest/otlp/service.ts';

/** `/v1/metrics` is OTLP's own path, the other Prometheus'. */
const PATHS = ['/v1/metrics', '/api/v1/otlp/v1/metrics'] as const;
/** Largest body after decompression (OM-1). */
export const OTLP_BODY_LIMIT = 32 * 2 ** 20;

const PROTOBUF = 'application/x-protobuf';
const JSON_TYPE = 'application/json';

/** OTLP metrics over HTTP: protobuf and JSON, answers and errors (google.rpc.Status) in the encoding of the request (OT-1 to OT-3). */
export function otlpMetricsApi(service: OtlpMetricsService): ApiModule {
  return {
    name: 'otlp-metrics',
    renderError: (error, request, reply) => {
      applyErrorHead(reply, error);
      if (mediaOf(request) === JSON_TYPE) {
        void reply.type(JSON_TYPE);
        return JSON.stringify({ code: grpcStatusOf(error), message: error.message });
      }
      void reply.type(PROTOBUF);
      return Buffer.from(encodeStatus(error));
    },
    register(app) {
      app.removeAllContentTypeParsers();
      app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
      for (const path of PATHS)
        app.post(
          path,
          {
            bodyLimit: OTLP_BODY_LIMIT,
            schema: { tags: ['ingest'], summary: 'OTLP metrics (protobuf or JSON)' },
            onRequest: async (request) => void encodingOf(request),
          },
          async (request, reply) => {
            const encoding = encodingOf(request);
            const body = request.body instanceof Uint8Array ? request.body : new Uint8Array(0);
            const outcome = await service.export(request.tenant, encoding, body);
            if (encoding === 'json') return reply.type(JSON_TYPE).send(exportResponseJson(outcome));
            return reply.type(PROTOBUF).send(Buffer.from(exportResponse(outcome)));
          },
        );
    },
  };
}

/** The gRPC method of the same service (OT-4). */
export function otlpMetricsMethod(service: OtlpMetricsService): readonly [path: string, method: GrpcMethod] {
  return [
    '/opentelemetry.proto.collector.metrics.v1.MetricsService/Export',
    async ({ tenant, message }) => exportResponse(await service.export(tenant, 'protobuf', message)),
  ];
}

function mediaOf(request: FastifyRequest): string {
  return (request.headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
}

function encodingOf(request: FastifyRequest): OtlpEncoding {
  const media = mediaOf(request);
  if (media === JSON_TYPE) return 'json';
  if (media === PROTOBUF) return 'protobuf';
  throw otlpErrors.make(
    'unsupportedMedia',
    `Content-Type ${JSON.stringify(media.slice(0, 100))}, expected ${PROTOBUF} or ${JSON_TYPE}`,
  );
}
