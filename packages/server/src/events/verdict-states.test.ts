import { describe, expect, it } from 'vitest';
import { NO_BASELINE } from './history/baseline.ts';
import type { StoredEvent } from './store/stored-event.ts';
import { VerdictStates } from './verdict-states.ts';

const MINUTE = 60_000;
/** Half a minute into a minute. */
const NOON = Date.UTC(2026, 0, 1, 12, 0, 30);

const event = (at: number, status: StoredEvent['status']): StoredEvent => ({
  seq: 1,
  at,
  received: at,
  id: String(at),
  given: false,
  source: 'order-service',
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
});
