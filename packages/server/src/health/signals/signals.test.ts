import { describe, expect, it } from 'vitest';
import { judgeService } from '../state.ts';
import type { Status } from '../status.ts';
import { type BreakerStanding, breakerSignals } from './breakers.ts';
import { errorSignals, type StandingError } from './errors.ts';
import { eventSignal, type JudgedSource } from './events.ts';
import { type ProbeStanding, probeSignals } from './probes.ts';

const NOW = 1_000_000_000;
const shown = (signals: readonly { readonly status: Status; readonly message: string }[] | undefined) =>
  signals?.map(({ status, message }) => `${status} ${message}`.trim());

describe('breakerSignals', () => {
  const standing = (
    ...states: readonly (readonly [BreakerStanding['reasons'][number]['state'], string])[]
  ): BreakerStanding => ({
    service: 'order',
    reasons: states.map(([state, text]) => ({ state, text, since: '2026-01-01T00:00:00Z' })),
  });
  it.each<[string, BreakerStanding, string[]]>([
    ['all closed', standing(), ['healthy']],
    ['one open', standing(['OPEN', 'it is open']), ['degraded it is open']],
    ['one tries again', standing(['HALF_OPEN', 'it is half-open']), ['degraded it is half-open']],
    ['one held closed', standing(['CLOSED', 'it is held']), ['healthy']],
    ['two', standing(['OPEN', 'a'], ['OPEN', 'b']), ['degraded a', 'degraded b']],
  ])('%s', (_name, given, expected) => {
    expect(shown(breakerSignals([given]).get('order'))).toEqual(expected);
  });
});

describe('probeSignals', () => {
  const probe = (status: Status, more: Partial<ProbeStanding> = {}): ProbeStanding => ({
    name: 'shop front',
    type: 'http',
    service: 'gateway',
    status,
    reason: 'status 503, expected 200',
    paused: false,
    maintenance: false,
    last: { at: NOW },
    ...more,
  });
  it.each<[string, ProbeStanding, string[] | undefined]>([
    ['well', probe('healthy'), ['healthy']],
    ['down', probe('unhealthy'), ['unhealthy the http probe "shop front" fails: status 503, expected 200']],
    [
      'near a limit',
      probe('degraded', { reason: 'its certificate expires in 5 days' }),
      ['degraded the http probe "shop front" warns: its certificate expires in 5 days'],
    ],
    ['not looked at', probe('unknown'), ['unknown the http probe "shop front" has not looked yet']],
    ['paused', probe('unhealthy', { paused: true }), undefined],
    ['maintenance', probe('unhealthy', { maintenance: true }), undefined],
    ['of no service', probe('unhealthy', { service: undefined }), undefined],
    [
      'missing heartbeat',
      probe('unhealthy', { type: 'heartbeat', reason: 'nothing was heard since noon' }),
      ['unhealthy the heartbeat "shop front" is missing: nothing was heard since noon'],
    ],
    [
      'heartbeat to come',
      probe('unknown', { type: 'heartbeat' }),
      ['unknown the heartbeat "shop front" was not heard yet'],
    ],
  ])('%s', (_name, given, expected) => {
    expect(shown(probeSignals([given]).get('gateway'))).toEqual(expected);
  });

  it('keeps probes and heartbeats apart', () => {
    const signals = probeSignals([probe('healthy'), probe('healthy', { type: 'heartbeat' })]).get('gateway');
    expect(signals?.map(({ kind }) => kind)).toEqual(['probe', 'heartbeat']);
  });
});

describe('eventSignal', () => {
  const judged = (
    events: number,
    { criticals = 0, warnings = 0, age = 0 }: { criticals?: number; warnings?: number; age?: number },
  ): JudgedSource => ({
    source: 'order-service',
    recent: { events, criticals, warnings },
    lastCriticalAt: criticals > 0 ? NOW - age : null,
    lastWarningAt: warnings > 0 ? NOW - age : null,
    lastAt: NOW,
    recentIssues: ['order-service: total is negative'],
  });
  it.each<[string, JudgedSource, Status]>([
    ['no event lately', judged(0, {}), 'healthy'],
    ['all normal', judged(50, {}), 'healthy'],
    ['criticals below 5 %', judged(100, { criticals: 4 }), 'healthy'],
    ['criticals at 5 %', judged(100, { criticals: 5 }), 'degraded'],
    ['criticals below half', judged(101, { criticals: 50 }), 'degraded'],
    ['criticals at half', judged(100, { criticals: 50 }), 'unhealthy'],
    ['the only four', judged(4, { criticals: 4 }), 'degraded'],
    ['the only five', judged(5, { criticals: 5 }), 'unhealthy'],
    ['the last one just under half a minute ago', judged(5, { criticals: 5, age: 29_999 }), 'unhealthy'],
    ['the last one half a minute ago', judged(5, { criticals: 5, age: 30_000 }), 'healthy'],
    ['warnings below a quarter', judged(41, { warnings: 10 }), 'healthy'],
    ['warnings at a quarter', judged(40, { warnings: 10 }), 'degraded'],
    ['fewer warnings than ten', judged(9, { warnings: 9 }), 'healthy'],
    ['warnings of half a minute ago', judged(40, { warnings: 10, age: 30_000 }), 'healthy'],
  ])('%s', (_name, given, expected) => {
    const signal = eventSignal(given, NOW);
    expect(signal.status).toBe(expected);
    expect(signal.message === '').toBe(expected === 'healthy');
  });

  it('says how many, of how many, what the limit is and what was found', () => {
    expect(eventSignal(judged(40, { criticals: 4 }), NOW).message).toBe(
      '4 of its 40 events of the last two minutes were judged CRITICAL (limit 5 %); last found: order-service: total is negative',
    );
  });
});

describe('errorSignals', () => {
  const error = (more: Partial<StandingError> = {}): StandingError => ({
    service: 'order',
    name: 'TypeError',
    message: 'x is undefined',
    why: 'new',
    count: 7,
    usual: 0,
    lastAt: NOW,
    ...more,
  });
  it.each<[string, Partial<StandingError>, string]>([
    ['new', {}, 'degraded a new error, 7 times in the last minutes: TypeError: x is undefined'],
    [
      'back',
      { why: 'regressed', count: 1 },
      'degraded an error that was resolved is back, 1 time in the last minutes: TypeError: x is undefined',
    ],
    [
      'rising',
      { why: 'rising', count: 50, usual: 4 },
      'degraded an error rises, 50 times in the last minutes (usually 4): TypeError: x is undefined',
    ],
  ])('%s', (_name, more, expected) => {
    expect(shown(errorSignals([error(more)]).get('order'))).toEqual([expected]);
  });

  it('names the three most frequent groups and counts the rest', () => {
    const errors = [1, 9, 5, 3, 2].map((count) => error({ count, name: `E${count}` }));
    const messages = errorSignals(errors)
      .get('order')
      ?.map(({ message }) => message);
    expect(messages?.slice(0, 3).map((text) => /E\d/.exec(text)?.[0])).toEqual(['E9', 'E5', 'E3']);
    expect(messages?.[3]).toBe('2 more groups of errors are new, are back or rise');
    expect(errorSignals([]).size).toBe(0);
  });
});

/** Rows of the table in docs/health.md whose state is told by what other parts of Pharos see, as those parts say it. */
describe('what the sources say in the one answer', () => {
  const scrape = [{ instance: 'a:1', ok: true, inARow: 1, at: NOW }];
  const breaker = (state: 'CLOSED' | 'OPEN') =>
    breakerSignals([{ service: 'order', reasons: [{ state, text: 'open', since: null }] }]);
  const probe = (status: Status, type = 'http') =>
    probeSignals([
      {
        name: 'p',
        type,
        service: 'order',
        status,
        reason: 'r',
        paused: false,
        maintenance: false,
        last: null,
      },
    ]);
  const events = (criticals: number) =>
    new Map([
      [
        'order',
        [
          eventSignal(
            {
              source: 'order',
              recent: { events: 10, warnings: 0, criticals },
              lastCriticalAt: NOW,
              lastWarningAt: null,
              lastAt: NOW,
              recentIssues: [],
            },
            NOW,
          ),
        ],
      ],
    ]);
  const errors = (many: number) =>
    errorSignals(
      Array.from({ length: many }, () => ({
        service: 'order',
        name: 'E',
        message: 'm',
        why: 'new' as const,
        count: 5,
        usual: 0,
        lastAt: NOW,
      })),
    );
  const WEIGHT: Readonly<Record<Status, number>> = { unknown: 0, healthy: 1, degraded: 2, unhealthy: 3 };
  const STATES: readonly Status[] = ['unknown', 'healthy', 'degraded', 'unhealthy'];
  /** What each says, and how bad that alone is. */
  const ROWS = {
    breaker: [
      [breaker('CLOSED'), 'healthy'],
      [breaker('OPEN'), 'degraded'],
    ],
    probe: [
      [probe('unknown'), 'unknown'],
      [probe('healthy'), 'healthy'],
      [probe('degraded'), 'degraded'],
      [probe('unhealthy'), 'unhealthy'],
    ],
    heartbeat: [
      [probe('healthy', 'heartbeat'), 'healthy'],
      [probe('unhealthy', 'heartbeat'), 'unhealthy'],
    ],
    events: [
      [events(0), 'healthy'],
      [events(1), 'degraded'],
      [events(5), 'unhealthy'],
    ],
    errors: [
      [errors(0), 'unknown'],
      [errors(1), 'degraded'],
      [errors(9), 'degraded'],
    ],
  } as const satisfies Record<string, readonly (readonly [ReturnType<typeof breaker>, Status])[]>;

  it('holds for every state of every source beside every state of the others', () => {
    let cases = 0;
    for (const a of ROWS.breaker)
      for (const b of ROWS.probe)
        for (const c of ROWS.heartbeat)
          for (const d of ROWS.events)
            for (const e of ROWS.errors)
              for (const looks of [[], scrape]) {
                const rows = [a, b, c, d, e];
                const heaviest = Math.max(...rows.map(([, status]) => WEIGHT[status]), looks.length);
                const signals = rows.flatMap(([said]) => [...(said.get('order') ?? [])]);
                const judged = judgeService({ scrape: looks, poll: [], report: null, signals }, NOW);
                expect(judged.status).toBe(STATES[heaviest]);
                expect(judged.status === 'healthy' || judged.reasons.length > 0).toBe(true);
                cases++;
              }
    expect(cases).toBe(2 * 4 * 2 * 3 * 3 * 2);
  });
});
