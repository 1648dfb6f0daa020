import { hostname } from 'node:os';
import process from 'node:process';
import type { DestinationStream } from 'pino';
import type { BreakerOptions } from './breaker/breaker.ts';
import type { Clock, Random } from './clock.ts';
import { systemClock, systemRandom } from './clock.ts';
import type { PropagationOptions } from './context/propagate.ts';
import { type Environment, EnvironmentReader, isHttpUrl } from './env.ts';
import type { ErrorSink } from './errors/capture.ts';
import { LOG_LEVELS, type LogLevel } from './logs/logger.ts';
import { DEFAULT_BUCKETS_SECONDS } from './metrics/http-metrics.ts';
import { httpTransport, type Transport } from './push/transport.ts';
import { type TracingSettings, tracingSettings } from './tracing/settings.ts';

/** What a service says about itself. What is not said comes from the environment, then from the default. */
export interface PharosOptions {
  /** Name of the service: `job` of what is pushed, `service` of logs, errors and labels. */
  readonly service: string;
  /** Shown by `/health`. Default: the version npm started the service with, else 0.0.0. */
  readonly version?: string | undefined;
  /** Label `instance` of what is pushed; give the scraped address here when the process is scraped as well. */
  readonly instance?: string | undefined;
  readonly metrics?: MetricsOptions | undefined;
  readonly health?: HealthOptions | undefined;
  readonly logs?: LogOptions | undefined;
  readonly errors?: ErrorOptions | undefined;
  readonly tracing?: TracingOptions | undefined;
  readonly push?: PushOptions | undefined;
  /** What every breaker of this service takes where its own options are silent. */
  readonly circuitBreaker?:
    | Pick<BreakerOptions, 'maxRequests' | 'interval' | 'timeout' | 'failureThreshold'>
    | undefined;
  /** What Pharos is told about the breakers, and whether it may command them. */
  readonly breakers?: BreakerChannelOptions | undefined;
  /** Whether outgoing fetch, undici, http and https calls carry the request's ids. Default true. */
  readonly propagation?: boolean | PropagationOptions | undefined;
  /** Address of the extra listeners. Default 127.0.0.1. */
  readonly listenHost?: string | undefined;
  readonly env?: Environment | undefined;
  readonly clock?: Clock | undefined;
  readonly random?: Random | undefined;
}

export interface MetricsOptions {
  readonly enabled?: boolean | undefined;
  /** Whether they are pushed, where `push.url` is known; what is scraped need not be. Default true. */
  readonly push?: boolean | undefined;
  /** Extra listener; null for none, whatever the environment says. */
  readonly port?: number | null | undefined;
  readonly path?: string | undefined;
  /** Upper bounds of the duration histograms, in seconds. */
  readonly buckets?: readonly number[] | undefined;
  /** Labels put on every metric. */
  readonly labels?: Readonly<Record<string, string>> | undefined;
}

export interface HealthOptions {
  readonly enabled?: boolean | undefined;
  /** Whether it is reported, where `push.url` is known. Default true. */
  readonly push?: boolean | undefined;
  readonly port?: number | null | undefined;
  readonly path?: string | undefined;
  /** Milliseconds a result is given again; at most 5,000, the default 1,000. */
  readonly cache?: number | undefined;
  /** Milliseconds a check may take. Default 2,000. */
  readonly timeout?: number | undefined;
}

export interface LogOptions {
  readonly level?: LogLevel | undefined;
  /** False for none. Default logs/metrics.log. */
  readonly file?: string | false | undefined;
  /** Whether lines go to Pharos too, where `push.url` is known. Default true. */
  readonly push?: boolean | undefined;
  /** False for none; or any stream in place of standard output. */
  readonly stdout?: boolean | DestinationStream | undefined;
  /** More names of keys whose values are secrets. */
  readonly maskKeys?: readonly string[] | undefined;
}

export interface ErrorOptions {
  /** Errors kept for `recent()`. Default 200. */
  readonly bufferSize?: number | undefined;
  /** Window of `error_rate` in milliseconds. Default 60,000. */
  readonly window?: number | undefined;
  readonly sinks?: readonly ErrorSink[] | undefined;
  /** Whether captured errors go to Pharos, where `push.url` is known. Default true. */
  readonly push?: boolean | undefined;
  /** Release that errors are of. Default: the version. */
  readonly release?: string | undefined;
  /** Environment that errors are of. Default: NODE_ENV. */
  readonly environment?: string | undefined;
}

export interface TracingOptions {
  readonly enabled?: boolean | undefined;
  /** Share of the traces started here that are recorded, 0..1; those that come from elsewhere are as their start decided. */
  readonly sampler?: number | undefined;
  /** Where spans go; null for nowhere, whatever the environment says. */
  readonly endpoint?: string | null | undefined;
  /** Milliseconds a span waits for others at most. Default 1,000. */
  readonly interval?: number | undefined;
  /** More attributes of the service on every span. */
  readonly resource?: Readonly<Record<string, string>> | undefined;
}

export interface BreakerChannelOptions {
  /** Whether breakers are registered with Pharos, where `push.url` is known. Default true. */
  readonly push?: boolean | undefined;
  /** Whether Pharos may reset, hold and release them. Default true. */
  readonly commands?: boolean | undefined;
}

export interface PushOptions {
  /** Base address of Pharos; null for no push, whatever the environment says. */
  readonly url?: string | null | undefined;
  readonly token?: string | undefined;
  /** Milliseconds between pushes of metrics. Default 15,000. */
  readonly interval?: number | undefined;
  /** Milliseconds between reports of health. Default 30,000. */
  readonly healthInterval?: number | undefined;
  /** Milliseconds one delivery may take. Default 5,000. */
  readonly timeout?: number | undefined;
  /** Bytes of undelivered metrics kept; the oldest give way. Default 4 MiB. */
  readonly maxBufferBytes?: number | undefined;
  readonly transport?: Transport | undefined;
}

/** Options, environment and defaults resolved; what the instance really uses. */
export interface Settings {
  readonly service: string;
  readonly version: string;
  readonly instance: string;
  readonly metrics: {
    readonly enabled: boolean;
    readonly push: boolean;
    readonly port: number | null;
    readonly path: string;
    readonly buckets: readonly number[];
    readonly labels: Readonly<Record<string, string>>;
  };
  readonly health: {
    readonly enabled: boolean;
    readonly push: boolean;
    readonly port: number | null;
    readonly path: string;
    readonly cacheMs: number;
    readonly timeoutMs: number;
  };
  readonly logs: {
    readonly level: LogLevel;
    readonly file: string | null;
    readonly stdout: boolean | DestinationStream;
    readonly push: boolean;
    readonly maskKeys: ReadonlySet<string>;
  };
  readonly errors: {
    readonly bufferSize: number;
    readonly windowMs: number;
    readonly sinks: readonly ErrorSink[];
    readonly push: boolean;
    readonly release: string;
    readonly environment: string;
  };
  readonly tracing: TracingSettings;
  readonly push: PushSettings | null;
  readonly circuitBreaker: BreakerOptions;
  readonly breakers: { readonly push: boolean; readonly commands: boolean };
  readonly propagation: PropagationOptions | null;
  readonly listenHost: string;
  readonly clock: Clock;
  readonly random: Random;
  /** What the environment said and was not understood. */
  readonly problems: readonly string[];
}

export type { TracingExport, TracingSettings } from './tracing/settings.ts';

export interface PushSettings {
  readonly url: string;
  readonly token: string | undefined;
  readonly intervalMs: number;
  readonly healthIntervalMs: number;
  readonly timeoutMs: number;
  readonly maxBufferBytes: number;
  readonly transport: Transport;
}

/** Options win over the environment, the environment over defaults. Throws TypeError on options that cannot be meant. */
export function resolveSettings(options: PharosOptions): Settings {
  if (typeof options.service !== 'string' || options.service.trim() === '')
    throw new TypeError('createPharos: service is empty, expected the name of the service');
  const raw = options.env ?? process.env;
  const env = new EnvironmentReader(raw);
  const push = pushSettings(options.push, env);
  return {
    service: options.service.trim(),
    version: options.version ?? raw.npm_package_version ?? '0.0.0',
    instance: options.instance ?? env.string('PHAROS_INSTANCE') ?? `${hostname()}:${process.pid}`,
    metrics: metricsSettings(options.metrics, env),
    health: healthSettings(options.health, env),
    logs: logSettings(options.logs, env),
    errors: errorSettings(options, env, raw),
    tracing: tracingSettings(options.tracing, env, push),
    push,
    circuitBreaker: breakerSettings(options.circuitBreaker, env),
    breakers: {
      push: options.breakers?.push ?? env.boolean('BREAKERS_PUSH') ?? true,
      commands: options.breakers?.commands ?? env.boolean('BREAKERS_COMMANDS') ?? true,
    },
    propagation: propagationSettings(options.propagation),
    listenHost: options.listenHost ?? env.string('PHAROS_LISTEN_HOST') ?? '127.0.0.1',
    clock: options.clock ?? systemClock,
    random: options.random ?? systemRandom,
    problems: env.problems,
  };
}

function metricsSettings(options: MetricsOptions = {}, env: EnvironmentReader): Settings['metrics'] {
  return {
    enabled: options.enabled ?? env.boolean('METRICS_ENABLED') ?? true,
    push: options.push ?? env.boolean('METRICS_PUSH') ?? true,
    port: options.port === undefined ? (env.port('METRICS_PORT') ?? null) : options.port,
    path: options.path ?? env.path('METRICS_PATH') ?? '/metrics',
    buckets: options.buckets ?? DEFAULT_BUCKETS_SECONDS,
    labels: options.labels ?? {},
  };
}

function healthSettings(options: HealthOptions = {}, env: EnvironmentReader): Settings['health'] {
  return {
    enabled: options.enabled ?? env.boolean('HEALTH_ENABLED') ?? true,
    push: options.push ?? env.boolean('HEALTH_PUSH') ?? true,
    port: options.port === undefined ? (env.port('HEALTH_PORT') ?? null) : options.port,
    path: options.path ?? env.path('HEALTH_PATH') ?? '/health',
    cacheMs: options.cache ?? 1_000,
    timeoutMs: options.timeout ?? 2_000,
  };
}

function logSettings(options: LogOptions = {}, env: EnvironmentReader): Settings['logs'] {
  const named = env.string('LOG_FILE');
  const file = options.file ?? (named === 'off' ? false : named) ?? 'logs/metrics.log';
  return {
    level: options.level ?? env.oneOf('LOG_LEVEL', LOG_LEVELS) ?? 'info',
    file: file === false ? null : file,
    stdout: options.stdout ?? true,
    push: options.push ?? env.boolean('LOG_PUSH') ?? true,
    maskKeys: new Set((options.maskKeys ?? []).map((key) => key.toLowerCase())),
  };
}

function errorSettings(
  { errors: options = {}, version }: PharosOptions,
  env: EnvironmentReader,
  raw: Environment,
): Settings['errors'] {
  return {
    bufferSize: options.bufferSize ?? 200,
    windowMs: options.window ?? 60_000,
    sinks: options.sinks ?? [],
    push: options.push ?? env.boolean('ERRORS_PUSH') ?? true,
    release: options.release ?? env.string('PHAROS_RELEASE') ?? version ?? raw.npm_package_version ?? '',
    environment: options.environment ?? env.string('PHAROS_ENVIRONMENT') ?? raw.NODE_ENV ?? '',
  };
}

function pushSettings(options: PushOptions = {}, env: EnvironmentReader): PushSettings | null {
  const url = options.url === undefined ? env.url('PHAROS_URL') : options.url;
  if (url === undefined || url === null) return null;
  if (!isHttpUrl(url)) throw new TypeError('createPharos: push.url is no http or https URL');
  return {
    url: url.replace(/\/+$/, ''),
    token: options.token ?? env.string('PHAROS_TOKEN'),
    intervalMs: options.interval ?? env.duration('PHAROS_PUSH_INTERVAL') ?? 15_000,
    healthIntervalMs: options.healthInterval ?? 30_000,
    timeoutMs: options.timeout ?? 5_000,
    maxBufferBytes: options.maxBufferBytes ?? 4 * 1024 * 1024,
    transport: options.transport ?? httpTransport,
  };
}

function breakerSettings(
  options: NonNullable<PharosOptions['circuitBreaker']> = {},
  env: EnvironmentReader,
): BreakerOptions {
  return {
    maxRequests: options.maxRequests ?? env.count('CIRCUIT_BREAKER_MAX_REQUESTS'),
    interval: options.interval ?? env.duration('CIRCUIT_BREAKER_INTERVAL'),
    timeout: options.timeout ?? env.duration('CIRCUIT_BREAKER_TIMEOUT'),
    failureThreshold: options.failureThreshold ?? env.count('CIRCUIT_BREAKER_FAILURE_THRESHOLD'),
  };
}

function propagationSettings(option: PharosOptions['propagation']): PropagationOptions | null {
  if (option === false) return null;
  return option === undefined || option === true ? {} : option;
}
