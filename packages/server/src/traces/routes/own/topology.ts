import { z } from 'zod';
import { renderPharosError } from '../../../http/render.ts';
import { instant, iso, type WindowQuery, wanted, windowQuery } from '../../../http/times.ts';
import type { ApiModule } from '../../../http/types.ts';
import { tracesErrors } from '../../errors.ts';
import { calleeOf, figuresOf, graphOf, MINUTE_MS, NODE_TYPES } from '../../topology/index.ts';
import type { TraceApiOptions } from '../options.ts';

const figures = {
  calls: z.number(),
  errors: z.number(),
  rate: z.number().describe('Calls per second.'),
  error_ratio: z.number().nullable(),
  mean: z.number().nullable().describe('Seconds, as p50, p95 and p99.'),
  p50: z.number().nullable(),
  p95: z.number().nullable(),
  p99: z.number().nullable(),
};

const bounds = {
  timestamp: z.string(),
  start: z
    .string()
    .describe('What was really added up: whole minutes, or the window itself where it is short.'),
  end: z.string(),
};

const answer = z.object({
  ...bounds,
  nodes: z.array(z.object({ id: z.string(), name: z.string(), type: z.enum(NODE_TYPES), ...figures })),
  edges: z.array(z.object({ source: z.string(), target: z.string(), ...figures })),
});

const stepsAnswer = z.object({
  ...bounds,
  step: z.number().describe('Seconds. A step without calls is left out.'),
  points: z.array(z.object({ at: z.string().describe('When the step begins.'), ...figures })),
});

const querystring = windowQuery.extend({
  start: instant.optional().describe('Where the window begins, instead of `window`.'),
});
const nodeId = z.string().min(1).max(500);
const stepsQuery = querystring.omit({ service: true }).extend({
  source: nodeId.optional().describe('Only calls of this service.'),
  target: nodeId.optional().describe('Only calls to this node, by its id in the graph.'),
});

/** A window as short as this is answered to the millisecond. */
const EXACT_MS = 2 * MINUTE_MS;
const MOST_STEPS = 240;

interface Span {
  readonly from: number;
  readonly to: number;
}

/** @throws badParameter for a window that ends before it begins. */
function windowOf(
  query: Pick<WindowQuery, 'window' | 'end'> & { readonly start?: number | undefined },
  now: number,
): Span {
  const to = Math.max(0, query.end ?? now);
  const from = Math.max(0, query.start ?? to - query.window.ms);
  if (from <= to) return { from, to };
  throw tracesErrors.make('badParameter', `start ${iso(from)} is after end ${iso(to)}, expected it before`);
}

/** The minutes that a window touches. */
function minutesOf({ from, to }: Span): Span {
  const first = Math.floor(from / MINUTE_MS);
  return { from: first, to: Math.max(first + 1, Math.ceil(to / MINUTE_MS)) };
}

/** Minutes in ms; the one that runs now counts as long as it has lasted. */
function lastedOf(minutes: Span, now: number): Span {
  const from = minutes.from * MINUTE_MS;
  return { from, to: Math.max(from + 1000, Math.min(minutes.to * MINUTE_MS, now)) };
}

type TopologyApiOptions = Pick<TraceApiOptions, 'graph' | 'clock' | 'names' | 'guard'>;

/** The graph of who calls whom, now or at any time that spans are kept for, and how the calls of its edges went over time. */
export function topologyApi(options: TopologyApiOptions): ApiModule {
  return {
    name: 'topology',
    renderError: renderPharosError,
    register: (app) => {
      const { graph, clock, guard } = options;
      app.get(
        '/api/v1/topology',
        {
          schema: {
            tags: ['traces'],
            summary: 'Services and what they call, with rates, errors and durations',
            querystring,
            response: { 200: answer },
          },
        },
        ({ tenant, query }, reply) =>
          guard.run('topology', reply, ({ signal }) => graphAnswer(options, tenant, query, signal)),
      );
      app.get(
        '/api/v1/topology/steps',
        {
          schema: {
            tags: ['traces'],
            summary: 'How the calls along an edge, of a node or of all went over time',
            querystring: stepsQuery,
            response: { 200: stepsAnswer },
          },
        },
        async ({ tenant, query }, reply) => {
          const now = clock.now();
          const asked = windowOf(query, now);
          const minutes = minutesOf(asked);
          const step = Math.ceil((minutes.to - minutes.from) / MOST_STEPS);
          const between = {
            ...(query.source !== undefined && { caller: query.source }),
            ...(query.target !== undefined && { callee: calleeOf(query.target) }),
          };
          const steps = await guard.run('topology', reply, ({ signal }) =>
            graph.readSteps(tenant, { ...minutes, step, between }, signal),
          );
          const { from, to } = lastedOf(minutes, now);
          return {
            timestamp: iso(now),
            start: iso(from),
            end: iso(to),
            step: step * (MINUTE_MS / 1000),
            points: [...steps]
              .sort(([a], [b]) => a - b)
              .map(([place, calls]) => {
                const at = from + place * step * MINUTE_MS;
                return {
                  at: iso(at),
                  ...figuresOf(calls, (Math.min(to, at + step * MINUTE_MS) - at) / 1000),
                };
              }),
          };
        },
      );
    },
  };
}

async function graphAnswer(
  { graph, clock, names }: TopologyApiOptions,
  tenant: string,
  query: z.output<typeof querystring>,
  signal?: AbortSignal,
) {
  const now = clock.now();
  const asked = windowOf(query, now);
  const minutes = minutesOf(asked);
  const whole = asked.from % MINUTE_MS === 0 && asked.to % MINUTE_MS === 0;
  const short = !whole && asked.to > asked.from && asked.to - asked.from <= EXACT_MS;
  const exact = short ? await graph.readExactly(tenant, asked, signal) : null;
  const edges = [...(exact ?? (await graph.read(tenant, minutes, signal))).values()].filter(
    ({ caller, callee, type }) =>
      wanted(query, (name) => names.canonical(name), caller) ||
      (type === 'service' && wanted(query, (name) => names.canonical(name), callee)),
  );
  const { from, to } = exact === null ? lastedOf(minutes, now) : asked;
  return { timestamp: iso(now), start: iso(from), end: iso(to), ...graphOf(edges, (to - from) / 1000) };
}
