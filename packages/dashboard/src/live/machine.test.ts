import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  ELECTION_MS,
  initialLiveState,
  LEADER_SILENT_MS,
  type LiveEffect,
  type LiveInput,
  type LiveState,
  liveStep,
} from './machine.ts';

const summary = { name: 'summary', data: '{}' } as const;

function run(state: LiveState, ...inputs: readonly (readonly [LiveInput, number])[]) {
  let current = state;
  const effects: LiveEffect[] = [];
  for (const [input, now] of inputs) {
    const step = liveStep(current, input, now);
    current = step.state;
    effects.push(...step.effects);
  }
  return { state: current, effects, kinds: effects.map((effect) => effect.type) };
}

const leader = () =>
  run(
    initialLiveState('b'),
    [{ type: 'start' }, 0],
    [{ type: 'tick' }, ELECTION_MS],
    [{ type: 'opened' }, 400],
  );

describe('one stream per browser', () => {
  it('leads when no other tab answers, and opens the stream once', () => {
    const { state, kinds } = leader();
    expect(state.phase.role).toBe('leading');
    expect(state.connection).toBe('live');
    expect(kinds.filter((kind) => kind === 'open stream')).toHaveLength(1);
  });

  it('follows when a leader answers, and opens nothing', () => {
    const { state, kinds } = run(
      initialLiveState('b'),
      [{ type: 'start' }, 0],
      [{ type: 'tab', message: { type: 'leader', from: 'z', connection: 'live' } }, 50],
      [{ type: 'tick' }, ELECTION_MS],
    );
    expect(state.phase.role).toBe('following');
    expect(state.connection).toBe('live');
    expect(kinds).not.toContain('open stream');
  });

  it('takes over when the leader resigns or falls silent', () => {
    const following = run(
      initialLiveState('b'),
      [{ type: 'start' }, 0],
      [{ type: 'tab', message: { type: 'leader', from: 'a', connection: 'live' } }, 50],
    ).state;
    for (const [input, at] of [
      [{ type: 'tab', message: { type: 'resigned', from: 'a' } }, 100],
      [{ type: 'tick' }, 100 + LEADER_SILENT_MS],
    ] as const) {
      const taken = run(following, [input, at], [{ type: 'tick' }, at + ELECTION_MS]);
      expect(taken.state.phase.role).toBe('leading');
      expect(taken.kinds).toContain('open stream');
    }
  });

  it('of two leaders the smaller id stays and the other closes its stream', () => {
    const rival = { type: 'tab', message: { type: 'leader', from: 'a', connection: 'live' } } as const;
    const lost = run(leader().state, [rival, 500]);
    expect(lost.state.phase.role).toBe('following');
    expect(lost.kinds).toEqual(['close stream']);
    const weaker = { type: 'tab', message: { type: 'leader', from: 'c', connection: 'live' } } as const;
    expect(run(leader().state, [weaker, 500]).state.phase.role).toBe('leading');
  });

  it('hands events on, and delivers what another tab hands over', () => {
    expect(run(leader().state, [{ type: 'event', event: summary }, 500]).kinds).toEqual([
      'deliver',
      'tell tabs',
    ]);
    const following = run(
      initialLiveState('b'),
      [{ type: 'start' }, 0],
      [{ type: 'tab', message: { type: 'event', from: 'a', event: summary } }, 10],
    );
    expect(following.kinds).toEqual(['tell tabs', 'deliver']);
    expect(following.state.lastEventAt).toBe(10);
  });
});

describe('a lost connection', () => {
  it('retries with growing pauses, falls back to polling, and recovers by itself', () => {
    let { state } = leader();
    let now = 1000;
    const seen: string[] = [];
    for (let round = 0; round < 4; round++) {
      state = run(state, [{ type: 'failed' }, now]).state;
      seen.push(state.connection);
      const retryAt = state.phase.role === 'leading' ? (state.phase.retryAt ?? 0) : 0;
      expect(run(state, [{ type: 'tick' }, retryAt - 1]).kinds).toEqual([]);
      const again = run(state, [{ type: 'tick' }, retryAt]);
      expect(again.kinds).toEqual(['close stream', 'open stream']);
      state = again.state;
      now = retryAt + 10;
    }
    expect(seen).toEqual(['retrying', 'retrying', 'polling', 'polling']);
    expect(run(state, [{ type: 'opened' }, now]).state.connection).toBe('live');
  });

  it('treats a stream that is open but silent as lost', () => {
    const { state, kinds } = run(leader().state, [{ type: 'tick' }, 60_000]);
    expect(state.connection).toBe('retrying');
    expect(kinds).toContain('close stream');
  });

  it('asks at once when told to', () => {
    const lost = run(leader().state, [{ type: 'failed' }, 500]).state;
    expect(run(lost, [{ type: 'retry now' }, 501]).kinds).toEqual(['close stream', 'open stream']);
    expect(run(leader().state, [{ type: 'retry now' }, 501]).kinds).toEqual([]);
  });

  it('says goodbye on leaving only as leader', () => {
    expect(run(leader().state, [{ type: 'stop' }, 500]).kinds).toEqual(['close stream', 'tell tabs']);
    expect(run(initialLiveState('x'), [{ type: 'stop' }, 500]).kinds).toEqual([]);
  });
});

describe('several tabs in any order of events', () => {
  it('agree on exactly one open stream in the end', () => {
    const action = fc.record({
      tab: fc.nat(2),
      kind: fc.constantFrom('tick', 'failed', 'opened', 'event', 'resign'),
      pause: fc.nat(20_000),
    });
    fc.assert(
      fc.property(fc.array(action, { maxLength: 40 }), (actions) => {
        const tabs = ['a', 'b', 'c'].map((id) => initialLiveState(id));
        const open = new Set<number>();
        let now = 0;
        const step = (tab: number, input: LiveInput) => {
          const queue: [number, LiveInput][] = [[tab, input]];
          for (let at = 0; at < queue.length && at < 500; at++) {
            const [who, what] = queue[at]!;
            const result = liveStep(tabs[who]!, what, now);
            tabs[who] = result.state;
            for (const effect of result.effects) {
              if (effect.type === 'open stream') open.add(who);
              if (effect.type === 'close stream') open.delete(who);
              if (effect.type === 'tell tabs') {
                for (const other of [0, 1, 2]) {
                  if (other !== who) queue.push([other, { type: 'tab', message: effect.message }]);
                }
              }
            }
          }
        };
        for (const tab of [0, 1, 2]) step(tab, { type: 'start' });
        for (const { tab, kind, pause } of actions) {
          now += pause;
          if (kind === 'event') step(tab, { type: 'event', event: summary });
          else if (kind === 'resign') step(tab, { type: 'tab', message: { type: 'resigned', from: 'x' } });
          else step(tab, { type: kind } as LiveInput);
        }
        for (let round = 0; round < 300; round++) {
          now += 500;
          for (const tab of [0, 1, 2]) step(tab, { type: 'tick' });
          for (const tab of open) step(tab, { type: 'event', event: summary });
        }
        expect(open.size).toBe(1);
        expect(tabs.filter((tab) => tab.phase.role === 'leading')).toHaveLength(1);
      }),
    );
  });
});
