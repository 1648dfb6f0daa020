import { z } from 'zod';
import { iso } from '../../../http/times.ts';
import type { HttpApp } from '../../../http/types.ts';
import type { TraceApiOptions } from '../options.ts';
import { Places } from './places.ts';
import { filterQuery, toTraceQuery } from './query.ts';
import { pointsAnswer } from './shapes.ts';

/** `GET /api/v1/traces/points`: what a plot of durations over time shows. */
export function pointsRoute(app: HttpApp, { reader, clock, names, guard }: TraceApiOptions): void {
  app.get(
    '/api/v1/traces/points',
    {
      schema: {
        tags: ['traces'],
        summary:
          'Start and duration of traces over the whole window: a fair sample where they are many, and the slowest',
        querystring: filterQuery.extend({ limit: z.coerce.number().int().min(1).max(5000).default(1500) }),
        response: { 200: pointsAnswer },
      },
    },
    async ({ tenant, query }, reply) => {
      const now = clock.now();
      const asked = toTraceQuery(tenant, query, now, names, query.limit);
      const { points, traces, every, warnings } = await guard.run('points', reply, (asking) =>
        reader.points(asked, asking),
      );
      const services = new Places();
      const operations = new Places();
      return {
        timestamp: iso(now),
        total: traces,
        every,
        warnings: [...warnings],
        points: {
          trace_id: points.map(({ traceId }) => traceId),
          // Below a microsecond nothing is left of an instant in a double of milliseconds.
          start_ms: points.map(({ time }) => Number(time / 1000n) / 1000),
          duration_ns: points.map(({ duration }) => duration),
          failed: points.map(({ failed }) => (failed ? 1 : 0)),
          service: points.map(({ service }) => services.of(service)),
          operation: points.map(({ operation }) => operations.of(operation)),
        },
        services: services.texts,
        operations: operations.texts,
      };
    },
  );
}
