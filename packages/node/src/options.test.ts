import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import exceptions from '../metric-name-exceptions.json' with { type: 'json' };
import { ENVIRONMENT, EnvironmentReader, parseDuration } from './env.ts';
import { resolveSettings } from './options.ts';
import { testPharos } from './testing/harness.ts';

const settings = (env: Record<string, string>, options = {}): ReturnType<typeof resolveSettings> =>
  resolveSettings({ service: 's', env, ...options });

describe('parseDuration', () => {
  it.each([
    ['60s', 60_000],
    ['500ms', 500],
    ['1m30s', 90_000],
    ['1.5h', 5_400_000],
    ['2d', 172_800_000],
    ['5', 5_000],
    ['0', 0],
  ])('%s is %i ms', (text, ms) => expect(parseDuration(text)).toBe(ms));

  it.each(['', 's', '-1s', '1 s', '1y', '1e3', 'abc', '__proto__', '1s1', '9'.repeat(400)])(
    '%j is none',
    (text) => expect(parseDuration(text)).toBeUndefined(),
  );

  it('never gives anything but a finite number of at least 0', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string(), fc.stringMatching(/^(\d{1,30}(\.\d{1,9})?(ms|s|m|h|d)?){1,3}$/)),
        (text) => {
          const ms = parseDuration(text);
          if (ms !== undefined) expect(Number.isFinite(ms) && ms >= 0).toBe(true);
        },
      ),
    );
  });
});

describe('settings', () => {
  it('have the documented defaults', () => {
    expect(settings({})).toMatchObject({
      service: 's',
      version: '0.0.0',
      metrics: { enabled: true, port: null, path: '/metrics' },
      health: { enabled: true, port: null, path: '/health', cacheMs: 1_000, timeoutMs: 2_000 },
      logs: { level: 'info', file: 'logs/metrics.log', stdout: true },
      tracing: { enabled: true, sampler: 1, resource: {}, export: null },
      errors: { bufferSize: 200, windowMs: 60_000 },
      push: null,
      listenHost: '127.0.0.1',
      problems: [],
    });
    expect(settings({}).circuitBreaker).toEqual({});
  });

  it('take every variable', () => {
    const env = {
      PHAROS_URL: 'http://localhost:8000/',
      PHAROS_INSTANCE: 'a:1',
      PHAROS_PUSH_INTERVAL: '5s',
      PHAROS_TOKEN: 'secret',
      PHAROS_LISTEN_HOST: '0.0.0.0',
      LOG_LEVEL: 'WARN',
      LOG_FILE: 'off',
      LOG_PUSH: 'no',
      METRICS_ENABLED: 'no',
      METRICS_PUSH: 'false',
      METRICS_PORT: '8002',
      METRICS_PATH: '/m',
      TRACING_ENABLED: '1',
      TRACING_ENDPOINT: 'http://localhost:14268/api/traces',
      TRACING_SAMPLER: '0.25',
      OTEL_SDK_DISABLED: 'true',
      OTEL_TRACES_EXPORTER: 'otlp',
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318',
      OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://collector:4318/t',
      OTEL_EXPORTER_OTLP_HEADERS: 'a=1,b=x%20y',
      OTEL_EXPORTER_OTLP_TRACES_HEADERS: 'a=2',
      OTEL_TRACES_SAMPLER: 'always_off',
      OTEL_TRACES_SAMPLER_ARG: '0.5',
      OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=prod',
      OTEL_BSP_SCHEDULE_DELAY: '200',
      OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '64',
      HEALTH_ENABLED: 'false',
      HEALTH_PUSH: 'false',
      HEALTH_PORT: '0',
      HEALTH_PATH: '/h',
      BREAKERS_PUSH: 'false',
      BREAKERS_COMMANDS: 'false',
      CIRCUIT_BREAKER_MAX_REQUESTS: '2',
      CIRCUIT_BREAKER_INTERVAL: '30s',
      CIRCUIT_BREAKER_TIMEOUT: '10s',
      CIRCUIT_BREAKER_FAILURE_THRESHOLD: '3',
      ERRORS_PUSH: 'no',
      PHAROS_RELEASE: '2.0.0',
      PHAROS_ENVIRONMENT: 'staging',
    };
    expect(Object.keys(env).sort()).toEqual(Object.keys(ENVIRONMENT).sort());
    expect(settings(env)).toMatchObject({
      instance: 'a:1',
      errors: { push: false, release: '2.0.0', environment: 'staging' },
      listenHost: '0.0.0.0',
      push: { url: 'http://localhost:8000', token: 'secret', intervalMs: 5_000 },
      logs: { level: 'warn', file: null, push: false },
      metrics: { enabled: false, push: false, port: 8002, path: '/m' },
      tracing: {
        enabled: true,
        sampler: 0.25,
        resource: { 'deployment.environment.name': 'prod' },
        export: {
          url: 'http://localhost:14268/api/traces',
          protocol: 'jaeger',
          headers: { a: '2', b: 'x y' },
          token: undefined,
          intervalMs: 200,
          maxSpans: 64,
        },
      },
      health: { enabled: false, push: false, port: 0, path: '/h' },
      breakers: { push: false, commands: false },
      circuitBreaker: { maxRequests: 2, interval: 30_000, timeout: 10_000, failureThreshold: 3 },
      problems: [],
    });
  });

  it.each([
    [{ PHAROS_URL: 'http://p:1/' }, 'http://p:1/v1/traces'],
    [{ PHAROS_URL: 'http://p:1', TRACING_ENDPOINT: 'http://t:2' }, 'http://t:2/v1/traces'],
    [{ TRACING_ENDPOINT: 'http://t:2/own' }, 'http://t:2/own'],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://o:3/' }, 'http://o:3/v1/traces'],
    [
      { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://o:3', OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://o:4/x' },
      'http://o:4/x',
    ],
    [{ PHAROS_URL: 'http://p:1', OTEL_TRACES_EXPORTER: 'none' }, undefined],
    [{ PHAROS_URL: 'http://p:1', TRACING_ENABLED: 'false' }, undefined],
    [{ PHAROS_URL: 'http://p:1', OTEL_SDK_DISABLED: 'true' }, undefined],
    [{}, undefined],
  ])('%j sends spans to %s', (env: Record<string, string>, url) =>
    expect(settings(env).tracing.export?.url).toBe(url),
  );

  it('give Pharos its token, and nobody else', () => {
    const env = { PHAROS_URL: 'http://p:1', PHAROS_TOKEN: 'secret' };
    expect(settings(env).tracing.export?.token).toBe('secret');
    expect(settings({ ...env, TRACING_ENDPOINT: 'http://t:2' }).tracing.export?.token).toBeUndefined();
    expect(settings(env, { tracing: { endpoint: null } }).tracing.export).toBeNull();
  });

  it.each([
    ['always_off', '0.5', 0],
    ['parentbased_traceidratio', '0.5', 0.5],
    ['traceidratio', undefined, 1],
    ['parentbased_always_on', '0', 1],
  ])('take the sampler %s (%s) as %f', (name, argument, ratio) => {
    const env = {
      OTEL_TRACES_SAMPLER: name,
      ...(argument !== undefined && { OTEL_TRACES_SAMPLER_ARG: argument }),
    };
    expect(settings(env).tracing.sampler).toBe(ratio);
  });

  it('prefer what the code says', () => {
    const env = {
      METRICS_PORT: '9',
      METRICS_PATH: '/env',
      PHAROS_URL: 'http://env',
      CIRCUIT_BREAKER_TIMEOUT: '1s',
      LOG_FILE: 'x',
    };
    const resolved = settings(env, {
      metrics: { port: null, path: '/code' },
      push: { url: null },
      circuitBreaker: { timeout: 7 },
      logs: { file: false },
    });
    expect(resolved).toMatchObject({
      metrics: { port: null, path: '/code' },
      push: null,
      logs: { file: null },
    });
    expect(resolved.circuitBreaker.timeout).toBe(7);
  });

  it('say what they did not understand, without stopping the service or showing secrets', () => {
    const { pharos, logs } = testPharos({
      env: {
        METRICS_PORT: '99999',
        METRICS_ENABLED: 'maybe',
        TRACING_SAMPLER: '2',
        CIRCUIT_BREAKER_TIMEOUT: 'soon',
        CIRCUIT_BREAKER_MAX_REQUESTS: '0',
        METRICS_PATH: 'm',
        LOG_LEVEL: 'loud',
        PHAROS_URL: 'user:hunter2',
        TRACING_ENDPOINT: 'http://t:1',
        OTEL_EXPORTER_OTLP_HEADERS: 'hunter2',
        OTEL_RESOURCE_ATTRIBUTES: 'a=%zz',
        OTEL_BSP_SCHEDULE_DELAY: '0',
      },
    });
    expect(logs.messages()).toContain('METRICS_PORT is "99999", expected a port, 0..65535; it is ignored');
    expect(logs.messages()).toContain(
      'CIRCUIT_BREAKER_TIMEOUT is "soon", expected a duration such as 60s, 500ms or 1m30s; it is ignored',
    );
    expect(logs.lines).toHaveLength(11);
    expect(JSON.stringify(logs.lines)).not.toContain('hunter2');
    expect(pharos.settings.metrics).toMatchObject({ enabled: true, port: null, path: '/metrics' });
  });

  it('refuse options that cannot be meant', () => {
    expect(() => settings({}, { service: ' ' })).toThrow(/service is empty/);
    expect(() => settings({}, { push: { url: 'ftp://x' } })).toThrow(/push.url/);
    expect(() => settings({}, { tracing: { endpoint: 'ftp://x' } })).toThrow(/tracing.endpoint/);
  });

  it('read empty variables as unset', () => {
    const env = new EnvironmentReader({ METRICS_PORT: ' ', METRICS_ENABLED: '' });
    expect([env.port('METRICS_PORT'), env.boolean('METRICS_ENABLED'), env.problems]).toEqual([
      undefined,
      undefined,
      [],
    ]);
  });
});

describe('README', () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');

  it('lists exactly the variables that are read, as they are', () => {
    const rows = [...readme.matchAll(/^\| `([A-Z][A-Z_]+)` \| (.*) \|$/gm)].map(([, name, text]) => [
      name,
      text,
    ]);
    expect(Object.fromEntries(rows)).toEqual(ENVIRONMENT);
  });

  it('names every option', () => {
    const options = readFileSync(new URL('./options.ts', import.meta.url), 'utf8');
    const groups: Record<string, string> = {
      PharosOptions: '',
      MetricsOptions: 'metrics.',
      HealthOptions: 'health.',
      LogOptions: 'logs.',
      ErrorOptions: 'errors.',
      TracingOptions: 'tracing.',
      PushOptions: 'push.',
      BreakerChannelOptions: 'breakers.',
    };
    const table = readme.slice(readme.indexOf('## Options'), readme.indexOf('## Environment'));
    const missing: string[] = [];
    for (const [name, prefix] of Object.entries(groups)) {
      const [, body = ''] = new RegExp(`interface ${name} \\{([^]*?)\\n\\}`).exec(options) ?? [];
      const fields = [...body.matchAll(/^ {2}readonly (\w+)\??:/gm)].map(([, field]) => String(field));
      expect(fields.length).toBeGreaterThan(0);
      for (const field of fields) {
        const group = Object.values(groups).includes(`${field}.`);
        if (!group && !table.includes(`\`${prefix}${field}\``)) missing.push(prefix + field);
      }
    }
    expect(missing).toEqual([]);
  });

  it('names every breaker option with its default', () => {
    for (const row of [
      '`maxRequests` | 5',
      '`interval` | 60,000',
      '`timeout` | 60,000',
      '`failureThreshold` | 5',
    ])
      expect(readme).toContain(row);
  });

  it('names every metric of the SDK', async () => {
    const text = await testPharos().pharos.registry.metrics();
    const names = [...text.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => String(name));
    const own = names.filter((name) => !/^(process|nodejs)_/.test(name));
    expect(own.filter((name) => !readme.includes(`\`${name}`))).toEqual([]);
    expect(Object.keys(exceptions).filter((name) => !names.includes(name))).toEqual([]);
  });
});
