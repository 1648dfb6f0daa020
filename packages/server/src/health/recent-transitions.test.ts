import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ServiceTransition } from './monitor.ts';
import { isChange, RecentTransitions } from './recent-transitions.ts';

const STATES = ['healthy', 'degraded', 'unhealthy'] as const;
const transitions = fc.array(
  fc.record({
    service: fc.constantFrom('order', 'user', 'calm', '__proto__'),
    at: fc.integer({ min: 0, max: 50 }),
    from: fc.constantFrom(...STATES),
    to: fc.constantFrom(...STATES),
  }),
  { maxLength: 60 },
);
const full = (known: {
  service: string;
  at: number;
  from: ServiceTransition['from'];
  to: ServiceTransition['to'];
}) => ({ tenant: 'default', reason: '', causedBy: [], ...known });

describe('the newest transitions', () => {
  it('are as many as may be, in order, and each service keeps its last change', () => {
    fc.assert(
      fc.property(transitions, fc.integer({ min: 4, max: 20 }), fc.nat(30), (given, most, loaded) => {
        const known = given.map(full);
        const recent = new RecentTransitions(
          most,
          known.slice(0, loaded).sort((a, b) => a.at - b.at),
        );
        for (const transition of known.slice(loaded)) recent.add(transition);
        const kept = recent.all();
        expect(kept.length).toBe(Math.min(most, known.length));
        expect(kept.map(({ at }) => at)).toEqual(kept.map(({ at }) => at).sort((a, b) => a - b));
        for (const service of new Set(known.map((t) => t.service))) {
          expect(recent.of(service)).toEqual(kept.filter((t) => t.service === service));
          const changes = (all: readonly ServiceTransition[]) =>
            all.filter((t) => t.service === service && isChange(t)).map(({ at }) => at);
          if (changes(known).length > 0) expect(Math.max(...changes(kept))).toBe(Math.max(...changes(known)));
        }
      }),
    );
  });

  it('cost the same to keep when there are many', () => {
    let reads = 0;
    const counted = (at: number): ServiceTransition => ({
      ...full({ service: 'order', at, from: 'healthy', to: 'unhealthy' }),
      get service() {
        reads++;
        return 'order';
      },
    });
    const recent = new RecentTransitions(2000);
    for (let at = 0; at < 2000; at++) recent.add(counted(at));
    reads = 0;
    for (let at = 2000; at < 2100; at++) recent.add(counted(at));
    expect(reads).toBeLessThan(1000);
  });
});
