import { expect, it } from 'vitest';
import { openTestState } from '../../journal/testing/index.ts';
import { ManualClock } from '../../kernel/clock.ts';
import { silentLog } from '../../kernel/log.ts';
import { createTelemetry } from '../../kernel/telemetry.ts';
import { RuleSet } from '../rule-set.ts';
import { eventsTelemetry } from '../telemetry.ts';
import { DEFAULTS } from '../testing/setup.ts';
import { ReEvaluator } from './re-evaluation.ts';

it('judges again once more when the rules change while it runs', async () => {
  const clock = new ManualClock(1_000_000_000);
  const ends: (() => void)[] = [];
  const none = { visited: 0, more: false, warnings: [] };
  const size = { pendingEvents: 0, pendingBytes: 0, histories: 0, withoutHistory: 0, webhooksWaiting: 0 };
  const evaluator = new ReEvaluator({
    reader: { walk: () => new Promise((resolve) => ends.push(() => resolve(none))) },
    state: await openTestState(),
    clock,
    log: silentLog,
    setOf: () => new RuleSet(DEFAULTS, []),
    counted: eventsTelemetry(createTelemetry(), () => size).reevaluated,
  });
  const first = evaluator.run('default', 60, 'request');
  evaluator.rulesChanged('default');
  await clock.advance(10_000);
  expect(ends).toHaveLength(1);
  ends[0]?.();
  await first;
  await clock.advance(10_000);
  await expect.poll(() => ends.length).toBe(2);
  ends[1]?.();
  await expect.poll(() => evaluator.last('default')?.trigger).toBe('rules');
  evaluator.stop();
});
