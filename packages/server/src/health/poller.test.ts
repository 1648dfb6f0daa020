import { describe, expect, it } from 'vitest';
import { ManualClock } from '../kernel/clock.ts';
import { createTelemetry } from '../kernel/telemetry.ts';
import { HealthPoller } from './poller.ts';
import { healthTelemetry } from './telemetry.ts';

/** Targets that can hang until their timeout. */
function setup(targets: number) {
  const clock = new ManualClock(10_000_000);
  const hanging = new Set<string>();
  const asked = new Map<string, number>();
  const state = { takes: 3000 };
  const poller = new HealthPoller({
    clock,
    random: () => 0.5,
    telemetry: healthTelemetry(createTelemetry()),
    intervalMs: 5000,
    timeoutMs: 3000,
    fetch: async (url) => {
      asked.set(url, (asked.get(url) ?? 0) + 1);
      if (!hanging.has(url)) return { status: 200, body: '{"status":"healthy"}' };
      await clock.sleep(state.takes);
      throw new Error('timeout');
    },
  });
  const urls = Array.from({ length: targets }, (_, i) => `http://target-${i}/health`);
  poller.setTargets(urls.map((url, i) => ({ service: `s${i}`, instance: `target-${i}`, url })));
  poller.start();
  const well = () => poller.looks().filter(({ look }) => look.ok).length;
  return { clock, hanging, asked, state, poller, urls, well };
}

describe('HealthPoller', () => {
  it('asks all targets in turn where more hang than may be asked at once', async () => {
    const { clock, hanging, asked, poller, urls, well } = setup(151);
    await clock.advance(6000);
    expect(well()).toBe(151);
    for (const url of urls.slice(0, 150)) hanging.add(url);
    asked.clear();
    await clock.advance(120_000);
    expect(Math.min(...urls.map((url) => asked.get(url) ?? 0))).toBeGreaterThanOrEqual(5);
    expect([well(), poller.looks().length]).toEqual([1, 151]);
    poller.stop();
  });

  it('says nothing of a target that was well when nobody could ask it for long', async () => {
    const { clock, hanging, state, urls, well, poller } = setup(60);
    await clock.advance(6000);
    expect(well()).toBe(60);
    for (const url of urls) hanging.add(url);
    state.takes = 600_000;
    await clock.advance(30_000);
    expect(well()).toBe(60);
    await clock.advance(30_000);
    expect(well()).toBe(0);
    poller.stop();
  });
});
