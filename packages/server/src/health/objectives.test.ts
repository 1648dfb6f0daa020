import { describe, expect, it } from 'vitest';
import { type Figures, judgeFigures, type Objectives } from './objectives.ts';

const LIMITS: Objectives = {
  window: 30_000,
  min_requests: 10,
  error_ratio: 0.05,
  unhealthy_error_ratio: 0.5,
  latency_p95: 1000,
  cpu_percent: 85,
  event_loop_lag: 500,
};
const figures = (extra: Partial<Figures> = {}): Figures => ({
  requestRate: 1,
  recentRate: 4,
  errorRatio: 0,
  failedCallRate: null,
  refused: new Map(),
  p95: 0.05,
  cpuPercent: 10,
  memoryMb: 100,
  loopLag: 0.012,
  loopLagMost: extra.loopLag ?? 0.012,
  loopCpu: 4,
  databaseTime: 0.001,
  ...extra,
});
const USUAL = figures({ refused: new Map([['404', 0.1]]) });

const worst = (now: Partial<Figures>, usual: Figures | null = USUAL): string => {
  const unwell = judgeFigures(figures(now), usual, LIMITS, 5).filter((one) => one.status !== 'healthy');
  return unwell.map((one) => `${one.kind} ${one.status}: ${one.message}`).join(' | ');
};

describe('judgeFigures', () => {
  it.each<[string, Partial<Figures>, string]>([
    ['no error', {}, ''],
    ['just below the limit of errors', { errorRatio: 0.0499 }, ''],
    [
      'at it',
      { errorRatio: 0.05 },
      'traffic degraded: 5.0 % of its requests of the last 30 s failed (limit 5.0 %)',
    ],
    ['just below half', { errorRatio: 0.499 }, 'traffic degraded: 50 % of'],
    [
      'half',
      { errorRatio: 0.5 },
      'traffic unhealthy: 50 % of its requests of the last 30 s failed (limit 50 %)',
    ],
    ['just below the limit of latency', { p95: 0.149 }, ''],
    ['slower than usual, but quick', { p95: 0.49 }, ''],
    [
      'three times usual and slow',
      { p95: 0.5 },
      'traffic degraded: 95 % of its requests take up to 500 ms (usually 50 ms)',
    ],
    ['slow for the only reason that it waits for its machine', { p95: 0.79, loopLag: 0.1, loopCpu: 3 }, ''],
    ['slow since it waited a moment ago', { p95: 0.79, loopLagMost: 0.1, loopCpu: 3 }, ''],
    ['slower than that', { p95: 0.8, loopLag: 0.1, loopCpu: 3 }, 'up to 800 ms (usually 50 ms)'],
    [
      'slow, while it is busy itself',
      { p95: 0.6, loopLag: 0.1, loopCpu: 60 },
      'up to 600 ms (usually 50 ms)',
    ],
    ['over the limit', { p95: 1 }, 'traffic degraded: 95 % of its requests take up to 1.0 s (limit 1.0 s)'],
    ['refusals below a tenth', { refused: new Map([['409', 0.09]]) }, ''],
    [
      'refusals at a tenth',
      { refused: new Map([['409', 0.1]]) },
      'traffic degraded: 10 % of its requests of the last 15 s were refused with 409 (usually 0.0 %)',
    ],
    ['four refusals', { recentRate: 1, refused: new Map([['409', 4 / 15]]) }, ''],
    [
      'five of them',
      { recentRate: 1, refused: new Map([['409', 5 / 15]]) },
      'traffic degraded: 33 % of its requests of the last 15 s were refused with 409',
    ],
    ['refusals as usual', { refused: new Map([['404', 0.29]]) }, ''],
    [
      'three times as many',
      { refused: new Map([['404', 0.31]]) },
      'traffic degraded: 31 % of its requests of the last 15 s were refused with 404 (usually 10 %)',
    ],
    [
      'a new kind of refusal',
      { refused: new Map([['401', 0.15]]) },
      'traffic degraded: 15 % of its requests of the last 15 s were refused with 401 (usually 0.0 %)',
    ],
    [
      'a busy core',
      { cpuPercent: 50 },
      'resources degraded: it takes 50 % of a processor core (usually 10 %)',
    ],
    ['less than a busy core', { cpuPercent: 49.9 }, ''],
    ['a loop that lags a little', { loopLag: 0.099, loopCpu: 90 }, ''],
    ['a loop that waits for its machine', { loopLag: 0.7, loopCpu: 11.9 }, ''],
    [
      'a loop that lags more than usual, in a process that takes more than usual',
      { loopLag: 0.1, loopCpu: 12 },
      'resources degraded: its event loop lags, a tenth of it by 100 ms and more (usually 12 ms)',
    ],
    [
      'a loop that lags, in a process of which nobody knows what it takes',
      { loopLag: 0.1, loopCpu: null },
      'resources degraded: its event loop lags, a tenth of it by 100 ms and more (usually 12 ms)',
    ],
    ['accesses to a database below a quarter of a second', { databaseTime: 0.249 }, ''],
    [
      'slow ones',
      { databaseTime: 0.5 },
      'resources degraded: its database is slow: half of the accesses take 500 ms and more (usually 1 ms)',
    ],
    [
      'ones that seem slow to who waits for its machine',
      { databaseTime: 0.5, loopLag: 0.26, loopCpu: 3 },
      '',
    ],
    ['memory as usual', { memoryMb: 131 }, ''],
    [
      'more memory',
      { memoryMb: 132 },
      'resources degraded: it holds 132 MB of memory (at most 100 MB usually)',
    ],
  ])('%s', (_name, now, expected) => {
    if (expected === '') expect(worst(now)).toBe('');
    else expect(worst(now)).toContain(expected);
  });

  it('knows limits alone before it knows what is usual', () => {
    expect(
      worst(
        {
          p95: 0.99,
          refused: new Map([['401', 0.49]]),
          cpuPercent: 84,
          loopLag: 0.49,
          loopCpu: 84,
          memoryMb: 5000,
        },
        null,
      ),
    ).toBe('');
    expect(worst({ cpuPercent: 85 }, null)).toContain('85 % of a processor core (limit 85 %)');
    expect(worst({ loopLag: 0.5, loopCpu: 50 }, null)).toContain('by 500 ms and more (limit 500 ms)');
    expect(worst({ loopLag: 0.5, loopCpu: 49, databaseTime: 3 }, null)).toBe('');
    expect(worst({ refused: new Map([['401', 0.5]]) }, null)).toContain('refused with 401');
  });

  it('says nothing of traffic on a few requests', () => {
    const few = judgeFigures(figures({ requestRate: 0.3, errorRatio: 1 }), USUAL, LIMITS, 5);
    expect(new Set(few.map((one) => one.kind))).toEqual(new Set(['resources']));
    expect(worst({ requestRate: 10 / 30, errorRatio: 1 })).toContain('unhealthy');
  });
});

it('says of a loop that waits for its machine so, and that its service is well', () => {
  const said = judgeFigures(figures({ loopLag: 0.18, loopCpu: 3 }), USUAL, LIMITS, 5);
  expect(said.filter(({ message }) => message !== '')).toEqual([
    {
      kind: 'resources',
      status: 'healthy',
      message:
        'its event loop lags, a tenth of it by 180 ms and more (usually 12 ms), while it takes 3 % of a processor core: it waits for its machine',
      at: 5,
    },
  ]);
});

it('says whether requests that miss the objective of latency wait for the machine', () => {
  const slow = (now: Partial<Figures>) => judgeFigures(figures({ p95: 1.2, ...now }), USUAL, LIMITS, 5)[1];
  expect(slow({ loopLag: 0.16, loopCpu: 3 })).toMatchObject({ status: 'degraded', isOfMachine: true });
  for (const now of [{ loopLag: 0.15, loopCpu: 3 }, { loopLag: 0.16, loopCpu: 30 }, {}])
    expect([now, slow(now)?.status, slow(now)?.isOfMachine]).toEqual([now, 'degraded', undefined]);
});

it('knows a process that is always busy by half a core', () => {
  const busy = figures({ loopCpu: 40 });
  expect(worst({ loopLag: 0.2, loopCpu: 49 }, busy)).toBe('');
  expect(worst({ loopLag: 0.2, loopCpu: 50 }, busy)).toContain('its event loop lags');
});

it.each<[string, Partial<Figures>, boolean]>([
  ['calls that nobody counts', { errorRatio: 0.3 }, false],
  ['as many calls that failed', { errorRatio: 0.3, failedCallRate: 0.3 }, false],
  ['more, since they were tried again', { errorRatio: 0.3, failedCallRate: 0.9 }, false],
  ['fewer calls that failed', { errorRatio: 0.3, failedCallRate: 0.1 }, true],
  ['none', { errorRatio: 0.3, failedCallRate: 0 }, true],
  ['some, and the rest is within the limit', { errorRatio: 0.3, failedCallRate: 0.26 }, false],
  ['none, and too few requests to tell', { errorRatio: 0.16, failedCallRate: 0 }, false],
])('knows whose failures they are by %s', (_name, now, isOwn) => {
  const [traffic] = judgeFigures(figures(now), USUAL, LIMITS, 5);
  expect(traffic?.isOwn === true).toBe(isOwn);
});
