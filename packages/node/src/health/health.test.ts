import { describe, expect, it } from 'vitest';
import { sample, testPharos } from '../testing/harness.ts';
import { ManualClock } from '../testing/manual-clock.ts';
import type { HealthCheck } from './health.ts';

function setup(): { clock: ManualClock } & ReturnType<typeof testPharos> {
  const clock = new ManualClock();
  return { clock, ...testPharos({ clock, version: '1.2.3' }) };
}

describe('report', () => {
  it('has the documented shape', async () => {
    const { pharos } = setup();
    pharos.health.register('database', () => ({ status: 'healthy', message: 'mongodb://u:p@db is up' }));
    const breaker = pharos.breakers.create('catalog-client', { failureThreshold: 1 });
    await breaker.execute(() => Promise.reject(new Error('x'))).catch(() => {});
    const report = await pharos.health.report();
    const counts = {
      requests: 0,
      total_successes: 0,
      total_failures: 0,
      consecutive_successes: 0,
      consecutive_failures: 0,
    };
    expect(report).toEqual({
      timestamp: '2026-01-01T00:00:00.000Z',
      status: 'degraded',
      service: 'shop',
      version: '1.2.3',
      details: {
        catalog_status: 'unhealthy',
        database_status: 'healthy',
        database_message: 'mongodb://[masked]@db is up',
        circuit_breaker_status: 'OPEN',
      },
      circuit_breaker: { service: 'catalog', state: 'OPEN', counts },
      circuit_breakers: [
        expect.objectContaining({ service: 'catalog', name: 'catalog-client', state: 'OPEN' }),
      ],
    });
  });

  it.each<[string, HealthCheck, boolean, string]>([
    ['nothing', () => undefined, true, 'healthy'],
    ['true', () => true, true, 'healthy'],
    ['a status', () => Promise.resolve('degraded' as const), true, 'degraded'],
    ['false', async () => false, true, 'unhealthy'],
    [
      'a throw',
      () => {
        throw new Error('x');
      },
      true,
      'unhealthy',
    ],
    ['a rejection', () => Promise.reject(new Error('x')), true, 'unhealthy'],
    ['false of one that is not critical', () => false, false, 'degraded'],
  ])('%s', async (_name, check, critical, status) => {
    const { pharos } = setup();
    pharos.health.register('x', check, { critical });
    expect((await pharos.health.report()).status).toBe(status);
  });

  it('gives up on a check that hangs, and tells it so', async () => {
    const { clock, pharos } = setup();
    let signal: AbortSignal | undefined;
    pharos.health.register(
      'slow',
      (given) => {
        signal = given;
        return new Promise(() => {});
      },
      { timeout: 300 },
    );
    const report = pharos.health.report();
    await clock.advance(300);
    expect((await report).details).toMatchObject({
      slow_status: 'unhealthy',
      slow_message: 'timed out after 300 ms',
    });
    expect(signal?.aborted).toBe(true);
  });

  it('asks once for everyone, and again after at most 5 s', async () => {
    const clock = new ManualClock();
    const { pharos } = testPharos({ clock, health: { cache: 60_000 } });
    let asked = 0;
    pharos.health.register('x', () => {
      asked++;
      return true;
    });
    await Promise.all(Array.from({ length: 20 }, () => pharos.health.report()));
    await clock.advance(4_999);
    await pharos.health.report();
    expect(asked).toBe(1);
    await clock.advance(1);
    await pharos.health.report();
    expect(asked).toBe(2);
    expect(pharos.health.unregister('x')).toBe(true);
    expect((await pharos.health.report()).details).toEqual({ circuit_breaker_status: 'CLOSED' });
  });
});

describe('probes', () => {
  it('keep readiness and liveness apart', async () => {
    const { pharos } = setup();
    const { health } = pharos;
    health.register('database', () => false);
    expect((await health.readiness()).status).toBe('unhealthy');
    expect((await health.liveness()).status).toBe('healthy');
    health.unregister('database');
    health.setReady(false);
    expect(await health.readiness()).toMatchObject({ status: 'unhealthy', details: { ready: 'false' } });
    expect((await health.report()).status).toBe('healthy');
    health.register('loop', () => false, { liveness: true });
    expect((await health.liveness()).status).toBe('unhealthy');
  });
});

describe('service health metrics', () => {
  const shown = async (
    pharos: ReturnType<typeof testPharos>['pharos'],
    service = 'shop',
  ): Promise<unknown[]> => {
    const text = await pharos.registry.metrics();
    const state = (name: string): number | undefined =>
      sample(text, 'service_health_state', { service, state: name });
    return [
      sample(text, 'service_health_status', { service }),
      ['healthy', 'degraded', 'unhealthy', 'down'].map(state),
    ];
  };

  it('follow the own checks until a state is reported', async () => {
    const { clock, pharos } = setup();
    expect(await shown(pharos)).toEqual([1, [1, 0, 0, 0]]);
    pharos.health.register('x', () => 'degraded');
    expect(await shown(pharos)).toEqual([1, [0, 1, 0, 0]]);
    pharos.health.register('x', () => false);
    expect(await shown(pharos)).toEqual([0, [0, 0, 1, 0]]);
    pharos.reportHealth('shop', 'down');
    expect(await shown(pharos)).toEqual([0, [0, 0, 0, 1]]);
    pharos.reportHealth('other', 'healthy');
    expect(await shown(pharos, 'other')).toEqual([1, [1, 0, 0, 0]]);
    pharos.reportHealth('other', 'unknown');
    expect(await shown(pharos, 'other')).toEqual([undefined, [undefined, undefined, undefined, undefined]]);
    await clock.advance(1);
  });

  it('leave out what the checks cannot say in time, without holding up the scrape', async () => {
    const { clock, pharos } = setup();
    pharos.health.register('slow', () => new Promise(() => {}));
    const text = pharos.registry.metrics();
    await clock.advance(1_000);
    expect(sample(await text, 'service_health_status')).toBeUndefined();
  });

  it('ignore a state that is none, and say so', async () => {
    const { pharos, logs } = setup();
    pharos.reportHealth('shop', 'fine' as 'healthy');
    expect(await shown(pharos)).toEqual([1, [1, 0, 0, 0]]);
    expect(logs.lines[0]).toMatchObject({ level: 'warn', context: { status: 'fine' } });
  });
});
