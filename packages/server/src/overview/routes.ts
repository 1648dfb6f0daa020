import { renderPharosError } from '../http/render.ts';
import { wanted, windowQuery } from '../http/times.ts';
import type { ApiModule } from '../http/types.ts';
import { currentMetrics } from './metrics.ts';
import { performance } from './performance.ts';
import { listServices } from './services.ts';
import { metricsAnswer, performanceAnswer, servicesAnswer, summaryAnswer } from './shapes.ts';
import { type OverviewSources, summarize } from './summary.ts';

/** `GET /api/summary|performance|services|metrics`. */
export function overviewApi(sources: OverviewSources): ApiModule {
  const tags = ['overview'];
  return {
    name: 'overview',
    renderError: renderPharosError,
    register(app) {
      const keeper = (query: Parameters<typeof wanted>[0]) => (service: string) =>
        wanted(query, sources.names.canonical, service);
      app.get(
        '/api/summary',
        {
          schema: {
            tags,
            summary: 'Requests, rates, errors, latencies in one screen',
            querystring: windowQuery,
            response: { 200: summaryAnswer },
          },
        },
        ({ tenant, query }) => summarize(sources, tenant, query.window, keeper(query)),
      );
      app.get(
        '/api/performance',
        {
          schema: {
            tags,
            summary: 'Percentiles over time, throughput, slowest endpoints, saturation',
            querystring: windowQuery,
            response: { 200: performanceAnswer },
          },
        },
        ({ tenant, query }) =>
          performance(sources, tenant, { ...query.window, end: query.end }, keeper(query)),
      );
      app.get(
        '/api/services',
        {
          schema: {
            tags,
            summary: 'Every service: state, rates, resources, breakers, dependencies, instances',
            querystring: windowQuery,
            response: { 200: servicesAnswer },
          },
        },
        ({ tenant, query }) => listServices(sources, tenant, query.window, keeper(query)),
      );
      app.get(
        '/api/metrics',
        {
          schema: {
            tags,
            summary: 'Current values per service',
            querystring: windowQuery,
            response: { 200: metricsAnswer },
          },
        },
        ({ tenant, query }) => currentMetrics(sources, tenant, query.window, keeper(query)),
      );
    },
  };
}
