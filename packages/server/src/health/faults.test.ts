import { describe, expect, it } from 'vitest';
import { type Calls, causesOf } from './dependencies.ts';
import type { Look } from './looks.ts';
import { type Figures, judgeFigures, type Objectives } from './objectives.ts';
import type { Signal } from './signal.ts';
import { breakerSignals } from './signals/breakers.ts';
import { errorSignals } from './signals/errors.ts';
import { judgeService } from './state.ts';

/**
 * The ten faults of the shop's controller as the sources see them 15 s in (figures of `npm run soak -- faults`): whom the
 * one answer names, why, and who suffers. The soak has the same on the page, with real services.
 */
const NOW = 1_000_000;
const LIMITS: Objectives = {
  window: 30_000,
  min_requests: 10,
  error_ratio: 0.05,
  unhealthy_error_ratio: 0.5,
  latency_p95: 1000,
  cpu_percent: 85,
  event_loop_lag: 500,
};
const USUAL: Figures = {
  requestRate: 4,
  recentRate: 4,
  errorRatio: 0,
  failedCallRate: null,
  refused: new Map(),
  p95: 0.05,
  cpuPercent: 5,
  memoryMb: 110,
  loopLag: 0.015,
  loopLagMost: 0.02,
  loopCpu: 4,
  databaseTime: 0.001,
};
const CALLS: Calls = new Map([
  ['gateway', new Set(['auth', 'order', 'catalog', 'user'])],
  ['order', new Set(['catalog', 'user'])],
]);
const SERVICES = ['gateway', 'auth', 'order', 'catalog', 'user'];

interface Seen {
  readonly figures?: Partial<Figures>;
  /** Looks at its metrics and its /health fail. */
  readonly dead?: boolean;
  readonly signals?: readonly Signal[];
}

const open = (owner: string, upstream: string): readonly Signal[] =>
  breakerSignals([
    {
      service: owner,
      reasons: [
        {
          state: 'OPEN',
          text: `the circuit breaker ${upstream}-client before ${upstream} is open on 1 of 1 instances`,
          since: null,
        },
      ],
    },
  ]).get(owner) ?? [];
const newError = (service: string, message: string): readonly Signal[] =>
  errorSignals([{ service, name: 'ShopError', message, why: 'new', count: 7, usual: 0, lastAt: NOW }]).get(
    service,
  ) ?? [];
const refused = (code: string, share: number): Partial<Figures> => ({ refused: new Map([[code, share]]) });

const FAULTS: readonly [
  kind: string,
  service: string,
  reason: RegExp,
  sufferers: readonly string[],
  seen: Readonly<Record<string, Seen>>,
][] = [
  [
    'dead_service',
    'user',
    /does not answer its metrics/,
    ['gateway', 'order'],
    {
      user: { dead: true },
      order: { signals: open('order', 'user') },
      gateway: { figures: { errorRatio: 0.2 }, signals: newError('gateway', 'the upstream answered 503') },
    },
  ],
  [
    'error_spike',
    'order',
    /17 % of its requests of the last 30 s failed/,
    ['gateway'],
    {
      order: { figures: { errorRatio: 0.17 }, signals: newError('order', 'unexpected failure') },
      gateway: { figures: { errorRatio: 0.04 }, signals: open('gateway', 'order') },
    },
  ],
  [
    'added_latency',
    'catalog',
    /take up to 2.1 s/,
    ['gateway', 'order'],
    {
      catalog: { figures: { p95: 2.1 } },
      order: { figures: { p95: 2.2 } },
      gateway: { figures: { p95: 2.1 } },
    },
  ],
  [
    'timeouts',
    'catalog',
    /the caller gave up/,
    ['gateway', 'order'],
    {
      catalog: { signals: newError('catalog', 'the caller gave up') },
      order: { signals: [...open('order', 'catalog'), ...newError('order', 'timed out after 2000 ms')] },
      gateway: { figures: { p95: 3 }, signals: newError('gateway', 'the upstream answered 504') },
    },
  ],
  [
    'slow_database',
    'user',
    /half of the accesses take 510 ms and more/,
    ['gateway'],
    { user: { figures: { databaseTime: 0.51 } }, gateway: { figures: { p95: 1.2 } } },
  ],
  ['cpu_burn', 'catalog', /58 % of a processor core/, [], { catalog: { figures: { cpuPercent: 58 } } }],
  [
    'cpu_burn of a busy machine',
    'catalog',
    /event loop lags, a tenth of it by 180 ms/,
    [],
    { catalog: { figures: { cpuPercent: 22, loopLag: 0.18, loopCpu: 15 } } },
  ],
  ['memory_leak', 'order', /145 MB of memory/, [], { order: { figures: { memoryMb: 145 } } }],
  ['auth_failure_storm', 'auth', /83 % .* refused with 401/, [], { auth: { figures: refused('401', 0.83) } }],
  [
    'bad_input',
    'order',
    /52 % .* refused with 400/,
    ['gateway'],
    { order: { figures: refused('400', 0.52) }, gateway: { figures: refused('400', 0.27) } },
  ],
  [
    'stock_exhaustion',
    'catalog',
    /15 % .* refused with 409/,
    ['order'],
    { catalog: { figures: refused('409', 0.15) }, order: { figures: refused('409', 0.38) } },
  ],
];

const look = (instance: string, ok: boolean): Look => ({
  instance,
  ok,
  inARow: 2,
  at: NOW,
  error: 'connection refused',
});

function judge(name: string, { figures, dead = false, signals = [] }: Seen) {
  const looks = [look(`${name}:1`, !dead)];
  const live = dead ? [] : judgeFigures({ ...USUAL, ...figures }, USUAL, LIMITS, NOW);
  return judgeService({ scrape: looks, poll: looks, report: null, signals: [...live, ...signals] }, NOW);
}

describe('a machine without processor to spare', () => {
  const starved = { loopLag: 0.35, loopLagMost: 0.4, loopCpu: 6, databaseTime: 0.3 };

  it('is no fault of the services on it, whose loops all lag', () => {
    for (const name of SERVICES) {
      const { status, reasons } = judge(name, { figures: starved });
      expect([name, status, reasons.map(({ severity }) => severity)]).toEqual([name, 'healthy', ['info']]);
      expect(reasons[0]?.message).toMatch(/it waits for its machine$/);
    }
  });

  it.each(FAULTS.filter(([kind]) => kind !== 'slow_database'))(
    'shows %s in %s all the same',
    (_kind, service, reason, sufferers, seen) => {
      const judged = new Map(
        SERVICES.map((name) => {
          const of = seen[name] ?? {};
          return [name, judge(name, { ...of, figures: { ...starved, ...of.figures } })];
        }),
      );
      const unwell = SERVICES.filter((name) => judged.get(name)?.status !== 'healthy');
      expect(unwell.toSorted()).toEqual([service, ...sufferers].toSorted());
      expect(
        judged
          .get(service)
          ?.reasons.map(({ message }) => message)
          .join('; '),
      ).toMatch(reason);
      expect(causesOf(service, judged, CALLS)).toEqual([]);
    },
  );
});

describe("the shop's faults", () => {
  it.each(FAULTS)('%s in %s', (_kind, service, reason, sufferers, seen) => {
    const judged = new Map(SERVICES.map((name) => [name, judge(name, seen[name] ?? {})]));
    const unwell = SERVICES.filter((name) => judged.get(name)?.status !== 'healthy');
    expect(unwell.toSorted()).toEqual([service, ...sufferers].toSorted());
    expect(judged.get(service)?.reasons[0]?.message).toMatch(reason);
    expect(causesOf(service, judged, CALLS)).toEqual([]);
    for (const sufferer of sufferers) expect(causesOf(sufferer, judged, CALLS)).toContain(service);
  });
});
