import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  OPENING_MS,
  restartDelay,
  SILENT_MS,
  type Supervision,
  type SupervisionInput,
  supervise,
  TICK_MS,
} from './supervision.ts';

const opening: Supervision = { phase: 'opening', since: 0, attempt: 0, opened: false };
const again: Supervision = { phase: 'opening', since: 0, attempt: 12, opened: true };
const open: Extract<Supervision, { phase: 'open' }> = {
  phase: 'open',
  since: 0,
  attempt: 11,
  beatAt: 0,
  tickAt: 0,
};
const waiting: Supervision = { phase: 'waiting', attempt: 3 };
const idle: Supervision = { phase: 'idle' };
const stopping: Supervision = { phase: 'stopping' };

const INPUTS = ['start', 'opened', 'beat', 'exited', 'retry', 'tick', 'stop'] as const;

/** What each input does in each phase: the phase after it, and the effects. `-` leaves everything as it is. */
const TABLE: readonly (readonly [string, Supervision, Readonly<Record<(typeof INPUTS)[number], string>>])[] =
  [
    [
      'idle',
      idle,
      {
        start: 'opening announce:starting spawn',
        opened: '-',
        beat: '-',
        exited: '-',
        retry: '-',
        tick: '-',
        stop: '-',
      },
    ],
    [
      'first opening',
      opening,
      {
        start: '-',
        opened: 'open announce:ready',
        beat: '-',
        exited: 'idle drop giveUp announce:stopped',
        retry: '-',
        tick: '-',
        stop: 'stopping close',
      },
    ],
    [
      'opening again',
      again,
      {
        start: '-',
        opened: 'open announce:ready',
        beat: '-',
        exited: 'waiting drop announce:down retryIn:400',
        retry: '-',
        tick: '-',
        stop: 'stopping close',
      },
    ],
    [
      'open',
      open,
      {
        start: '-',
        opened: '-',
        beat: '-',
        exited: 'waiting drop announce:down retryIn:200',
        retry: '-',
        tick: '-',
        stop: 'stopping close',
      },
    ],
    [
      'waiting',
      waiting,
      {
        start: '-',
        opened: '-',
        beat: '-',
        exited: '-',
        retry: 'opening spawn',
        tick: '-',
        stop: 'idle announce:stopped',
      },
    ],
    [
      'stopping',
      stopping,
      {
        start: '-',
        opened: '-',
        beat: '-',
        exited: 'idle drop announce:stopped',
        retry: '-',
        tick: '-',
        stop: '-',
      },
    ],
  ];

describe.each(TABLE)('%s', (_, state, row) => {
  test.each(INPUTS)('%s', (type) => {
    const step = supervise(state, { type }, 100);
    const effects = step.effects.map((effect) => {
      if (effect.type === 'announce') return `announce:${effect.state}`;
      return effect.type === 'retryIn' ? `retryIn:${effect.ms}` : effect.type;
    });
    const unchanged = step.state.phase === state.phase && effects.length === 0;
    expect(unchanged ? '-' : [step.state.phase, ...effects].join(' ')).toBe(row[type]);
  });
});

test('silence is a kill; a beat is not', () => {
  let state: Supervision = open;
  for (let now = 0; now <= SILENT_MS; now += TICK_MS) {
    const step = supervise(state, { type: 'tick' }, now);
    expect(step.effects).toEqual([]);
    state = step.state;
  }
  expect(supervise(state, { type: 'tick' }, SILENT_MS + TICK_MS).effects[0]?.type).toBe('kill');
  const beaten = supervise(state, { type: 'beat' }, SILENT_MS).state;
  expect(supervise(beaten, { type: 'tick' }, SILENT_MS + TICK_MS).effects).toEqual([]);
});

test('a server that slept itself does not blame the engine', () => {
  const late = supervise(open, { type: 'tick' }, SILENT_MS * 10);
  expect(late.effects).toEqual([]);
  expect(supervise(late.state, { type: 'tick' }, SILENT_MS * 10 + TICK_MS).effects).toEqual([]);
});

test('opening has its own patience', () => {
  expect(supervise(opening, { type: 'tick' }, OPENING_MS).effects).toEqual([]);
  expect(supervise(opening, { type: 'tick' }, OPENING_MS + 1).effects[0]?.type).toBe('kill');
});

test('the first restarts are at once, later ones back off to a limit, a long life forgives', () => {
  expect([0, 9, 10, 11, 12, 20].map(restartDelay)).toEqual([0, 0, 100, 200, 400, 10_000]);
  expect(supervise(open, { type: 'exited' }, 60_000).effects.at(-1)).toEqual({ type: 'retryIn', ms: 0 });
});

test('whatever happens, at most one process is alive and a stop ends it', () => {
  const inputs = fc.array(fc.tuple(fc.constantFrom(...INPUTS), fc.nat(10_000)), { maxLength: 60 });
  fc.assert(
    fc.property(inputs, (steps) => {
      let state: Supervision = idle;
      let alive = 0;
      let now = 0;
      const feed = (input: SupervisionInput): void => {
        const step = supervise(state, input, now);
        state = step.state;
        for (const effect of step.effects) if (effect.type === 'spawn') alive++;
        expect(alive).toBeLessThanOrEqual(1);
      };
      const deliver = (type: (typeof INPUTS)[number]): void => {
        if (type === 'exited') {
          if (alive === 0) return;
          alive = 0;
        }
        feed({ type });
      };
      for (const [type, wait] of steps) {
        now += wait;
        deliver(type);
      }
      deliver('stop');
      deliver('exited');
      expect([state.phase, alive]).toEqual(['idle', 0]);
    }),
  );
});
