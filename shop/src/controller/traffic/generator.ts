import type { Clock, Random } from '../../shared/clock.ts';
import { iso } from '../../shared/clock.ts';
import type { AskShop } from './gateway-client.ts';
import type { TrafficMode, TrafficPlan } from './modes.ts';
import { createArrivals, rateAt } from './modes.ts';
import type { Shopper } from './shopper.ts';
import { createShopper, pickAction } from './shopper.ts';

const TICK_MS = 100;
/** A tick that comes late (a busy machine, a suspended one) is not made up for beyond this. */
const MAX_ELAPSED_SECONDS = 1;
/** More requests than this are never on their way at once; further arrivals are dropped and counted. */
const MAX_IN_FLIGHT = 64;

export interface TrafficSettings extends TrafficPlan {
  readonly users: number;
}

interface TrafficStatus {
  readonly mode: TrafficMode;
  readonly rate: number;
  readonly period_seconds: number;
  readonly users: number;
  readonly current_rate: number;
  readonly in_flight: number;
  readonly signed_in_users: number;
  readonly sent_total: number;
  readonly dropped_total: number;
  readonly by_status: Readonly<Record<StatusClass, number>>;
  readonly by_action: Readonly<Record<string, number>>;
  /** Requests sent to the gateway, by method and path. */
  readonly by_request: Readonly<Record<string, number>>;
  readonly since: string;
}

const STATUS_CLASSES = ['2xx', '4xx', '5xx', 'failed'] as const;
type StatusClass = (typeof STATUS_CLASSES)[number];

export interface TrafficGenerator {
  /** Changes what is given, at once. */
  change(settings: Partial<TrafficSettings>): TrafficStatus;
  status(): TrafficStatus;
  /** The access token of somebody who is signed in; null when nobody is. */
  someToken(): string | null;
  stop(): void;
}

export interface TrafficDeps {
  readonly ask: AskShop;
  readonly clock: Clock;
  readonly random: Random;
  readonly secret: string;
  /** Whether the shop lets people in; nobody comes before. */
  readonly open: () => boolean;
}

export function createTrafficGenerator(deps: TrafficDeps, initial: TrafficSettings): TrafficGenerator {
  const { clock, random } = deps;
  const arrivals = createArrivals(random);
  const since = iso(clock.now());
  const counts = { sent: 0, dropped: 0, inFlight: 0 };
  const byStatus = { '2xx': 0, '4xx': 0, '5xx': 0, failed: 0 };
  const byAction = new Map<string, number>();
  const byRequest = new Map<string, number>();
  const ask: AskShop = (request) => {
    const route = `${request.method} ${request.path.split('?', 1)[0]}`;
    byRequest.set(route, (byRequest.get(route) ?? 0) + 1);
    return deps.ask(request);
  };
  const shoppers: Shopper[] = [];
  let settings = initial;
  let planStart = clock.monotonic();
  let last = planStart;

  const rateNow = (): number => rateAt(settings, (clock.monotonic() - planStart) / 1000);
  const active = (): Shopper[] => {
    while (shoppers.length < settings.users) {
      shoppers.push(
        createShopper({ ...deps, ask }, `shopper-${String(shoppers.length + 1).padStart(2, '0')}`),
      );
    }
    return shoppers.slice(0, settings.users);
  };
  const visit = async (): Promise<void> => {
    const crowd = active();
    const shopper = crowd[Math.floor(random() * crowd.length)];
    if (shopper === undefined) return;
    counts.inFlight++;
    try {
      const { action, answer } = await shopper.act(pickAction(random));
      byStatus[classOf(answer.status)]++;
      byAction.set(action, (byAction.get(action) ?? 0) + 1);
    } finally {
      counts.inFlight--;
    }
  };
  const timer = clock.every(TICK_MS, () => {
    const now = clock.monotonic();
    const elapsed = Math.min(MAX_ELAPSED_SECONDS, (now - last) / 1000);
    last = now;
    if (!deps.open()) return;
    for (let arrived = arrivals(rateNow(), elapsed); arrived > 0; arrived--) {
      if (counts.inFlight >= MAX_IN_FLIGHT) {
        counts.dropped++;
        continue;
      }
      counts.sent++;
      void visit();
    }
  });
  const status = (): TrafficStatus => ({
    mode: settings.mode,
    rate: settings.rate,
    period_seconds: settings.periodSeconds,
    users: settings.users,
    current_rate: Math.round(rateNow() * 100) / 100,
    in_flight: counts.inFlight,
    signed_in_users: shoppers.filter((shopper) => shopper.signedIn).length,
    sent_total: counts.sent,
    dropped_total: counts.dropped,
    by_status: { ...byStatus },
    by_action: Object.fromEntries(byAction),
    by_request: Object.fromEntries(byRequest),
    since,
  });
  return {
    status,
    change(changed) {
      const restarts = changed.mode !== undefined || changed.periodSeconds !== undefined;
      settings = { ...settings, ...changed };
      if (restarts) planStart = clock.monotonic();
      return status();
    },
    someToken: () => shoppers.find((shopper) => shopper.signedIn)?.token ?? null,
    stop: () => timer.cancel(),
  };
}

function classOf(status: number): StatusClass {
  if (status === 0) return 'failed';
  if (status >= 500) return '5xx';
  return status >= 400 ? '4xx' : '2xx';
}
