import { z } from 'zod';
import { renderPharosError } from '../../http/render.ts';
import type { ApiModule } from '../../http/types.ts';
import type { CardinalityReader } from '../cardinality/reader.ts';
import { metricsErrors } from '../errors.ts';
import { Params } from './prometheus-params.ts';

const count = z.number().int().min(0);
const counts = {
  series: count,
  fresh: count.describe('of them first seen within the last hour'),
  ended: count.describe('of them without a sample in the last ten minutes'),
};
const limit = z.coerce.number().int().min(1).max(200).default(50).describe('most entries per list');
const time = z.number().describe('ms since the epoch');

const metricCount = z.object({ name: z.string(), ...counts });
const reportAnswer = z.object({
  at: time,
  tenant: z.string(),
  seriesLimit: count.describe('active series the tenant may have'),
  totals: z.object({ ...counts, metrics: count, labels: count, pairs: count }),
  metrics: z.array(metricCount).describe('by series'),
  churning: z.array(metricCount).describe('by new series'),
  labels: z
    .array(z.object({ name: z.string(), values: count, series: count, characters: count, longest: count }))
    .describe('by distinct values'),
  pairs: z.array(z.object({ name: z.string(), value: z.string(), series: count })).describe('by series'),
  targets: z.array(z.object({ job: z.string(), instance: z.string(), ...counts })).describe('by series'),
  tenants: z.array(z.object({ tenant: z.string(), series: count })).describe('those the caller may see'),
  arrivals: z.array(z.object({ start: time, series: count })).describe('new series in ten-minute steps'),
});

const metricsAnswer = z.object({
  total: count,
  matching: count,
  metrics: z.array(
    z.object({
      name: z.string(),
      series: count,
      type: z.string().optional(),
      help: z.string().optional(),
      unit: z.string().optional(),
    }),
  ),
});

const labelsAnswer = z.object({
  series: count,
  labels: z.array(z.object({ name: z.string(), values: count, series: count })),
  values: z.array(z.object({ value: z.string(), series: count })),
  matching: count.describe('values that match the search'),
  partial: z.boolean().describe('whether some were left out for their number'),
});

const growthAnswer = z.object({
  days: z.array(z.object({ start: time, series: count, fresh: count })),
  metrics: z.array(z.object({ name: z.string(), series: count, fresh: count, ended: count })),
  sampled: count.describe('1: exact; n: estimated from one series in n'),
});

const TAGS = ['cardinality'];
/** Characters of a label value that are shown; the longest may be hundreds of thousands. */
const SHOWN = 300;

function shown(text: string): string {
  return text.length <= SHOWN ? text : `${text.slice(0, SHOWN)}… (${text.length} characters)`;
}

/** `/api/v1/cardinality…`: where the active series come from, and how their number grows. */
export function cardinalityApi(reader: CardinalityReader): ApiModule {
  return {
    name: 'cardinality',
    renderError: renderPharosError,
    register(app) {
      app.get(
        '/api/v1/cardinality',
        {
          schema: {
            tags: TAGS,
            summary: 'Active series by metric, label, pair, target and tenant, with new and ended ones',
            querystring: z.object({ limit }),
            response: { 200: reportAnswer },
          },
        },
        async ({ tenant, tenants, query }) => {
          const report = await reader.report(tenant);
          const top = <T>(list: readonly T[]): T[] => list.slice(0, query.limit);
          return {
            ...report,
            tenant,
            seriesLimit: reader.seriesLimit,
            metrics: top(report.metrics),
            churning: top(report.churning),
            labels: top(report.labels),
            pairs: top(report.pairs).map((pair) => ({ ...pair, value: shown(pair.value) })),
            targets: top(report.targets),
            tenants: reader.sizes(tenants),
            arrivals: [...report.arrivals],
          };
        },
      );
      app.get(
        '/api/v1/cardinality/metrics',
        {
          schema: {
            tags: TAGS,
            summary: 'Active metrics with series, type, help and unit',
            querystring: z.object({
              search: z.string().max(500).default('').describe('words that name or help must contain'),
              limit: z.coerce.number().int().min(1).max(10_000).default(100),
            }),
            response: { 200: metricsAnswer },
          },
        },
        ({ tenant, query }) => Promise.resolve(reader.metrics(tenant, query.search, query.limit)),
      );
      registerLabels(app, reader);
      app.get(
        '/api/v1/cardinality/growth',
        {
          schema: {
            tags: TAGS,
            summary: 'Series and new series by day, and the metrics that brought the new ones',
            querystring: z.object({ days: z.coerce.number().int().min(1).max(90).default(14), limit }),
            response: { 200: growthAnswer },
          },
        },
        async ({ tenant, query }) => {
          const growth = await reader.growth(tenant, query.days);
          return { ...growth, days: [...growth.days], metrics: growth.metrics.slice(0, query.limit) };
        },
      );
    },
  };
}

function registerLabels(app: Parameters<ApiModule['register']>[0], reader: CardinalityReader): void {
  app.get(
    '/api/v1/cardinality/labels',
    {
      schema: {
        tags: TAGS,
        summary: 'Labels of the active series that a selector finds, and the values of one of them',
        querystring: z.object({
          'match[]': z.union([z.string(), z.array(z.string())]).describe('series selector; repeatable'),
          label: z.string().max(1000).default('').describe('the label whose values are listed'),
          search: z.string().max(500).default('').describe('what its values must contain'),
          limit: z.coerce.number().int().min(1).max(10_000).default(100).describe('most values'),
        }),
        response: { 200: labelsAnswer },
      },
    },
    async (request, reply) => {
      const matcherSets = new Params(request).matcherSets();
      if (matcherSets.length === 0) throw metricsErrors.make('badParameter', 'no match[] parameter provided');
      const left = new AbortController();
      reply.raw.once('close', () => {
        if (!reply.raw.writableFinished) left.abort(metricsErrors.make('queryCanceled', 'the client left'));
      });
      const { label, search, limit: most } = request.query;
      const found = await reader.selection(request.tenant, { matcherSets, label, search, most }, left.signal);
      return {
        ...found,
        labels: [...found.labels],
        values: found.values.map(({ value, series }) => ({ value: shown(value), series })),
      };
    },
  );
}
