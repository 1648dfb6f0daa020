import { describe, expect, it } from 'vitest';
import { ManualClock } from '../kernel/clock.ts';
import { createServiceNames } from '../kernel/names.ts';
import { createTelemetry } from '../kernel/telemetry.ts';
import { HealthMonitor, type ServiceTransition } from './monitor.ts';
import { HealthPoller, readHealthAnswer } from './poller.ts';
import type { Signal } from './signal.ts';
import type { ScrapedTarget } from './targets.ts';
import { healthTelemetry } from './telemetry.ts';

function setup() {
  const clock = new ManualClock(1_000_000);
  const transitions: ServiceTransition[] = [];
  const answers = new Map<string, { status: number; body: string } | Error>();
  const state = {
    targets: [] as ScrapedTarget[],
    signals: new Map<string, readonly Signal[]>(),
    calls: new Map<string, ReadonlySet<string>>(),
  };
  const poller = new HealthPoller({
    random: () => 0.5,
    telemetry: healthTelemetry(createTelemetry()),
    clock,
    intervalMs: 5000,
    timeoutMs: 1000,
    fetch: (url) => {
      const answer = answers.get(url) ?? new Error('connect ECONNREFUSED');
      return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
    },
  });
  const monitor = new HealthMonitor({
    clock,
    poller,
    names: createServiceNames(new Map()),
    targets: () => state.targets,
    extraPolls: [],
    targetTenant: 'default',
    signals: (tenant) => (tenant === 'default' ? state.signals : new Map()),
    calls: () => state.calls,
    onTransition: (transition) => transitions.push(transition),
  });
  monitor.start();
  const target = (health: 'up' | 'down', job = 'order-service'): ScrapedTarget => ({
    job,
    instance: '127.0.0.1:8003',
    label: () => undefined,
    healthUrl: 'http://127.0.0.1:8003/health',
    health,
    lastScrape: clock.now(),
    lastError: health === 'up' ? '' : 'connection refused',
  });
  /** Five seconds of scraping with an outcome. */
  const scrape = async (health: 'up' | 'down') => {
    state.targets = [target(health)];
    await clock.advance(5000);
  };
  const status = (tenant = 'default') => monitor.list(tenant).map((s) => `${s.name} ${s.status}`);
  return { clock, monitor, transitions, answers, state, scrape, status, target };
}
const URL_ORDER = 'http://127.0.0.1:8003/health';
const healthy = { status: 200, body: '{"status":"healthy"}' };

describe('HealthMonitor', () => {
  it('follows a service through death and recovery under its canonical name', async () => {
    const t = setup();
    t.answers.set(URL_ORDER, healthy);
    await t.scrape('up');
    expect(t.status()).toEqual(['order healthy']);
    t.answers.set(URL_ORDER, new Error('connect ECONNREFUSED'));
    await t.scrape('down');
    await t.scrape('down');
    expect(t.status()).toEqual(['order unhealthy']);
    expect(
      t.monitor
        .list('default')[0]
        ?.reasons.map((r) => r.message)
        .join(),
    ).toContain('ECONNREFUSED');
    t.answers.set(URL_ORDER, healthy);
    await t.scrape('up');
    await t.scrape('up');
    expect(t.status()).toEqual(['order healthy']);
    expect(t.transitions.map((x) => x.to)).toContain('unhealthy');
    expect(t.transitions.at(-1)).toMatchObject({ service: 'order', to: 'healthy' });
  });

  it('takes a 503 health answer at its word, and does not hold a missing endpoint against a target', async () => {
    const t = setup();
    t.answers.set(URL_ORDER, { status: 404, body: '<html>no</html>' });
    await t.scrape('up');
    expect(t.status()).toEqual(['order healthy']);
    expect(t.monitor.list('default')[0]?.sources.map((s) => s.kind)).toEqual(['scrape']);
    const other = setup();
    other.answers.set(URL_ORDER, {
      status: 503,
      body: '{"status":"unhealthy","details":{"database_status":"down"}}',
    });
    await other.scrape('up');
    expect(other.status()).toEqual(['order unhealthy']);
    expect(other.monitor.list('default')[0]?.reasons[0]?.message).toContain('database_status: down');
  });

  it('lets a pushed report expire into unknown, with the reason, then forgets the service', async () => {
    const t = setup();
    t.monitor.report('default', 'billing', 'down');
    await t.clock.advance(1000);
    expect(t.status()).toEqual(['billing unhealthy']);
    await t.clock.advance(95_000);
    expect(t.status()).toEqual(['billing unknown']);
    expect(t.monitor.list('default')[0]?.reasons[0]?.message).toMatch(
      /last pushed report \("down"\) is \d+ s old/,
    );
    await t.clock.advance(700_000);
    expect(t.status()).toEqual([]);
  });

  it('asks an address in the name of the service that has it now', async () => {
    const { clock, answers, state, status, target } = setup();
    answers.set(URL_ORDER, healthy);
    state.targets = [target('up', 'order')];
    await clock.advance(20_000);
    expect(status()).toEqual(['order healthy']);
    state.targets = [target('up', 'orders')];
    await clock.advance(20_000);
    expect(status()).toEqual(['order unknown', 'orders healthy']);
    await clock.advance(600_000);
    expect(status()).toEqual(['orders healthy']);
  });

  it('keeps tenants apart', async () => {
    const t = setup();
    t.monitor.report('blue', 'billing', 'healthy');
    t.monitor.report('green', 'billing', 'down');
    await t.clock.advance(1000);
    expect([t.status('blue'), t.status('green'), t.status('default')]).toEqual([
      ['billing healthy'],
      ['billing unhealthy'],
      [],
    ]);
  });

  it('gives a new service the time to start before it speaks of it', async () => {
    const t = setup();
    t.state.targets = [t.target('down')];
    await t.clock.advance(2000);
    expect(t.status()).toEqual([]);
    await t.scrape('down');
    expect(t.status()).toEqual([]);
    await t.scrape('down');
    expect(t.status()).toEqual(['order unhealthy']);
    expect(t.transitions).toMatchObject([{ from: 'unknown', to: 'unhealthy' }]);
  });

  it('waits for the second look at metrics of a service that begins to answer elsewhere', async () => {
    const t = setup();
    t.answers.set(URL_ORDER, healthy);
    t.state.targets = [t.target('down')];
    await t.clock.advance(2000);
    expect([t.status(), t.transitions]).toEqual([[], []]);
    await t.scrape('up');
    expect(t.transitions).toMatchObject([{ service: 'order', from: 'unknown', to: 'healthy' }]);
  });

  it('gives that time only where nothing listens: who answers wrongly has started', async () => {
    const t = setup();
    const failing = () => [{ ...t.target('down'), lastError: 'HTTP status 500' }];
    t.state.targets = failing();
    await t.clock.advance(1000);
    expect(t.status()).toEqual(['order degraded']);
    t.state.targets = failing();
    await t.clock.advance(1000);
    expect(t.status()).toEqual(['order unhealthy']);
  });

  it('does not call a restored service changed', async () => {
    const t = setup();
    t.monitor.restore('default', 'order', { status: 'healthy', since: 5 });
    t.answers.set(URL_ORDER, healthy);
    await t.scrape('up');
    expect(t.transitions).toEqual([]);
    expect(t.monitor.list('default')[0]?.since).toBe(5);
  });

  it('holds a restored state until the first look, and not for ever', async () => {
    const t = setup();
    t.monitor.restore('default', 'order', { status: 'healthy', since: 5 });
    t.monitor.restore('default', 'billing', { status: 'degraded', since: 6 });
    t.state.targets = [{ ...t.target('up'), health: 'unknown', lastScrape: 0, healthUrl: null }];
    await t.clock.advance(10_000);
    expect([t.transitions, t.status()]).toEqual([[], ['billing degraded', 'order healthy']]);
    await t.scrape('down');
    t.state.targets = [{ ...t.target('down'), healthUrl: null }];
    await t.clock.advance(1000);
    expect(t.transitions).toMatchObject([
      { service: 'order', to: 'degraded' },
      { service: 'order', to: 'unhealthy' },
    ]);
    await t.clock.advance(80_000);
    expect(t.status()).toEqual(['billing unknown', 'order unhealthy']);
  });

  it('keeps the age of a service that was down before a restart and still is', async () => {
    const t = setup();
    t.monitor.restore('default', 'order', { status: 'unhealthy', since: 5 });
    expect(t.status()).toEqual(['order unhealthy']);
    for (let looks = 0; looks < 3; looks++) {
      t.state.targets = [{ ...t.target('down'), healthUrl: null }];
      await t.clock.advance(2000);
      expect([t.status(), t.transitions]).toEqual([['order unhealthy'], []]);
    }
    expect(t.monitor.list('default')[0]).toMatchObject({ since: 5, reasons: [{ severity: 'critical' }] });
  });

  it('judges what other slices say, also of a service that only they know', async () => {
    const t = setup();
    t.answers.set(URL_ORDER, healthy);
    const slow: Signal = { kind: 'traffic', status: 'degraded', message: 'slow', at: 1 };
    t.state.signals = new Map([
      ['order', [slow]],
      ['nightly', [{ kind: 'heartbeat', status: 'unhealthy', message: 'no word for 2 h', at: 1 }]],
    ]);
    await t.scrape('up');
    expect([t.status(), t.status('blue')]).toEqual([['nightly unhealthy', 'order degraded'], []]);
    expect(t.monitor.list('default')[1]?.reasons).toMatchObject([{ source: 'traffic', message: 'slow' }]);
    t.state.signals = new Map();
    await t.clock.advance(1000);
    expect(t.status()).toEqual(['nightly unknown', 'order healthy']);
  });

  it('names the service that another one suffers from, and leaves its own state alone', async () => {
    const t = setup();
    const failing = (message: string): readonly Signal[] => [
      { kind: 'traffic', status: 'degraded', message, at: 1 },
    ];
    t.state.signals = new Map([
      ['gateway', failing('5 % failed')],
      ['user', failing('30 % failed')],
    ]);
    t.state.calls = new Map([['gateway', new Set(['user', 'order'])]]);
    await t.scrape('up');
    const [gateway, , user] = t.monitor.list('default');
    expect(gateway).toMatchObject({
      name: 'gateway',
      status: 'degraded',
      causedBy: ['user'],
      reasons: [{ source: 'traffic' }, { source: 'dependency', message: 'it calls user, which is degraded' }],
    });
    expect(user).toMatchObject({ name: 'user', causedBy: [] });
  });

  it('counts the age of a report by a clock that does not jump', async () => {
    const t = setup();
    t.monitor.report('default', 'billing', 'healthy');
    await t.clock.advance(1000);
    t.clock.jump(3_600_000);
    await t.clock.advance(1000);
    expect(t.status()).toEqual(['billing healthy']);
    t.monitor.report('default', 'billing', 'healthy');
    t.clock.jump(-86_400_000);
    await t.clock.advance(95_000);
    expect(t.status()).toEqual(['billing unknown']);
    await t.clock.advance(600_000);
    expect(t.status()).toEqual([]);
  });
});

describe('readHealthAnswer', () => {
  it.each([
    [200, '{"status":"healthy"}', 'healthy'],
    [200, '{"status":"UP"}', 'healthy'],
    [503, '{"status":"unhealthy"}', 'unhealthy'],
    [200, '{"status":"degraded"}', 'degraded'],
    [200, 'OK', 'healthy'],
    [500, 'oops', 'unhealthy'],
    [404, '{"error":"x"}', undefined],
    [200, '<html></html>', undefined],
    [200, '{"a":1}', undefined],
    [200, '[]', undefined],
    [200, '{"status":"__proto__"}', undefined],
  ] as [number, string, string | undefined][])('HTTP %s %s is %s', (code, body, status) =>
    expect(readHealthAnswer(code, body)?.status).toBe(status),
  );
});
