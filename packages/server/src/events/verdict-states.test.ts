import { describe, expect, it, vi } from 'vitest';
import { NO_BASELINE } from './history/baseline.ts';
import { ChunkWriter } from './store/chunk.ts';
import type { StoredEvent } from './store/stored-event.ts';
import { VerdictStates } from './verdict-states.ts';

const MINUTE = 60_000;
/** Half a minute into a minute. */
const NOON = Date.UTC(2026, 0, 1, 12, 0, 30);

const event = (at: number, status: StoredEvent['status'], source = 'order-service'): StoredEvent => ({
  seq: 1,
  at,
  received: at,
  id: String(at),
  given: false,
  source,
  eventType: 'order',
  status,
  score: status === 'CRITICAL' ? 0.9 : status === 'WARNING' ? 0.5 : 0,
  decision: 'CONTINUE',
  reasoning: `${status} at ${at}`,
  rules: [],
  issues: '[]',
  suggestions: '[]',
  data: '{}',
  metadata: '{}',
  ruleVersion: 1,
  baseline: NO_BASELINE,
});

describe('VerdictStates', () => {
  it('counts the window, what is recent, and when something was last found', () => {
    let now = NOON;
    const states = new VerdictStates({ warning: 0.3, critical: 0.7 }, () => now);
    const told = () => states.verdicts('default')[0];
    states.recall('default', event(NOON - 10 * MINUTE, 'CRITICAL'));
    states.recall('default', event(NOON - 2 * MINUTE, 'WARNING'));
    states.recall('default', event(NOON - MINUTE, 'CRITICAL'));
    states.recall('default', event(NOON, 'NORMAL'));
    expect(told()).toMatchObject({
      events: 4,
      warnings: 1,
      criticals: 2,
      recent: { events: 2, warnings: 0, criticals: 1 },
      lastCriticalAt: NOON - MINUTE,
      lastWarningAt: NOON - 2 * MINUTE,
      lastAt: NOON,
    });
    now = NOON + MINUTE;
    expect(told()).toMatchObject({ recent: { events: 1, criticals: 0 }, lastCriticalAt: NOON - MINUTE });
    now = NOON + 14 * MINUTE;
    expect(told()).toMatchObject({ events: 1, criticals: 0, lastCriticalAt: null, lastWarningAt: null });
    now = NOON + 16 * MINUTE;
    expect(states.verdicts('default')).toEqual([]);
  });

  it('looks for room once a minute, however many sources are too many', () => {
    let now = NOON;
    let looks = 0;
    const states = new VerdictStates({ warning: 0.3, critical: 0.7 }, () => now);
    const observe = (name: string, sources: number): void => {
      const writer = new ChunkWriter('default', 0);
      for (let i = 0; i < sources; i++) writer.add(event(now, 'NORMAL', `${name}-${i}`));
      states.observe(writer.take());
    };
    const entries = Map.prototype[Symbol.iterator];
    const spy = vi.spyOn(Map.prototype, Symbol.iterator).mockImplementation(function (
      this: Map<unknown, unknown>,
    ) {
      looks++;
      return entries.call(this);
    });
    observe('old', 5200);
    spy.mockRestore();
    expect(looks).toBeLessThan(5);
    expect(states.verdicts('default')).toHaveLength(5000);
    now += 16 * MINUTE;
    observe('new', 100);
    expect(states.verdicts('default').map(({ source }) => source)).toContain('new-99');
    expect(states.verdicts('default')).toHaveLength(100);
  });
});
