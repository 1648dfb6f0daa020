import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Telemetry } from '../kernel/telemetry.ts';
import type { HttpApp } from './types.ts';

export type HttpTelemetry = ReturnType<typeof httpTelemetry>;

export function httpTelemetry(telemetry: Telemetry) {
  const streamDropped = telemetry.counter({
    name: 'pharos_http_stream_dropped_total',
    help: 'Event streams closed because the reader was too slow.',
  });
  telemetry.queues.publish({
    name: 'live_stream',
    what: 'messages to open dashboards; a slow reader loses some and is told',
    unit: 'items',
    lost: streamDropped,
  });
  return {
    requests: telemetry.counter({
      name: 'pharos_http_requests_total',
      help: 'HTTP requests by route template, method and status code; 499 where the client left before its answer.',
      labels: ['route', 'method', 'code'],
    }),
    duration: telemetry.histogram({
      name: 'pharos_http_request_duration_seconds',
      help: 'Time from the first byte of a request to the last of its answer.',
      labels: ['route'],
      buckets: [0.005, 0.025, 0.1, 0.5, 2.5, 10],
    }),
    streams: telemetry.gauge({ name: 'pharos_http_streams', help: 'Open server-sent event streams.' }),
    streamDropped,
  };
}

const CLIENT_LEFT = '499';

/** Every request once: when it was answered, or when its client left before the answer began. */
export function countRequests(app: HttpApp, metrics: HttpTelemetry): void {
  const count = (request: FastifyRequest, reply: FastifyReply, code: string): void => {
    const route = request.routeOptions.url ?? 'unmatched';
    metrics.requests.inc({ route, method: request.method, code });
    // A stream lasts as long as its reader stays; its length says nothing about speed.
    if (!String(reply.raw.getHeader('content-type')).startsWith('text/event-stream'))
      metrics.duration.observe({ route }, reply.elapsedTime / 1000);
  };
  app.addHook('onRequest', (request, reply, done) => {
    reply.raw.once('close', () => {
      if (!reply.raw.headersSent) count(request, reply, CLIENT_LEFT);
    });
    done();
  });
  app.addHook('onResponse', (request, reply, done) => {
    count(request, reply, String(reply.statusCode));
    done();
  });
}
