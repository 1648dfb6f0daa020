/** Every environment variable the SDK reads, with what it means; the README's table is held to it by a test. */
export const ENVIRONMENT = {
  PHAROS_URL:
    'Base address of Pharos, such as http://localhost:8000. Set: metrics, health, spans and logs are pushed to it. Unset: nothing is pushed.',
  PHAROS_INSTANCE: 'Label `instance` of what is pushed. Default: host name and process id.',
  PHAROS_PUSH_INTERVAL: 'How often metrics are pushed. Default 15s.',
  PHAROS_TOKEN: 'Bearer token sent with every push.',
  PHAROS_RELEASE: 'Release that errors are of. Default: the version of the service.',
  PHAROS_ENVIRONMENT: 'Environment that errors are of, such as production. Default: NODE_ENV.',
  ERRORS_PUSH: 'Whether captured errors go to Pharos, where PHAROS_URL is set. Default true.',
  PHAROS_LISTEN_HOST: 'Address of the extra listeners. Default 127.0.0.1.',
  LOG_LEVEL: 'trace, debug, info, warn, error, fatal or silent. Default info.',
  LOG_PUSH: 'Whether log lines go to Pharos too, where PHAROS_URL is set. Default true.',
  LOG_FILE: 'File that logs go to besides stdout; `off` for none. Default logs/metrics.log.',
  METRICS_ENABLED: 'Whether metrics are collected and served. Default true.',
  METRICS_PUSH:
    'Whether metrics are pushed, where PHAROS_URL is set; what is scraped need not be. Default true.',
  METRICS_PORT: "Extra listener for metrics. Unset: the app's own only.",
  METRICS_PATH: 'Path of the metrics. Default /metrics.',
  TRACING_ENABLED:
    'Whether a request that comes without a trace context starts one, and spans are recorded. Default true.',
  TRACING_ENDPOINT:
    'Where spans go: Jaeger Thrift when it ends in /api/traces, else OTLP. Default: Pharos, where PHAROS_URL is set.',
  TRACING_SAMPLER:
    'Share of the traces started here that are recorded, 0..1; others are as their start decided. Default 1.',
  OTEL_SDK_DISABLED: 'true: no tracing, unless TRACING_ENABLED says otherwise.',
  OTEL_TRACES_EXPORTER: 'none: spans are not recorded.',
  OTEL_EXPORTER_OTLP_ENDPOINT: 'Base address for spans where TRACING_ENDPOINT is unset; /v1/traces is added.',
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'The same as a whole address.',
  OTEL_EXPORTER_OTLP_HEADERS: 'Headers sent with spans, as name=value pairs between commas.',
  OTEL_EXPORTER_OTLP_TRACES_HEADERS: 'The same; wins over the former.',
  OTEL_TRACES_SAMPLER: 'Sampler by its OpenTelemetry name, where TRACING_SAMPLER is unset.',
  OTEL_TRACES_SAMPLER_ARG: 'Ratio of a traceidratio sampler.',
  OTEL_RESOURCE_ATTRIBUTES:
    'More attributes of the service on every span, as name=value pairs between commas.',
  OTEL_BSP_SCHEDULE_DELAY: 'Milliseconds a span waits for others at most. Default 1000.',
  OTEL_BSP_MAX_EXPORT_BATCH_SIZE: 'Spans sent together at most. Default 512.',
  HEALTH_ENABLED: 'Whether health is served. Default true.',
  HEALTH_PUSH: 'Whether health is reported, where PHAROS_URL is set. Default true.',
  HEALTH_PORT: "Extra listener for health. Unset: the app's own only.",
  HEALTH_PATH: 'Path of the health report; readiness and liveness are below it. Default /health.',
  BREAKERS_PUSH: 'Whether breakers are registered with Pharos, where PHAROS_URL is set. Default true.',
  BREAKERS_COMMANDS: 'Whether Pharos may reset, hold and release them. Default true.',
  CIRCUIT_BREAKER_MAX_REQUESTS: 'Calls let through while half-open. Default 5.',
  CIRCUIT_BREAKER_INTERVAL: 'After this the closed state forgets its counts. Default 60s.',
  CIRCUIT_BREAKER_TIMEOUT: 'How long a breaker stays open. Default 60s.',
  CIRCUIT_BREAKER_FAILURE_THRESHOLD: 'Consecutive failures that open a breaker. Default 5.',
} as const;

export type EnvironmentName = keyof typeof ENVIRONMENT;

export type Environment = Readonly<Record<string, string | undefined>>;

/** Variables whose value may hold a credential and is never shown. */
const SECRET: ReadonlySet<EnvironmentName> = new Set([
  'PHAROS_URL',
  'TRACING_ENDPOINT',
  'OTEL_EXPORTER_OTLP_ENDPOINT',
  'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT',
  'OTEL_EXPORTER_OTLP_HEADERS',
  'OTEL_EXPORTER_OTLP_TRACES_HEADERS',
]);

/** Reads variables; a value that does not parse is noted and treated as unset, because a typing error must not stop a service. */
export class EnvironmentReader {
  readonly problems: string[] = [];
  readonly #env: Environment;

  constructor(env: Environment) {
    this.#env = env;
  }

  string(name: EnvironmentName): string | undefined {
    const value = this.#env[name]?.trim();
    return value === '' ? undefined : value;
  }

  boolean(name: EnvironmentName): boolean | undefined {
    return this.#parsed(name, 'true or false', (text) => {
      if (/^(1|true|yes|on)$/i.test(text)) return true;
      if (/^(0|false|no|off)$/i.test(text)) return false;
      return undefined;
    });
  }

  port(name: EnvironmentName): number | undefined {
    return this.#parsed(name, 'a port, 0..65535', (text) => inRange(text, /^\d{1,5}$/, 0, 65535));
  }

  count(name: EnvironmentName): number | undefined {
    return this.#parsed(name, 'a whole number of at least 1', (text) => inRange(text, /^\d{1,9}$/, 1, 1e9));
  }

  ratio(name: EnvironmentName): number | undefined {
    return this.#parsed(name, 'a ratio, 0..1', (text) => inRange(text, /^\d*\.?\d+$/, 0, 1));
  }

  /** Milliseconds. */
  duration(name: EnvironmentName): number | undefined {
    return this.#parsed(name, 'a duration such as 60s, 500ms or 1m30s', parseDuration);
  }

  /** A bare number of milliseconds, as OpenTelemetry's variables have it. */
  milliseconds(name: EnvironmentName): number | undefined {
    return this.#parsed(name, 'milliseconds, at least 1', (text) => inRange(text, /^\d{1,9}$/, 1, 1e9));
  }

  /** `name=value,name=value` with values percent-encoded (OpenTelemetry's, after W3C Baggage). */
  pairs(name: EnvironmentName): Readonly<Record<string, string>> | undefined {
    return this.#parsed(name, 'name=value pairs between commas', parsePairs);
  }

  path(name: EnvironmentName): string | undefined {
    return this.#parsed(name, 'a path that starts with /', (text) =>
      /^\/[\w\-./~]*$/.test(text) ? text : undefined,
    );
  }

  url(name: EnvironmentName): string | undefined {
    return this.#parsed(name, 'an http or https URL', (text) => (isHttpUrl(text) ? text : undefined));
  }

  oneOf<T extends string>(name: EnvironmentName, values: readonly T[]): T | undefined {
    return this.#parsed(name, `one of ${values.join(', ')}`, (text) =>
      values.find((value) => value === text.toLowerCase()),
    );
  }

  #parsed<T>(name: EnvironmentName, expected: string, parse: (text: string) => T | undefined): T | undefined {
    const text = this.string(name);
    if (text === undefined) return undefined;
    const value = parse(text);
    if (value === undefined) {
      const shown = SECRET.has(name) ? 'its value' : JSON.stringify(text.slice(0, 80));
      this.problems.push(`${name} is ${shown}, expected ${expected}; it is ignored`);
    }
    return value;
  }
}

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

function parsePairs(text: string): Readonly<Record<string, string>> | undefined {
  const pairs = new Map<string, string>();
  for (const part of text.split(',')) {
    const equals = part.indexOf('=');
    if (part.trim() === '') continue;
    if (equals <= 0) return undefined;
    try {
      pairs.set(part.slice(0, equals).trim(), decodeURIComponent(part.slice(equals + 1).trim()));
    } catch {
      return undefined;
    }
  }
  return Object.fromEntries(pairs);
}

/** `60s`, `1m30s`, `500ms`, `1.5h`; a bare number is seconds. Milliseconds, or undefined when it is no duration. */
export function parseDuration(text: string): number | undefined {
  if (text.length > 40) return undefined;
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text) * 1_000;
  if (!/^(\d+(\.\d+)?(ms|s|m|h|d))+$/.test(text)) return undefined;
  let total = 0;
  for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g)) {
    total += Number(amount) * (UNIT_MS[unit ?? ''] ?? Number.NaN);
  }
  return Number.isFinite(total) ? total : undefined;
}

export function isHttpUrl(text: string): boolean {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);
}

function inRange(text: string, shape: RegExp, min: number, max: number): number | undefined {
  if (!shape.test(text)) return undefined;
  const number = Number(text);
  return number >= min && number <= max ? number : undefined;
}
