import { type EnvironmentReader, isHttpUrl } from '../env.ts';
import type { PushSettings, TracingOptions } from '../options.ts';
import { httpTransport, type Transport } from '../push/transport.ts';

export interface TracingSettings {
  /** Whether a request that comes without a trace context starts a trace. */
  readonly enabled: boolean;
  /** Share of the traces started here that are recorded. */
  readonly sampler: number;
  /** Attributes of the service on every span. */
  readonly resource: Readonly<Record<string, string>>;
  /** Null: spans have nowhere to go and are not recorded. */
  readonly export: TracingExport | null;
}

export interface TracingExport {
  readonly url: string;
  readonly protocol: 'otlp' | 'jaeger';
  readonly headers: Readonly<Record<string, string>>;
  /** Pharos' own, sent to nobody else. */
  readonly token: string | undefined;
  readonly timeoutMs: number;
  readonly transport: Transport;
  readonly maxBufferBytes: number;
  readonly intervalMs: number;
  readonly maxSpans: number;
}

const TRACES_PATH = '/v1/traces';
const MAX_BUFFER_BYTES = 4 * 1024 * 1024;

/** Options win over our environment, that over OpenTelemetry's; without any of them spans go where the rest is pushed to. */
export function tracingSettings(
  options: TracingOptions = {},
  env: EnvironmentReader,
  push: PushSettings | null,
): TracingSettings {
  const off = env.boolean('OTEL_SDK_DISABLED') === true;
  const enabled = options.enabled ?? env.boolean('TRACING_ENABLED') ?? !off;
  return {
    enabled,
    sampler: options.sampler ?? env.ratio('TRACING_SAMPLER') ?? otelRatio(env) ?? 1,
    resource: { ...env.pairs('OTEL_RESOURCE_ATTRIBUTES'), ...options.resource },
    export: enabled ? exportSettings(options, env, push) : null,
  };
}

function exportSettings(
  options: TracingOptions,
  env: EnvironmentReader,
  push: PushSettings | null,
): TracingExport | null {
  const pushed = push === null ? null : push.url + TRACES_PATH;
  const url = endpointOf(options, env) ?? pushed;
  if (options.endpoint === null || url === null) return null;
  if (options.endpoint === undefined && env.string('OTEL_TRACES_EXPORTER') === 'none') return null;
  return {
    url,
    protocol: new URL(url).pathname.endsWith('/api/traces') ? 'jaeger' : 'otlp',
    headers: {
      ...env.pairs('OTEL_EXPORTER_OTLP_HEADERS'),
      ...env.pairs('OTEL_EXPORTER_OTLP_TRACES_HEADERS'),
    },
    token: url === pushed ? push?.token : undefined,
    timeoutMs: push?.timeoutMs ?? 5_000,
    transport: push?.transport ?? httpTransport,
    maxBufferBytes: push?.maxBufferBytes ?? MAX_BUFFER_BYTES,
    intervalMs: options.interval ?? env.milliseconds('OTEL_BSP_SCHEDULE_DELAY') ?? 1_000,
    maxSpans: env.count('OTEL_BSP_MAX_EXPORT_BATCH_SIZE') ?? 512,
  };
}

function endpointOf({ endpoint }: TracingOptions, env: EnvironmentReader): string | undefined {
  if (typeof endpoint === 'string' && !isHttpUrl(endpoint))
    throw new TypeError('createPharos: tracing.endpoint is no http or https URL');
  const own = endpoint ?? env.url('TRACING_ENDPOINT');
  if (own !== undefined) return new URL(own).pathname === '/' ? withPath(own) : own;
  const exact = env.url('OTEL_EXPORTER_OTLP_TRACES_ENDPOINT');
  if (exact !== undefined) return exact;
  const base = env.url('OTEL_EXPORTER_OTLP_ENDPOINT');
  return base === undefined ? undefined : withPath(base);
}

function withPath(base: string): string {
  return base.replace(/\/+$/, '') + TRACES_PATH;
}

/** The share that OpenTelemetry's sampler variables stand for; every sampler here follows the decision of a trace's start. */
function otelRatio(env: EnvironmentReader): number | undefined {
  const sampler = env.oneOf('OTEL_TRACES_SAMPLER', OTEL_SAMPLERS);
  if (sampler === undefined) return undefined;
  if (sampler.endsWith('always_on')) return 1;
  if (sampler.endsWith('always_off')) return 0;
  return env.ratio('OTEL_TRACES_SAMPLER_ARG') ?? 1;
}

const OTEL_SAMPLERS = [
  'always_on',
  'always_off',
  'traceidratio',
  'parentbased_always_on',
  'parentbased_always_off',
  'parentbased_traceidratio',
] as const;
