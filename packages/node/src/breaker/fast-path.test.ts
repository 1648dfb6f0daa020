import fc from 'fast-check';
import { expect, it } from 'vitest';
import { testPharos } from '../testing/harness.ts';
import { ManualClock } from '../testing/manual-clock.ts';
import { type BreakerRules, type BreakerState, initialState, step } from './machine.ts';

type Act =
  | { readonly type: 'call'; readonly ok: boolean; readonly takes: number }
  | { readonly type: 'wait'; readonly ms: number }
  | { readonly type: 'end'; readonly action: 'reset' | 'release' }
  | { readonly type: 'hold'; readonly action: 'force_open' | 'force_closed'; readonly ms: number | null };

const acts: fc.Arbitrary<Act[]> = fc.array(
  fc.oneof(
    {
      weight: 8,
      arbitrary: fc.record({
        type: fc.constant('call' as const),
        ok: fc.boolean(),
        takes: fc.constantFrom(0, 0, 250),
      }),
    },
    { weight: 3, arbitrary: fc.record({ type: fc.constant('wait' as const), ms: fc.nat(400) }) },
    {
      weight: 1,
      arbitrary: fc.constantFrom<Act>({ type: 'end', action: 'reset' }, { type: 'end', action: 'release' }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        type: fc.constant('hold' as const),
        action: fc.constantFrom('force_open' as const, 'force_closed' as const),
        ms: fc.constantFrom(null, 150),
      }),
    },
  ),
  { maxLength: 60 },
);

const RULES: BreakerRules = {
  maxRequests: 2,
  intervalMs: 700,
  timeoutMs: 300,
  readyToTrip: (counts) => counts.consecutiveFailures >= 3,
};

it('calls through a closed breaker, which step nothing, count as the pure machine does', async () => {
  await fc.assert(
    fc.asyncProperty(acts, async (list) => {
      const clock = new ManualClock();
      const { pharos } = testPharos({ clock });
      const breaker = pharos.breakers.create('x', {
        maxRequests: RULES.maxRequests,
        interval: RULES.intervalMs,
        timeout: RULES.timeoutMs,
        failureThreshold: 3,
      });
      let model: BreakerState = initialState(RULES, clock.monotonic());
      for (const act of list) {
        const now = clock.monotonic();
        if (act.type === 'wait') await clock.advance(act.ms);
        else if (act.type === 'call') {
          const asked = step(model, { type: 'request' }, now, RULES);
          model = asked.state;
          const admission = asked.effects.find(({ type }) => type === 'admitted');
          const { generation } = model;
          const call = async (): Promise<number> => {
            if (act.takes > 0) await clock.sleep(act.takes);
            if (act.ok) return 1;
            throw new RangeError('no');
          };
          const outcome = breaker.execute(call).catch((error: Error) => error.name);
          if (act.takes > 0) await clock.advance(act.takes);
          expect(await outcome).toBe(
            admission === undefined ? 'CircuitOpenError' : act.ok ? 1 : 'RangeError',
          );
          const ended = act.ok ? 'success' : 'failure';
          if (admission !== undefined)
            model = step(model, { type: ended, generation }, clock.monotonic(), RULES).state;
        } else if (act.type === 'end') {
          breaker.act(act.action, null);
          model = step(model, { type: act.action }, now, RULES).state;
        } else {
          breaker.act(act.action, act.ms);
          const until = act.ms === null ? null : now + act.ms;
          model = step(model, { type: act.action, until }, now, RULES).state;
        }
        model = step(model, { type: 'tick' }, clock.monotonic(), RULES).state;
        expect([breaker.state, breaker.counts]).toEqual([model.kind, model.counts]);
      }
      await pharos.stop(0);
    }),
    { numRuns: 60 },
  );
});
