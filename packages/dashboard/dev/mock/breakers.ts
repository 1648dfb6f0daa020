/** Made-up answers of `/api/v1/breakers…`; commands that are given hold until the server ends. */
import type { Scenario } from './world.ts';

export const BREAKERS_PATH = '/api/v1/breakers';

const ACTIONS = ['reset', 'force_open', 'force_closed', 'release'] as const;
const MINUTE_MS = 60_000;

interface Given {
  readonly id: string;
  readonly action: string;
  readonly service: string | null;
  readonly breaker: string | null;
  readonly instance: string | null;
  readonly reason: string;
  readonly at: number;
}

const counts = (requests: number, failures: number) => ({
  requests,
  total_successes: requests - failures,
  total_failures: failures,
  consecutive_successes: failures === 0 ? requests : 0,
  consecutive_failures: failures,
});

function ownersOf(scenario: Scenario): readonly (readonly [string, string])[] {
  if (scenario === 'empty') return [];
  const shop = [
    ['order', 'user'],
    ['order', 'catalog'],
    ['gateway', 'auth'],
    ['bank', 'ledger'],
  ] as const;
  if (scenario !== 'large') return shop;
  return Array.from({ length: 500 }, (_, i) => [`service-${i % 100}`, `upstream-${i}`] as const);
}

function fleet(scenario: Scenario, now: number, given: readonly Given[]) {
  const iso = (ago: number): string => new Date(now - ago).toISOString();
  const breakers = ownersOf(scenario).map(([service, upstream]) => {
    const name = `${upstream}-client`;
    const last = given.findLast((one) => one.service === service && one.breaker === name);
    const troubled = scenario === 'trouble' && upstream === 'user' && last === undefined;
    const held = last?.action === 'force_open' || last?.action === 'force_closed';
    const state = last?.action === 'force_open' || troubled ? 'OPEN' : 'CLOSED';
    const series = service === 'bank';
    const figures = troubled ? counts(40, 8) : counts(120, 0);
    const one = (instance: string, status: 'live' | 'left') => ({
      instance,
      version: '0.1.0',
      status,
      last_seen: series ? null : iso(status === 'live' ? 500 : 4 * MINUTE_MS),
      state: status === 'live' ? state : 'CLOSED',
      forced: held && status === 'live',
      forced_until: held ? new Date(now + 15 * MINUTE_MS).toISOString() : null,
      last_change: state === 'OPEN' ? iso(12 * MINUTE_MS) : null,
      counts: figures,
      commands: !series,
    });
    return {
      service,
      name,
      upstream,
      kind: series ? 'resilience4j' : 'pharos',
      source: series ? 'series' : 'channel',
      state,
      since: state === 'OPEN' ? iso(12 * MINUTE_MS) : null,
      forced: held,
      forced_until: null,
      counts: figures,
      actions: series ? [] : ACTIONS,
      settings: series ? {} : { failureThreshold: 5, timeout: 60_000 },
      instances: [one('host:1', 'live'), one('host:2', 'live'), one('host:0', 'left')],
    };
  });
  const worst = (b: (typeof breakers)[number]): number => (b.state === 'OPEN' ? 0 : 1);
  return {
    timestamp: iso(0),
    total: scenario === 'large' ? 1_200 : breakers.length,
    breakers: breakers.toSorted((a, b) => worst(a) - worst(b)),
    services: [],
  };
}

function history(scenario: Scenario, now: number) {
  const changes = scenario === 'empty' ? [] : [{ ago: 12, reason: 'tripped' }];
  return {
    partial: false,
    transitions: changes.map(({ ago, reason }) => ({
      at: new Date(now - ago * MINUTE_MS).toISOString(),
      service: 'order',
      name: 'user-client',
      instance: 'host:1',
      upstream: 'user',
      from: 'CLOSED',
      to: 'OPEN',
      reason,
      counts: counts(40, 8),
    })),
  };
}

const PROPOSAL = {
  service: 'order',
  name: 'user-client',
  setting: 'failureThreshold',
  current: 5,
  proposed: 10,
  why: '20 % of the calls fail on ordinary days; 5 failures in a row come by chance too often, 10 less than once in 90 days',
  evidence: {},
};

function text(body: unknown, name: string): string | null {
  const value: unknown = typeof body === 'object' && body !== null ? Reflect.get(body, name) : null;
  return typeof value === 'string' ? value : null;
}

export function createBreakers() {
  const given: Given[] = [];
  const commands = (now: number) =>
    given.toReversed().map(({ at, ...one }) => ({
      ...one,
      upstream: null,
      at: new Date(at).toISOString(),
      until: new Date(at + 15 * MINUTE_MS).toISOString(),
      active: now < at + 15 * MINUTE_MS,
      by: 'ada',
      targets: 2,
      applied: 2,
    }));
  return ({
    method,
    path,
    body,
    scenario,
  }: {
    method: string;
    path: string;
    body: unknown;
    scenario: Scenario;
  }) => {
    const now = Date.now();
    const ok = (answer: object) => ({ status: 200, body: answer });
    switch (path.slice(BREAKERS_PATH.length)) {
      case '':
        return ok(fleet(scenario, now, given));
      case '/history':
        return ok(history(scenario, now));
      case '/proposals':
        return ok({ window: '7d', proposals: scenario === 'trouble' ? [PROPOSAL] : [] });
      case '/commands': {
        if (method === 'GET') return ok({ commands: commands(now) });
        given.push({
          id: String(given.length),
          action: text(body, 'action') ?? 'reset',
          service: text(body, 'service'),
          breaker: text(body, 'breaker'),
          instance: text(body, 'instance'),
          reason: text(body, 'reason') ?? '',
          at: now,
        });
        return ok({ command: null, targets: [], total: 2 });
      }
      default:
        return { status: 404, body: { message: 'no such path' } };
    }
  };
}
