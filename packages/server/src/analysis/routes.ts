import { z } from 'zod';
import { renderPharosError } from '../http/render.ts';
import { iso, type WindowQuery, wanted, windowQuery } from '../http/times.ts';
import type { ApiModule, HttpApp } from '../http/types.ts';
import { maskedText } from '../kernel/config/mask.ts';
import { analyse } from './analytics/analytics.ts';
import type { BusinessMetrics } from './analytics/business.ts';
import { analyticsAnswer } from './analytics/shapes.ts';
import type { LlmConfig } from './config.ts';
import { choiceOf } from './model/choice.ts';
import { type Diagnosis, diagnose, MODEL_STATUSES, type ModelFetch } from './model/diagnose.ts';
import { statisticalExplainer } from './root-cause/explain.ts';
import { findRootCause } from './root-cause/root-cause.ts';
import { rootCauseAnswer } from './root-cause/shapes.ts';
import type { AnalysisSources, Scope } from './sources.ts';

export interface AnalysisApiDeps {
  readonly sources: AnalysisSources;
  readonly business: BusinessMetrics;
  readonly llm: LlmConfig;
  readonly fetch: ModelFetch;
}

const tags = ['analysis'];

/** `GET /api/analytics`, `GET /api/root_cause`, `GET /api/ollama/test`. */
export function analysisApi(deps: AnalysisApiDeps): ApiModule {
  return {
    name: 'analysis',
    renderError: renderPharosError,
    register(app) {
      analysisRoutes(app, deps);
      modelRoute(app, deps);
    },
  };
}

function analysisRoutes(app: HttpApp, { sources, business }: AnalysisApiDeps): void {
  const scopeOf = (
    query: WindowQuery,
    { tenant, signal }: { readonly tenant: string; readonly signal: AbortSignal },
  ): Scope => {
    // Of the time to come nothing is known: it must not make what lasts now last longer.
    const to = Math.min(query.end ?? Infinity, sources.clock.now());
    return {
      tenant,
      from: to - query.window.ms,
      to,
      window: query.window.text,
      keep: (service) => wanted(query, sources.names.canonical, service),
      signal,
    };
  };
  app.get(
    '/api/analytics',
    {
      schema: {
        tags,
        summary: 'Trends of traffic, errors and business, the busiest endpoints, and anomalies',
        querystring: windowQuery,
        response: { 200: analyticsAnswer },
      },
    },
    (request) => analyse(sources, scopeOf(request.query, request), business),
  );
  app.get(
    '/api/root_cause',
    {
      schema: {
        tags,
        summary: 'What is likely to be the cause of what is wrong: suspects with evidence and what to do',
        querystring: windowQuery,
        response: { 200: rootCauseAnswer },
      },
    },
    (request) =>
      findRootCause(sources, scopeOf(request.query, request), {
        explainer: statisticalExplainer,
        live: (request.query.end ?? Infinity) >= sources.clock.now(),
      }),
  );
}

const modelAnswer = z.object({
  timestamp: z.string(),
  window: z.string(),
  services: z
    .array(z.object({ name: z.string(), status: z.enum(['healthy', 'degraded', 'unhealthy', 'unknown']) }))
    .describe('What a model would be told of.'),
  status: z.enum(MODEL_STATUSES),
  message: z.string(),
  hint: z.string().nullable(),
  enabled: z.boolean(),
  configured: z
    .boolean()
    .describe('Whether a model was chosen; without one, Ollama on this machine is looked for.'),
  provider: z.enum(['ollama', 'groq', 'openai']).nullable(),
  model: z.string().nullable(),
  url: z.string().nullable(),
  reachable: z.boolean().nullable().describe('Null where it was not asked.'),
  version: z.string().nullable(),
  latency_ms: z.number().nullable(),
  model_available: z.boolean().nullable(),
  models: z.array(
    z.object({
      name: z.string(),
      size_bytes: z.number().nullable(),
      parameters: z.string().nullable(),
      quantization: z.string().nullable(),
    }),
  ),
  checks: z.array(
    z.object({
      name: z.enum(['settings', 'connection', 'models', 'model']),
      ok: z.boolean().nullable().describe('Null where it could not be tried.'),
      took_ms: z.number().nullable(),
      message: z.string(),
    }),
  ),
  explanations_by: z.enum(['statistics', 'model']).describe('Who writes explanations now.'),
});

function modelRoute(app: HttpApp, { sources, llm, fetch }: AnalysisApiDeps): void {
  const choice = choiceOf(llm);
  const { clock, names } = sources;
  // Those who ask at one time share one answer: it costs the model's server two requests.
  let asking: Promise<Diagnosis> | null = null;
  const ask = (): Promise<Diagnosis> => {
    asking ??= diagnose(choice, { fetch, clock }).finally(() => {
      asking = null;
    });
    return asking;
  };
  app.get(
    '/api/ollama/test',
    {
      schema: {
        tags,
        summary: 'Whether a model is configured, can be reached and is there, step by step',
        querystring: windowQuery,
        response: { 200: modelAnswer },
      },
    },
    async ({ tenant, query }) => {
      const { latencyMs, modelAvailable, models, checks, ...found } = await ask();
      return {
        timestamp: iso(clock.now()),
        window: query.window.text,
        services: sources
          .services(tenant)
          .filter(({ name }) => wanted(query, names.canonical, name))
          .map(({ name, status }) => ({ name, status })),
        ...found,
        enabled: llm.enabled,
        configured: choice?.configured ?? false,
        provider: choice?.provider ?? null,
        model: choice?.model ?? null,
        url: choice?.url == null ? null : maskedText(choice.url),
        latency_ms: latencyMs,
        model_available: modelAvailable,
        models: [...models],
        checks: [...checks],
        // No analysis asks a model yet, whatever is configured.
        explanations_by: 'statistics' as const,
      };
    },
  );
}
