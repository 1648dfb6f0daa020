import { z } from 'zod';
import { renderPharosError } from '../../../http/render.ts';
import { instant, iso, wanted, windowQuery } from '../../../http/system-a.ts';
import type { ApiModule } from '../../../http/types.ts';
import { tracesErrors } from '../../errors.ts';
import { graphOf, MINUTE_MS, NODE_TYPES } from '../../topology/index.ts';
import type { JaegerApiOptions } from '../jaeger/api.ts';

const figures = {
  calls: z.number(),
  errors: z.number(),
  rate: z.number().describe('Calls per second.'),
  error_ratio: z.number().nullable(),
  mean: z.number().nullable().describe('Seconds, as p50 and p95.'),
  p50: z.number().nullable(),
  p95: z.number().nullable(),
};

const answer = z.object({
  timestamp: z.string(),
  start: z.string().describe('The whole minutes that were added up.'),
  end: z.string(),
  nodes: z.array(z.object({ id: z.string(), name: z.string(), type: z.enum(NODE_TYPES), ...figures })),
  edges: z.array(z.object({ source: z.string(), target: z.string(), ...figures })),
});

/** The graph of who calls whom, now or at any time that spans are kept for. */
export function topologyApi({
  graph,
  clock,
  names,
}: Pick<JaegerApiOptions, 'graph' | 'clock' | 'names'>): ApiModule {
  return {
    name: 'topology',
    renderError: renderPharosError,
    register: (app) => {
      app.get(
        '/api/v1/topology',
        {
          schema: {
            tags: ['traces'],
            summary: 'Services and what they call, with rates, errors and durations',
            querystring: windowQuery.extend({
              start: instant.optional().describe('Where the window begins, instead of `window`.'),
            }),
            response: { 200: answer },
          },
        },
        async ({ tenant, query, signal }) => {
          const now = clock.now();
          const end = Math.max(0, query.end ?? now);
          const start = Math.max(0, query.start ?? end - query.window.ms);
          if (start > end)
            throw tracesErrors.make(
              'badParameter',
              `start ${iso(start)} is after end ${iso(end)}, expected it before`,
            );
          const minutes = { from: Math.floor(start / MINUTE_MS), to: Math.floor(end / MINUTE_MS) + 1 };
          const from = minutes.from * MINUTE_MS;
          // The minute that runs now counts as long as it has lasted.
          const to = Math.max(from + 1000, Math.min(minutes.to * MINUTE_MS, Math.max(now, end)));
          const edges = [...(await graph.read(tenant, minutes, signal)).values()].filter(
            ({ caller, callee, type }) =>
              wanted(query, (name) => names.canonical(name), caller) ||
              (type === 'service' && wanted(query, (name) => names.canonical(name), callee)),
          );
          return {
            timestamp: iso(now),
            start: iso(from),
            end: iso(to),
            ...graphOf(edges, (to - from) / 1000),
          };
        },
      );
    },
  };
}
