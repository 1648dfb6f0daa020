import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { ManualClock } from '../kernel/clock.ts';
import { fileId } from './identity.ts';
import { maintenanceWindow } from './maintenance.ts';
import { ProbeStore } from './store.ts';
import { define, testProbes } from './testing/service.ts';

/** An echo needs no socket: time stands still in these tests. */
function pinged() {
  let up = true;
  let looks = 0;
  return {
    set: (value: boolean) => (up = value),
    looks: () => looks,
    ping: () => {
      looks++;
      return up ? Promise.resolve({ seconds: 0.002 }) : Promise.reject(new Error('no echo'));
    },
  };
}
const ICMP = define({
  type: 'icmp',
  target: '10.0.0.9',
  service: 'order-service',
  interval: '20s',
  retries: 1,
  retry_interval: '2s',
});

describe('ProbeService', () => {
  it('looks on its interval, writes series, retries before it calls a target unhealthy, and tells who listens', async () => {
    const clock = new ManualClock();
    const echo = pinged();
    const { service, sink } = await testProbes(clock, { ping: echo.ping });
    const probe = await service.create('default', ICMP);
    const changes: string[] = [];
    service.onChange(({ from, status, service: name, reason }) =>
      changes.push(`${name} ${from} ${status} ${reason}`),
    );
    await clock.advance(21_000);
    expect(probe.state.status).toBe('healthy');
    const looks = echo.looks();
    await clock.advance(200_000);
    // One of the interval's ends may fall on either side of the window.
    expect(Math.abs(echo.looks() - looks - 10)).toBeLessThanOrEqual(1);
    echo.set(false);
    await clock.advance(20_000);
    await clock.advance(3000);
    expect(probe.state).toMatchObject({ status: 'unhealthy', reason: 'no echo' });
    echo.set(true);
    await clock.advance(20_000);
    expect(changes).toEqual([
      'order unknown healthy ',
      'order healthy unhealthy no echo',
      'order unhealthy healthy ',
    ]);
    await service.stop();
    const up = sink.samples
      .filter(({ labels }) => labels.get('__name__') === 'probe_up')
      .map(({ value }) => value);
    expect([up[0], up.includes(0), up.at(-1)]).toEqual([1, true, 1]);
    expect(sink.samples[0]?.labels.toRecord()).toMatchObject({
      job: 'probes',
      instance: '10.0.0.9',
      probe: 'order',
      service: 'order',
    });
    expect(probe.failures[0]).toMatchObject({ reason: 'no echo' });
    expect(service.list('default')).toMatchObject([{ name: 'order', service: 'order', status: 'healthy' }]);
    expect(service.list('blue')).toEqual([]);
  });

  it('lets two changes at once not pass each other', async () => {
    const { service } = await testProbes(new ManualClock());
    const heartbeat = define({ type: 'heartbeat', interval: '1m' });
    const made = await Promise.allSettled([1, 2].map(() => service.create('default', heartbeat)));
    expect(made.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
    const [{ id }] = service.all('default');
    const token = (await service.tokenOf(service.get('default', id))) ?? '';
    await Promise.all([
      service.replace('default', id, { ...heartbeat, interval: '2m' }),
      service.remove('default', id),
    ]);
    expect(service.all('default')).toEqual([]);
    expect(() => service.beat(token, { success: true, text: '' })).toThrow('no heartbeat has this address');
    await service.stop();
  });

  it('goes on after a restart where it stopped, and not at all while paused', async () => {
    const clock = new ManualClock();
    const echo = pinged();
    echo.set(false);
    const first = await testProbes(clock, { ping: echo.ping });
    const { id } = await first.service.create('default', ICMP);
    await clock.advance(30_000);
    await first.service.stop();
    const second = await testProbes(clock, { ping: echo.ping, store: new ProbeStore(first.state) });
    expect(second.service.get('default', id).state).toMatchObject({ status: 'unhealthy', reason: 'no echo' });
    const looks = echo.looks();
    await second.service.replace('default', id, { ...ICMP, paused: true });
    await clock.advance(120_000);
    expect(echo.looks()).toBe(looks);
    await second.service.replace('default', id, ICMP);
    echo.set(true);
    await clock.advance(21_000);
    expect(second.service.get('default', id).state.status).toBe('healthy');
    await second.service.remove('default', id);
    await clock.advance(1000);
    expect(second.sink.samples.some(({ stale }) => stale)).toBe(true);
    await second.service.stop();
  });

  it('waits for heartbeats, and says when none came', async () => {
    const clock = new ManualClock();
    const { service } = await testProbes(clock);
    const probe = await service.create(
      'default',
      define({ type: 'heartbeat', interval: '1m', grace: '10s' }),
    );
    const token = (await service.tokenOf(probe)) ?? '';
    expect(token.length).toBeGreaterThan(30);
    expect(() => service.beat('guess', { success: true, text: '' })).toThrow('no heartbeat has this address');
    service.beat(token, { success: true, text: '' });
    expect(probe.state.status).toBe('healthy');
    await clock.advance(69_000);
    expect(probe.state.status).toBe('healthy');
    await clock.advance(2000);
    expect(probe.state).toMatchObject({
      status: 'unhealthy',
      reason: expect.stringContaining('nothing was heard since 2026-01-01T00:00:00'),
    });
    service.beat(token, { success: true, text: '' });
    expect(probe.state.status).toBe('healthy');
    service.beat(token, { success: false, text: 'backup broke' });
    expect(probe.state).toMatchObject({ status: 'unhealthy', reason: 'backup broke' });
    await service.remove('default', probe.id);
    expect(() => service.beat(token, { success: true, text: '' })).toThrow('no heartbeat');
    await service.stop();
  });

  it('waits for a heartbeat from when it was heard of last, also where Pharos is restarted sooner than it is late', async () => {
    const DAY = 86_400_000;
    const clock = new ManualClock(Date.UTC(2026, 0, 1));
    const first = await testProbes(clock);
    let service = first.service;
    const restart = async (after: number, away = 0) => {
      await clock.advance(after);
      await service.stop();
      await clock.advance(away);
      ({ service } = await testProbes(clock, { store: new ProbeStore(first.state) }));
    };
    const daily = define({ type: 'heartbeat', name: 'backup', interval: '1d', grace: '1h' });
    const { id } = await service.create('default', daily);
    const patient = await service.create('default', { ...daily, name: 'patient', retries: 1 });
    const stateOf = (of: string) => service.get('default', of).state;
    const token = (await service.tokenOf(service.get('default', id))) ?? '';
    await clock.advance(DAY / 4);
    service.beat(token, { success: true, text: '' });
    await restart(DAY / 2);
    await restart(DAY / 2);
    expect(stateOf(id).status).toBe('healthy');
    await clock.advance(3_700_000);
    expect(stateOf(id)).toMatchObject({
      status: 'unhealthy',
      reason: 'nothing was heard since 2026-01-01T06:00:00.000Z',
    });
    expect(stateOf(patient.id).status).toBe('unknown');
    await restart(DAY / 2, DAY / 2);
    // Whoever tried while nobody was there has some minutes to try again.
    expect(stateOf(patient.id).status).toBe('unknown');
    await clock.advance(301_000);
    expect(stateOf(patient.id).status).toBe('unhealthy');
    service.beat(token, { success: true, text: '' });
    await service.replace('default', id, { ...daily, paused: true });
    await clock.advance(5 * DAY);
    await service.replace('default', id, daily);
    await clock.advance(DAY);
    expect(stateOf(id).status).toBe('unknown');
    await service.stop();
  });

  it('lets nothing count that happens during maintenance', async () => {
    const clock = new ManualClock(Date.UTC(2026, 0, 1));
    const echo = pinged();
    echo.set(false);
    const window = maintenanceWindow.parse({
      title: 'move',
      from: '2025-12-31T23:00:00Z',
      to: '2026-01-01T00:05:00Z',
    });
    const { service, sink } = await testProbes(clock, {
      ping: echo.ping,
      configured: { checks: [ICMP], maintenance: [window] },
    });
    const [probe] = service.all('default');
    await clock.advance(240_000);
    expect([probe?.state.status, probe?.maintenance, echo.looks() > 8]).toEqual(['unknown', true, true]);
    await clock.advance(120_000);
    expect([probe?.state.status, probe?.maintenance]).toEqual(['unhealthy', false]);
    await service.stop();
    const up = sink.samples.filter(({ labels }) => labels.get('__name__') === 'probe_up');
    expect(Math.min(...up.map(({ timestamp }) => timestamp))).toBeGreaterThanOrEqual(
      Date.UTC(2026, 0, 1, 0, 5),
    );
  });

  it('keeps the series of a probe alive between looks that are far apart, and ends its state while a window is open', async () => {
    const clock = new ManualClock(Date.UTC(2026, 0, 1));
    const echo = pinged();
    const { service, sink } = await testProbes(clock, { ping: echo.ping });
    const probe = await service.create('default', define({ ...ICMP, interval: '1h', retries: 0 }));
    await clock.advance(61_000);
    expect([probe.state.status, echo.looks()]).toEqual(['healthy', 1]);
    probe.expiry = Date.UTC(2026, 0, 9);
    const timesOf = (name: string, value: number) =>
      sink.samples
        .filter((sample) => sample.labels.get('__name__') === name && sample.value === value)
        .map(({ timestamp }) => timestamp);
    const longestGap = (times: readonly number[]) =>
      Math.max(...times.slice(1).map((time, i) => time - times[i]));
    await clock.advance(30 * 60_000);
    for (const [name, value] of [
      ['probe_up', 1],
      ['probe_success', 1],
      ['probe_ssl_earliest_cert_expiry', Date.UTC(2026, 0, 9) / 1000],
    ] as const) {
      const times = timesOf(name, value);
      expect([name, times.length > 20, longestGap(times) <= 90_000]).toEqual([name, true, true]);
    }
    const window = maintenanceWindow.parse({ title: 'move', at: '00:35', duration: '10m' });
    await service.maintenance.create('default', window);
    echo.set(false);
    await clock.advance(10 * 60_000);
    const before = echo.looks();
    const up = sink.samples.filter(({ labels }) => labels.get('__name__') === 'probe_up');
    const began = Date.UTC(2026, 0, 1, 0, 35);
    expect(up.at(-1)).toMatchObject({ stale: true });
    expect(Math.abs((up.at(-1)?.timestamp ?? 0) - began)).toBeLessThan(10_000);
    // It is looked at soon after the window, not only in an hour.
    await clock.advance(6 * 60_000);
    expect([probe.state.status, echo.looks() - before]).toEqual(['unhealthy', 1]);
    expect(timesOf('probe_up', 0).length).toBeGreaterThan(0);
    await service.stop();
  });

  it('holds the rules of the API for what comes through it, and trusts the file', async () => {
    const clock = new ManualClock();
    const strict = { rules: { allowPrivate: false, allowLoopback: false, allow: [], deny: [] } };
    const { service } = await testProbes(clock, { configured: { checks: [ICMP] }, egressDeps: strict });
    const made = await service.create('default', define({ ...ICMP, name: 'by api', retries: 0 }));
    await clock.advance(21_000);
    expect(made.state).toMatchObject({
      status: 'unhealthy',
      reason: expect.stringContaining('egress.allow_private is off'),
    });
    expect(service.all('default').find(({ definition }) => definition.name === 'order')?.state.status).toBe(
      'healthy',
    );
    await service.stop();
  });

  it('keeps the secrets of an address out of labels and reasons', async () => {
    const clock = new ManualClock();
    const strict = { rules: { allowPrivate: false, allowLoopback: false, allow: [], deny: [] } };
    const { service, sink } = await testProbes(clock, { egressDeps: strict });
    const target = 'http://user:geheim@10.0.0.9/status?token=geheim';
    const probe = await service.create(
      'default',
      define({ type: 'http', target, interval: '20s', retries: 0 }),
    );
    await clock.advance(21_000);
    expect(probe.state).toMatchObject({ status: 'unhealthy', reason: expect.stringContaining('10.0.0.9') });
    expect(sink.samples[0]?.labels.get('instance')).toBe(
      'http://user:<secret>@10.0.0.9/status?token=<secret>',
    );
    expect(JSON.stringify([probe.failures, probe.state, service.list('default')])).not.toContain('geheim');
    expect(sink.samples.some(({ labels }) => JSON.stringify(labels.toRecord()).includes('geheim'))).toBe(
      false,
    );
    await service.stop();
  });

  it('never looks twice at once, and counts what it could not do', async () => {
    const clock = new ManualClock();
    let [running, most] = [0, 0];
    const slow = async () => {
      most = Math.max(most, ++running);
      await clock.sleep(3000);
      running--;
      return { seconds: 3 };
    };
    const { service, telemetry } = await testProbes(clock, { ping: slow, configured: { concurrency: 2 } });
    for (let i = 0; i < 4; i++)
      await service.create(
        'default',
        define({ type: 'icmp', name: `p${i}`, target: '10.0.0.9', interval: '4s' }),
      );
    await clock.advance(60_000);
    expect(most).toBe(2);
    const missed = Number(/pharos_probes_missed_total (\d+)/.exec(await telemetry.expose())?.[1]);
    expect(missed).toBeGreaterThan(0);
    await service.stop();
  });

  it('takes a changed configuration file: what did not change goes on, what is gone ends and is forgotten', async () => {
    const clock = new ManualClock();
    const echo = pinged();
    const other = define({ ...ICMP, name: 'other', target: '10.0.0.10' });
    const { service, sink, state } = await testProbes(clock, {
      ping: echo.ping,
      configured: { checks: [ICMP, other] },
    });
    await clock.advance(21_000);
    const kept = service.all('default')[0];
    const slower = define({ ...ICMP, name: 'new', target: '10.0.0.11' });
    await service.configure({ checks: [ICMP, slower], maintenance: [], concurrency: 3 });
    expect(service.all('default').map(({ definition }) => definition.name)).toEqual(['new', 'order']);
    expect(service.all('default')[1]).toBe(kept);
    await clock.advance(21_000);
    expect(service.list('default').map(({ status }) => status)).toEqual(['healthy', 'healthy']);
    const ended = sink.samples.filter(({ stale }) => stale).map(({ labels }) => labels.get('probe'));
    expect(new Set(ended)).toEqual(new Set(['other']));
    expect(state.list({ name: 'probes.memory', version: 1, schema: z.unknown() }, 'default').length).toBe(2);
    // A change of how it looks keeps what it knows and its series.
    await service.configure({
      checks: [define({ ...ICMP, interval: '10s' })],
      maintenance: [maintenanceWindow.parse({ title: 'always', at: '00:00', duration: '1d' })],
      concurrency: 3,
    });
    expect(service.all('default')).toMatchObject([{ state: { status: 'healthy' }, maintenance: true }]);
    expect(service.all('default')[0]?.series).toBe(kept?.series);
    await service.stop();
  });

  it('forgets what probes saw that left the file, also while Pharos was away, and not what one that cannot run saw', async () => {
    const clock = new ManualClock(Date.UTC(2026, 0, 1));
    const [memory, heard] = ['probes.memory', 'probes.heard'].map((name) => ({
      name,
      version: 1,
      schema: z.unknown(),
    }));
    const beat = define({ type: 'heartbeat', name: 'beat', interval: '1d' });
    const tls = define({ type: 'tls', name: 'tls', target: 'a:443', interval: '1h' });
    const first = await testProbes(clock, { configured: { checks: [ICMP, beat, tls] } });
    const { state } = first;
    const kept = () =>
      [memory, heard].map((kind) =>
        kind === undefined ? [] : state.list(kind, 'default').map(({ key }) => key),
      );
    const own = await first.service.create('default', { ...ICMP, name: 'own' });
    await clock.advance(90_000);
    const [seen = [], told = []] = kept();
    expect([seen.includes(own.id), told.length]).toEqual([true, 1]);
    expect(seen.length).toBeGreaterThan(2);
    await first.service.stop();
    const broken = define({ ...tls, tls: { ca: 'no certificate' } });
    const second = await testProbes(clock, {
      store: new ProbeStore(state),
      configured: { checks: [broken] },
    });
    expect(kept()).toEqual([[fileId('tls'), own.id].sort(), []]);
    await second.service.stop();
  });

  it('waits for a heartbeat with a shorter silence after a reload from then on', async () => {
    const clock = new ManualClock(Date.UTC(2026, 0, 1));
    const DAY = 86_400_000;
    const daily = define({ type: 'heartbeat', name: 'backup', interval: '1d', grace: '1h' });
    const { service } = await testProbes(clock, { configured: { checks: [daily] } });
    const reload = (interval: string) =>
      service.configure({
        checks: [define({ ...daily, interval, grace: '0s' })],
        maintenance: [],
        concurrency: 10,
      });
    const state = () => service.all('default')[0]?.state;
    await clock.advance(DAY / 2);
    // Half a day was no silence yet; in twelve hours of an hour each it would be many.
    await reload('1h');
    expect(state()?.status).toBe('unknown');
    await clock.advance(299_000);
    expect(state()?.status).toBe('unknown');
    await clock.advance(2000);
    expect(state()).toMatchObject({
      status: 'unhealthy',
      reason: 'nothing was heard since 2026-01-01T00:00:00.000Z',
    });
    // Of so short a silence nothing is kept: it begins with the reload.
    await reload('4m');
    await clock.advance(239_000);
    expect(state()?.reason).toBe('nothing was heard since 2026-01-01T00:00:00.000Z');
    await clock.advance(2000);
    expect(state()?.reason).toBe('nothing was heard since 2026-01-01T12:05:01.000Z');
    await service.stop();
  });

  it('starts without a probe of the file that cannot run', async () => {
    const broken = define({ type: 'tls', name: 'broken', target: 'a:443', tls: { ca: 'no certificate' } });
    const { service } = await testProbes(new ManualClock(), { configured: { checks: [broken, ICMP] } });
    expect(service.all('default').map(({ definition }) => definition.name)).toEqual(['order']);
    await service.stop();
  });

  it('keeps maintenance windows of the API, which count at once', async () => {
    const clock = new ManualClock(Date.UTC(2026, 0, 1));
    const { service, state } = await testProbes(clock);
    const probe = await service.create('default', ICMP);
    const window = maintenanceWindow.parse({ title: 'move', probes: ['order'], at: '00:00', duration: '1h' });
    const { id, version } = await service.maintenance.create('default', window);
    service.checkMaintenance();
    expect([probe.maintenance, service.maintenance.list('blue')]).toEqual([true, []]);
    const later = { ...window, at: '05:00' };
    await expect(service.maintenance.replace('default', id, later, (version ?? 0) + 1)).rejects.toThrow(
      'was changed meanwhile',
    );
    await service.maintenance.replace('default', id, later, version ?? 0);
    service.checkMaintenance();
    expect(probe.maintenance).toBe(false);
    expect(new ProbeStore(state).windows('default')).toMatchObject([{ id, window: { at: '05:00' } }]);
    await service.maintenance.remove('default', id);
    await expect(service.maintenance.remove('default', id)).rejects.toThrow('no maintenance window');
    await service.stop();
  });
});
