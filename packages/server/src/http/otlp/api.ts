import type { FastifyRequest } from 'fastify';
import type { GrpcMethod } from '../grpc.ts';
import { encodeStatus, grpcStatusOf } from '../grpc-status.ts';
import { applyErrorHead } from '../render.ts';
import type { ApiModule } from '../types.ts';
import { otlpErrors } from './errors.ts';
import { exportResponse, exportResponseJson } from './messages.ts';
import type { OtlpEncoding, OtlpSignal } from './signal.ts';

/** Largest body or message after decompression (OM-1). */
export const OTLP_BODY_LIMIT = 32 * 2 ** 20;

const PROTOBUF = 'application/x-protobuf';
const JSON_TYPE = 'application/json';

/** OTLP of one signal over HTTP: protobuf and JSON, answers and errors (google.rpc.Status) in the encoding of the request (OT-1 to OT-3). */
export function otlpApi(signal: OtlpSignal): ApiModule {
  return {
    name: `otlp-${signal.name}`,
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
      for (const path of [`/v1/${signal.name}`, ...(signal.otherPaths ?? [])])
        app.post(
          path,
          {
            bodyLimit: OTLP_BODY_LIMIT,
            schema: { tags: ['ingest'], summary: `OTLP ${signal.name} (protobuf or JSON)` },
            onRequest: async (request) => void encodingOf(request),
          },
          async (request, reply) => {
            const encoding = encodingOf(request);
            const body = request.body instanceof Uint8Array ? request.body : new Uint8Array(0);
            const outcome = await signal.export(request.tenant, encoding, body);
            if (encoding === 'json')
              return reply.type(JSON_TYPE).send(exportResponseJson(outcome, signal.rejectedField));
            return reply.type(PROTOBUF).send(Buffer.from(exportResponse(outcome)));
          },
        );
    },
  };
}

/** The gRPC methods of the signals, by path (OT-4). */
export function otlpMethods(signals: readonly OtlpSignal[]): ReadonlyMap<string, GrpcMethod> {
  return new Map(
    signals.map((signal) => [
      `/${signal.grpcService}/Export`,
      async ({ tenant, message }) => exportResponse(await signal.export(tenant, 'protobuf', message)),
    ]),
  );
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
