import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sample, testPharos } from '../testing/harness.ts';
import { ManualClock } from '../testing/manual-clock.ts';
import type { CapturedError } from './capture.ts';
import { classify, DEFAULT_SEVERITY, ERROR_TYPES, SEVERITIES, statusOf, typeOfStatus } from './classify.ts';
import { ErrorWindow } from './window.ts';

const named = (name: string, fields: object = {}): Error =>
  Object.assign(new Error('x'), { name, ...fields });

describe('classify', () => {
  it.each([
    [named('Error', { code: 'ECONNREFUSED' }), 'service_unavailable'],
    [
      new TypeError('fetch failed', { cause: named('Error', { code: 'ECONNREFUSED' }) }),
      'service_unavailable',
    ],
    [
      new TypeError('fetch failed', { cause: new AggregateError([named('Error', { code: 'ECONNRESET' })]) }),
      'service_unavailable',
    ],
    [
      new TypeError('fetch failed', {
        cause: named('ConnectTimeoutError', { code: 'UND_ERR_CONNECT_TIMEOUT' }),
      }),
      'timeout',
    ],
    [AbortSignal.abort().reason, 'timeout'],
    [named('TimeoutError'), 'timeout'],
    [named('CircuitOpenError', { code: 'PHAROS_CIRCUIT_OPEN' }), 'circuit_breaker'],
    [named('Error', { code: 'EOPENBREAKER' }), 'circuit_breaker'],
    [named('JWTExpired', { code: 'ERR_JWT_EXPIRED' }), 'authentication'],
    [named('JsonWebTokenError'), 'authentication'],
    [named('ForbiddenError', { statusCode: 403 }), 'authorization'],
    [named('FastifyError', { code: 'FST_ERR_VALIDATION', statusCode: 400 }), 'validation'],
    [named('ZodError'), 'validation'],
    [named('SyntaxError', { status: 400, type: 'entity.parse.failed' }), 'validation'],
    [named('AxiosError', { code: 'ERR_BAD_RESPONSE', response: { status: 503 } }), 'service_unavailable'],
    [named('AxiosError', { response: { status: 429 } }), 'rate_limit'],
    [named('NotFoundError', { status: 404 }), 'not_found'],
    [named('MongoServerSelectionError'), 'service_unavailable'],
    [new TypeError('x is not a function'), 'internal'],
    ['a string', 'internal'],
    [undefined, 'internal'],
    [{ status: 404 }, 'not_found'],
  ])('%o is %s', (error, type) => {
    expect(classify(error)).toEqual({ type, severity: DEFAULT_SEVERITY[type as CapturedError['type']] });
  });

  it('sorts every status, and falls back on the answered one', () => {
    for (let status = 100; status < 400; status++) expect(typeOfStatus(status)).toBeUndefined();
    for (let status = 400; status < 600; status++)
      if (status !== 499) expect(ERROR_TYPES).toContain(typeOfStatus(status));
    expect(typeOfStatus(499)).toBeUndefined();
    expect([400, 401, 403, 404, 408, 409, 422, 429, 500, 502, 503, 504].map(typeOfStatus)).toEqual([
      'validation',
      'authentication',
      'authorization',
      'not_found',
      'timeout',
      'validation',
      'validation',
      'rate_limit',
      'internal',
      'service_unavailable',
      'service_unavailable',
      'timeout',
    ]);
    expect(classify(new Error('x'), 404).type).toBe('not_found');
    expect(statusOf({ status: '404' })).toBeUndefined();
    expect(statusOf({ status: 200 })).toBeUndefined();
  });

  it('answers for anything, in bounded steps', () => {
    fc.assert(
      fc.property(fc.anything(), (value) => {
        expect(ERROR_TYPES).toContain(classify(value).type);
      }),
    );
    const loop: { cause?: unknown } = {};
    loop.cause = loop;
    expect(classify(loop).type).toBe('internal');
    expect(
      classify({
        get code(): never {
          throw new Error('no');
        },
      }).type,
    ).toBe('internal');
    for (const type of ERROR_TYPES) expect(SEVERITIES).toContain(DEFAULT_SEVERITY[type]);
  });
});

describe('ErrorWindow', () => {
  it('is a ratio over the window, and forgets', () => {
    const window = new ErrorWindow(60_000);
    expect(window.rate('timeout', 0)).toBe(0);
    for (let i = 0; i < 49; i++) window.record(0);
    window.record(0, 'timeout');
    expect(window.rate('timeout', 0)).toBe(0.02);
    expect(window.rate('internal', 0)).toBe(0);
    expect(window.rate('timeout', 59_999)).toBe(0.02);
    expect(window.rate('timeout', 60_000)).toBe(0);
    window.record(1_000_000, 'timeout');
    expect(window.rate('timeout', 1_000_000)).toBe(1);
  });

  it('agrees with a list of what happened', () => {
    const events = fc.array(
      fc.record({
        gap: fc.nat(20_000),
        error: fc.option(fc.constantFrom(...ERROR_TYPES), { nil: undefined }),
      }),
      { maxLength: 80 },
    );
    fc.assert(
      fc.property(events, (list) => {
        const window = new ErrorWindow(60_000);
        const seen: { slot: number; error: string | undefined }[] = [];
        let now = 0;
        for (const { gap, error } of list) {
          now += gap;
          window.record(now, error);
          seen.push({ slot: Math.floor(now / 5_000), error });
        }
        const live = seen.filter(({ slot }) => slot > Math.floor(now / 5_000) - 12);
        expect(window.requests(now)).toBe(live.length);
        for (const type of ERROR_TYPES) {
          const expected =
            live.length === 0 ? 0 : live.filter(({ error }) => error === type).length / live.length;
          expect(window.rate(type, now)).toBeCloseTo(expected);
        }
      }),
    );
  });
});

describe('ErrorCapture', () => {
  it('keeps the newest errors, masked, with the ids of their request', () => {
    const sent: CapturedError[] = [];
    const { pharos, logs } = testPharos({
      clock: new ManualClock(),
      errors: { bufferSize: 3, sinks: [{ send: (error) => sent.push(error) }] },
    });
    pharos.runInContext(
      () => {
        pharos.setUsername('ann');
        pharos.captureError(
          Object.assign(new Error('failed with password=hunter2'), { code: 'ECONNREFUSED' }),
          {
            context: { token: 'x', order: 7 },
          },
        );
      },
      { 'x-request-id': 'r1' },
    );
    const [error] = pharos.errors.recent();
    expect(error).toMatchObject({
      timestamp: '2026-01-01T00:00:00.000Z',
      service: 'shop',
      type: 'service_unavailable',
      severity: 'critical',
      name: 'Error',
      message: 'failed with password=[masked]',
      code: 'ECONNREFUSED',
      request_id: 'r1',
      username: 'ann',
      context: { token: '[masked]', order: 7 },
    });
    expect(error?.stack).not.toContain('hunter2');
    expect(sent).toEqual([error]);
    expect(logs.lines[0]).toMatchObject({ level: 'error', request_id: 'r1' });
    for (let i = 0; i < 5; i++) pharos.captureError(new Error(`e${i}`));
    expect(pharos.errors.recent().map(({ message }) => message)).toEqual(['e4', 'e3', 'e2']);
    expect(pharos.errors.recent(1)).toHaveLength(1);
  });

  it("counts by type and severity, takes the caller's word, and survives broken sinks and odd throws", async () => {
    const broken = {
      send: (): never => {
        throw new Error('sink');
      },
    };
    const { pharos } = testPharos({ errors: { sinks: [broken] } });
    pharos.captureError(new Error('x'), { type: 'rate_limit', severity: 'low' });
    pharos.captureError('just text');
    pharos.captureError(null);
    pharos.captureError({
      toString: null,
      toJSON: () => {
        throw new Error('no');
      },
    });
    const text = await pharos.registry.metrics();
    expect(sample(text, 'errors_total', { type: 'rate_limit', severity: 'low' })).toBe(1);
    expect(sample(text, 'errors_total', { type: 'internal', severity: 'high' })).toBe(3);
    expect(pharos.errors.stats()).toMatchObject({ total: 4, rates: { internal: 0 } });
  });
});

describe('errors on their way to Pharos', () => {
  it('go with causes, ids, release and what the request logged before, and say so in their log line', async () => {
    const sent: { readonly url: string; readonly body: unknown }[] = [];
    const { pharos, logs } = testPharos({
      version: '1.4.2',
      errors: { environment: 'staging' },
      push: {
        url: 'http://pharos.test',
        transport: async ({ url, body }) => {
          if (url.endsWith('/api/errors')) sent.push({ url, body: JSON.parse(gunzipSync(body).toString()) });
          return { status: 200, retryAfterSeconds: undefined };
        },
      },
    });
    pharos.runInContext(
      () => {
        pharos.setUsername('jo');
        pharos.logger.info('asked the store');
        pharos.captureError(new Error('no order 7', { cause: new TypeError('no stock') }));
      },
      { 'x-request-id': 'r-1' },
    );
    await pharos.stop();
    expect(sent).toMatchObject([
      {
        url: 'http://pharos.test/api/errors',
        body: {
          errors: [
            {
              sdk: 'pharos.node',
              service: 'shop',
              release: '1.4.2',
              environment: 'staging',
              name: 'Error',
              message: 'no order 7',
              type: 'internal',
              request_id: 'r-1',
              username: 'jo',
              causes: [{ name: 'TypeError', message: 'no stock' }],
              breadcrumbs: [{ category: 'log', level: 'info', message: 'asked the store' }],
            },
          ],
        },
      },
    ]);
    expect(logs.lines.find(({ message }) => message === 'no order 7')).toMatchObject({
      context: { error: { captured: true } },
    });
  });
});
